/* The stream that this participant sends: PCM through Opus and RTP into SRTP. The set-up thread opens, re-keys
 * and closes it; the audio thread does the rest. */
#ifndef OUTGOING_H
#define OUTGOING_H

#include "handover.h"
#include "rtp.h"

#include <opus/opus.h>

struct outgoing {
	uint32_t ssrc;
	uint64_t first, next; /* extended sequence numbers */
	uint64_t switched;    /* the first under the current key */
	uint32_t octets;      /* of payload */
	struct handover keys;
	struct protection *context;
	OpusEncoder *encoder;
};

struct outgoing *outgoing_open(uint32_t ssrc, uint64_t first, const struct stream_key *key);
/* When the audio thread has ended. */
void outgoing_close(struct outgoing *out);
/* Hands over a context under another key. */
void outgoing_rekey(struct outgoing *out, const struct stream_key *key);

/* The size of the protected packet. */
size_t outgoing_frame(struct outgoing *out, const int16_t *pcm, uint8_t packet[RTP_MAX_PACKET]);

#endif
