/* Packets from the audio thread for the set-up thread, in their order: one writer, one reader, and neither
 * waits for the other. */
#ifndef RING_H
#define RING_H

#include "rtp.h"

#include <netinet/in.h>
#include <stdatomic.h>

#define RING_PACKETS 512

struct packet {
	uint64_t at; /* ns since 1970 */
	uint32_t size;
	uint8_t bytes[RTP_MAX_PACKET];
};

struct ring {
	struct packet packets[RING_PACKETS];
	atomic_size_t put, taken; /* how many */
};

/* False: it is full. */
bool ring_put(struct ring *ring, const struct packet *packet);
/* False: it is empty. */
bool ring_take(struct ring *ring, struct packet *packet);

#endif
