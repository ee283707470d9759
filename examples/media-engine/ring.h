/* Packets from the audio thread for the set-up thread, in their order: one writer, one reader, and neither
 * waits for the other. */
#ifndef RING_H
#define RING_H

#include "rtp.h"

#include <stdatomic.h>

#define RING_PACKETS 2048

enum purpose {
	CONTROL, /* RTCP that arrived */
	VIDEO,   /* RTP of video that arrived */
	UNKNOWN, /* RTP that arrived, of audio, of a sender that the audio thread does not know */
	HEARD,   /* other audio that arrived: only for a capture */
	SENT,    /* audio that was sent: only for a capture */
};

struct packet {
	uint64_t at;   /* ns since 1970 */
	enum purpose purpose;
	uint16_t port; /* of the other end */
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
