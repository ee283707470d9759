#include "control.h"
#include "call.h"

#include <string.h>

void control_out_close(struct control_out *out)
{
	protection_close(out->context);
	memset(out, 0, sizeof *out);
}

void control_in_close(struct control_in *in)
{
	protection_close(in->current);
	protection_close(in->old);
	memset(in, 0, sizeof *in);
}

void control_rekey(struct control_in *in, const struct stream_key *key)
{
	protection_close(in->old);
	in->old = in->current;
	in->current = protection_open(in->old->ssrc, key);
}

void control_end_overlap(struct control_in *in)
{
	protection_close(in->old);
	in->old = NULL;
}

size_t control_write(struct control_out *out, struct report *report, const struct figures *figures,
                     const char *name, uint8_t packet[RTP_MAX_PACKET])
{
	uint64_t packets = figures->sent.next - figures->sent.first;
	int n;

	report->ssrc = out->context->ssrc;
	report->ntp = rtcp_ntp_time(call_now());
	report->timestamp = (uint32_t)(packets * RTP_TICKS);
	report->packets = (uint32_t)packets;
	report->octets = figures->sent.octets;
	n = (int)rtcp_write(packet, report, name);
	protection_must(srtp_protect_rtcp(out->context->srtp, packet, &n), "protect RTCP");
	out->reports++;
	return (size_t)n;
}

/* Round trip: RFC 3550 section 6.4.1. */
static void note_block(struct control_in *in, const struct report_block *block, uint64_t at)
{
	uint32_t now = (uint32_t)(rtcp_ntp_time(at) >> 16);
	int32_t trip = (int32_t)(now - block->last_report - block->delay); /* of 1/65536 s */

	in->told = *block;
	/* All three are rounded down, so the result can be just below 0. */
	if (block->last_report != 0 && trip > 0)
		in->round_trip = (uint32_t)((uint64_t)trip * 1000000 / 65536);
}

static int open_packet(const struct protection *context, const uint8_t *packet, size_t n,
                       uint8_t *out)
{
	int size = (int)n;

	if (context == NULL)
		return -1;
	memcpy(out, packet, n);
	return srtp_unprotect_rtcp(context->srtp, out, &size) == srtp_err_status_ok ? size : -1;
}

void control_read(struct control_in *in, const uint8_t *packet, size_t n, uint64_t at,
                  uint32_t own_ssrc)
{
	uint8_t plain[RTP_MAX_PACKET];
	struct report report;
	unsigned i;
	int size;

	if (n > sizeof plain)
		return;
	size = open_packet(in->current, packet, n, plain);
	if (size < 0)
		size = open_packet(in->old, packet, n, plain);
	if (size < 0 || !rtcp_read(&report, plain, (size_t)size) || report.ssrc != in->current->ssrc)
		return;
	in->reports++;
	in->last_report = (uint32_t)(report.ntp >> 16);
	in->last_report_at = at;
	in->bye = in->bye || report.bye;
	for (i = 0; i < report.n_blocks; i++)
		if (report.blocks[i].ssrc == own_ssrc)
			note_block(in, &report.blocks[i], at);
}

/* RFC 3550 section 6.4.1 and appendix A.3. */
void control_describe(struct control_in *in, const struct reception *heard, struct report_block *out)
{
	uint64_t all = heard->started ? heard->highest - heard->first + 1 : 0;
	uint64_t expected = all - in->expected_before;
	uint64_t arrived = heard->authentic - in->authentic_before;

	memset(out, 0, sizeof *out);
	out->ssrc = in->current->ssrc;
	if (expected > arrived)
		out->fraction_lost = (uint8_t)((expected - arrived) * 255 / expected);
	out->lost = (uint32_t)figures_lost(heard);
	out->highest = (uint32_t)heard->highest;
	out->jitter = heard->jitter;
	if (in->last_report != 0) {
		out->last_report = in->last_report;
		out->delay = (uint32_t)((call_now() - in->last_report_at) * 65536 / 1000000000u);
	}
	in->expected_before = all;
	in->authentic_before = heard->authentic;
}
