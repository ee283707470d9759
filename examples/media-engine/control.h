/*
 * RTCP under SRTCP. It needs no deadline, so it is the set-up thread's, with libsrtp contexts of its own: one
 * context is for one thread.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "figures.h"
#include "protection.h"
#include "rtcp.h"
#include "rtp.h"

/* Our reports. */
struct control_out {
	struct protection *context; /* NULL: not yet */
	uint32_t reports;           /* packets sent */
};

/* Another participant's. */
struct control_in {
	struct protection *current, *old; /* old: during the overlap */
	uint32_t reports;         /* packets authenticated */
	struct report_block told; /* its sender's last report about our own stream */
	uint32_t round_trip;      /* us, from that */
	bool bye;
	uint32_t last_report;
	uint64_t last_report_at;  /* call_now */
	uint64_t expected_before, authentic_before;
};

void control_out_close(struct control_out *out);
/* The size of the protected packet. figures: of the stream that it reports. */
size_t control_write(struct control_out *out, struct report *report, const struct figures *figures,
                     const char *name, uint8_t packet[RTP_MAX_PACKET]);

void control_in_close(struct control_in *in);
void control_rekey(struct control_in *in, const struct stream_key *key);
void control_end_overlap(struct control_in *in);
/* at: its arrival; own_ssrc: of our stream, which reports may be about. */
void control_read(struct control_in *in, const uint8_t *packet, size_t n, uint64_t at,
                  uint32_t own_ssrc);
/* Our report about its stream, of which heard tells. */
void control_describe(struct control_in *in, const struct reception *heard, struct report_block *out);

#endif
