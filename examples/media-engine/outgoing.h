/* The stream that this participant sends: PCM through Opus and RTP into SRTP. */
#ifndef OUTGOING_H
#define OUTGOING_H

#include "keys.h"
#include "rtcp.h"
#include "rtp.h"

#include <opus/opus.h>
#include <srtp2/srtp.h>

struct outgoing {
	uint32_t ssrc;
	uint64_t first, next; /* extended sequence numbers */
	uint32_t octets;      /* of payload */
	uint32_t reports;     /* RTCP packets sent */
	srtp_t srtp;
	OpusEncoder *encoder;
};

void outgoing_open(struct outgoing *out, uint32_t ssrc, uint64_t first, const struct stream_key *key);
void outgoing_close(struct outgoing *out);
void outgoing_rekey(struct outgoing *out, const struct stream_key *key);

/* Each returns the size of the protected packet. */
size_t outgoing_frame(struct outgoing *out, const int16_t *pcm, uint8_t packet[RTP_MAX_PACKET]);
size_t outgoing_report(struct outgoing *out, struct report *report, const char *name,
                       uint8_t packet[RTP_MAX_PACKET]);

#endif
