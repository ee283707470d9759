/* What the threads tell about their streams. */
#ifndef FIGURES_H
#define FIGURES_H

#include "keys.h"

#define PEERS 2 /* other participants */

struct reception {
	bool started;            /* a packet was authenticated */
	uint64_t first, highest; /* extended sequence numbers */
	uint64_t received, authentic, refused, late, overlap; /* packets */
	uint64_t played;         /* frames */
	uint32_t jitter;         /* RTP ticks */
	uint32_t roc, epoch;
	uint8_t fingerprint[FINGERPRINT_BYTES];
};

/* What the set-up thread tells of video. */
struct video {
	uint64_t received, authentic, refused; /* packets */
	uint64_t pictures, shown;              /* shown: opened, and what the camera saw */
	uint32_t epoch;
	uint8_t fingerprint[FINGERPRINT_BYTES];
};

struct figures {
	uint64_t frame; /* the next one */
	bool ended;     /* all frames are sent */
	uint64_t untold; /* packets that the ring had no room for */
	struct {
		uint64_t next, first, switched; /* extended sequence numbers; switched: first under the key */
		uint32_t octets, epoch;
		uint64_t to[PEERS]; /* packets */
		bool started;
	} sent;
	struct reception heard[PEERS];
};

uint64_t figures_lost(const struct reception *heard);

#endif
