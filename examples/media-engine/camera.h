/*
 * Our video: each picture is sealed as an SFrame frame, which a relay cannot open even if it has the SRTP keys, then cut
 * into RTP packets under SRTP with the SSRC of video. A picture has no deadline of some milliseconds, so this is the
 * set-up thread's, and may call into libcallkey for each one.
 */
#ifndef CAMERA_H
#define CAMERA_H

#include "keys.h"
#include "picture.h"
#include "protection.h"
#include "rtp.h"

#define CAMERA_PAYLOAD 1100 /* bytes in a packet */
#define CAMERA_PACKETS 4    /* of a picture, at most */
#define CAMERA_FRAME_MAX (PICTURE_MAX + SEAL_OVERHEAD)

struct camera {
	struct protection *context; /* NULL: no camera */
	struct frame_key key;
	uint64_t pictures;          /* sent; also SFrame's counter, which is never used twice */
	uint16_t next;              /* sequence number; in this call it does not wrap */
};

struct shot {
	unsigned n;
	struct {
		size_t size;
		uint8_t bytes[RTP_MAX_PACKET];
	} packets[CAMERA_PACKETS];
};

void camera_open(struct camera *camera, uint32_t ssrc, const struct stream_key *key,
                 const struct frame_key *frames);
void camera_close(struct camera *camera);
void camera_rekey(struct camera *camera, const struct stream_key *key, const struct frame_key *frames);

void camera_shoot(struct camera *camera, struct shot *out);

#endif
