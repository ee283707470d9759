#include "ring.h"

#include <string.h>

static void copy(struct packet *out, const struct packet *packet)
{
	memcpy(out, packet, offsetof(struct packet, bytes) + packet->size);
}

bool ring_put(struct ring *ring, const struct packet *packet)
{
	size_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);

	if (put - atomic_load_explicit(&ring->taken, memory_order_acquire) == RING_PACKETS)
		return false;
	copy(&ring->packets[put % RING_PACKETS], packet);
	atomic_store_explicit(&ring->put, put + 1, memory_order_release);
	return true;
}

bool ring_take(struct ring *ring, struct packet *packet)
{
	size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);

	if (taken == atomic_load_explicit(&ring->put, memory_order_acquire))
		return false;
	copy(packet, &ring->packets[taken % RING_PACKETS]);
	atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
	return true;
}
