/* Another participant's video, of the set-up thread: RTP packets out of SRTP, put together to SFrame frames, opened and
 * compared with what the camera saw. */
#ifndef SCREEN_H
#define SCREEN_H

#include "camera.h"
#include "figures.h"

struct screen {
	uint32_t ssrc;
	struct protection *current, *old; /* old: during the overlap */
	struct frame_key key, old_key;
	struct video figures;

	uint8_t frame[CAMERA_FRAME_MAX];  /* as far as it has come */
	size_t size;
	bool broken;                      /* a packet of it is missing */
	uint16_t next;                    /* sequence number */
	uint64_t shown;                   /* number of the next picture: an older one is a replay */
};

void screen_open(struct screen *screen, uint32_t ssrc, const struct stream_key *key,
                 const struct frame_key *frames);
void screen_close(struct screen *screen);
void screen_rekey(struct screen *screen, const struct stream_key *key, const struct frame_key *frames);
void screen_end_overlap(struct screen *screen);

void screen_packet(struct screen *screen, const uint8_t *packet, size_t n);

#endif
