/*
 * A stream from another participant: from SRTP back to PCM.
 *
 * During a change of key a receiver has two contexts, because the sender's last packets under the old
 * key may arrive late. It tries each packet with the new context, then with the old one, for one second
 * after the first packet under the new key.
 */
#ifndef INCOMING_H
#define INCOMING_H

#include "call.h"
#include "keys.h"
#include "rtcp.h"

#include <opus/opus.h>
#include <srtp2/srtp.h>

struct incoming {
	uint32_t ssrc;
	bool started;            /* a packet was authenticated */
	uint64_t first, highest; /* extended sequence numbers */

	srtp_t srtp, old, unchecked; /* old: during the overlap; unchecked: see incoming_distrust */
	bool settled;                /* a packet was authenticated under the current key */
	uint64_t switched;           /* the first of these */
	uint8_t fingerprint[FINGERPRINT_BYTES];
	uint32_t epoch;

	uint64_t received, authentic, refused, late, overlap; /* packets */

	OpusDecoder *decoder;
	int16_t *pcm;
	size_t frames, room; /* played, and at most */

	uint32_t reports;         /* RTCP packets authenticated */
	struct report_block told; /* its sender's last report about our own stream */
	uint32_t round_trip;      /* us, from that */
	bool bye;
	uint32_t last_report, transit;
	uint64_t last_report_at; /* call_clock */
	double jitter;           /* RTP ticks */
	uint64_t expected_before, authentic_before;
};

void incoming_open(struct incoming *in, uint32_t ssrc, uint64_t index, size_t frames,
                   const struct stream_key *key);
void incoming_close(struct incoming *in);

/* For a stream joined late: any recent extended sequence number. */
void incoming_follow(struct incoming *in, uint64_t index);

/* Packets under the current key are accepted until the overlap ends. */
void incoming_rekey(struct incoming *in, const struct stream_key *key);

/* Also play rejected packets, like an engine that does not check tags. */
void incoming_distrust(struct incoming *in, const struct stream_key *key);

/* now is in ns of media, for the jitter. */
void incoming_rtp(struct incoming *in, const uint8_t *packet, size_t n, uint64_t now);
/* own_ssrc: of our stream, which reports may be about. */
void incoming_rtcp(struct incoming *in, const uint8_t *packet, size_t n, uint32_t own_ssrc);

/* Our report to the sender. */
void incoming_describe(struct incoming *in, struct report_block *out);
uint64_t incoming_lost(const struct incoming *in);
uint32_t incoming_roc(const struct incoming *in);

#endif
