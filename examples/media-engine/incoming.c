#include "incoming.h"
#include "protection.h"
#include "rtp.h"

#include <stdlib.h>
#include <string.h>

#define OVERLAP_PACKETS FRAMES_PER_SECOND
#define LONGEST_FRAME (SAMPLE_RATE * 120 / 1000) /* samples, RFC 6716 section 2.1.4 */

static void use_key(struct incoming *in, const struct stream_key *key)
{
	in->srtp = protection_open(in->ssrc, key);
	in->settled = false;
	memcpy(in->fingerprint, key->fingerprint, sizeof in->fingerprint);
	in->epoch = key->epoch;
}

void incoming_open(struct incoming *in, uint32_t ssrc, uint64_t index, size_t frames,
                   const struct stream_key *key)
{
	int error;

	memset(in, 0, sizeof *in);
	in->ssrc = ssrc;
	in->highest = index;
	in->room = frames;
	use_key(in, key);
	in->decoder = opus_decoder_create(SAMPLE_RATE, 1, &error);
	in->pcm = calloc(frames, FRAME_SAMPLES * sizeof *in->pcm);
	if (error != OPUS_OK || in->pcm == NULL)
		give_up("no Opus decoder: %s", opus_strerror(error));
}

void incoming_close(struct incoming *in)
{
	protection_close(in->srtp);
	protection_close(in->old);
	protection_close(in->unchecked);
	if (in->decoder != NULL)
		opus_decoder_destroy(in->decoder);
	free(in->pcm);
	memset(in, 0, sizeof *in);
}

void incoming_follow(struct incoming *in, uint64_t index)
{
	if (!in->started)
		in->highest = index;
}

void incoming_rekey(struct incoming *in, const struct stream_key *key)
{
	protection_close(in->old);
	in->old = in->srtp;
	use_key(in, key);
}

void incoming_distrust(struct incoming *in, const struct stream_key *key)
{
	in->unchecked = protection_open_unchecked(in->ssrc, key);
}

/* Puts one Opus frame into its place; conceals missing frames before it (RFC 6716 section 4.4). */
static void play(struct incoming *in, uint64_t index, const uint8_t *payload, size_t n)
{
	int16_t frame[LONGEST_FRAME];
	uint64_t place = index - in->first;

	if (index < in->first || place >= in->room || place < in->frames) {
		in->late++;
		return;
	}
	while (in->frames <= place) {
		bool here = in->frames == place;
		int samples = opus_decode(in->decoder, here ? payload : NULL, here ? (opus_int32)n : 0,
		                          frame, here ? LONGEST_FRAME : FRAME_SAMPLES, 0);

		/* Opus decodes noise as noise, or fails. */
		if (samples < 0)
			memset(frame, 0, sizeof frame);
		memcpy(in->pcm + in->frames * FRAME_SAMPLES, frame, FRAME_SAMPLES * sizeof *frame);
		in->frames++;
	}
}

/* libsrtp works in place, so each try has its own copy of the packet. */
static int open_packet(srtp_t context, const uint8_t *packet, size_t n, uint8_t *out)
{
	int size = (int)n;

	memcpy(out, packet, n);
	return srtp_unprotect(context, out, &size) == srtp_err_status_ok ? size : -1;
}

static int try_keys(struct incoming *in, const uint8_t *packet, size_t n, uint64_t index,
                    uint8_t *out)
{
	int size;

	/* A context that has not authenticated a packet does not know the ROC. The tag depends on it, so a
	 * stream that continues under a new key, or is joined late, needs the right one. */
	if (!in->settled)
		protection_set_roc(in->srtp, in->ssrc, (uint32_t)(index >> 16));
	size = open_packet(in->srtp, packet, n, out);
	if (size >= 0 && !in->settled) {
		in->settled = true;
		in->switched = index;
	}
	if (size < 0 && in->old != NULL) {
		size = open_packet(in->old, packet, n, out);
		if (size >= 0)
			in->overlap++;
	}
	if (in->old != NULL && in->settled && index > in->switched + OVERLAP_PACKETS) {
		protection_close(in->old);
		in->old = NULL;
	}
	return size;
}

/* RFC 3550 appendix A.8. */
static void measure_jitter(struct incoming *in, uint32_t timestamp, uint64_t now)
{
	uint32_t transit = (uint32_t)(now * 48 / 1000000) - timestamp;
	int32_t change = (int32_t)(transit - in->transit);

	if (in->started)
		in->jitter += ((change < 0 ? -(double)change : change) - in->jitter) / 16;
	in->transit = transit;
}

void incoming_rtp(struct incoming *in, const uint8_t *packet, size_t n, uint64_t now)
{
	uint8_t plain[RTP_MAX_PACKET];
	struct rtp_header header;
	uint64_t index;
	int size;

	if (n > sizeof plain || !rtp_read_header(&header, packet, n) || header.ssrc != in->ssrc)
		return;
	in->received++;
	index = rtp_index(in->highest, header.sequence);
	size = try_keys(in, packet, n, index, plain);
	if (size < 0) {
		in->refused++;
		if (in->unchecked == NULL || n < RTP_HEADER_BYTES + RTP_TAG_BYTES)
			return;
		size = open_packet(in->unchecked, packet, n - RTP_TAG_BYTES, plain);
		if (size < 0)
			return;
		if (in->frames == 0)
			in->first = index;
	} else {
		measure_jitter(in, header.timestamp, now);
		in->authentic++;
		if (!in->started) {
			in->started = true;
			in->first = in->highest = index;
		}
	}
	if (index > in->highest)
		in->highest = index;
	play(in, index, plain + RTP_HEADER_BYTES, (size_t)size - RTP_HEADER_BYTES);
}

/* Round trip: RFC 3550 section 6.4.1. */
static void note_block(struct incoming *in, const struct report_block *block)
{
	uint32_t now = (uint32_t)(rtcp_ntp_time() >> 16);
	int32_t trip = (int32_t)(now - block->last_report - block->delay); /* of 1/65536 s */

	in->told = *block;
	/* All three are rounded down, so the result can be just below 0. */
	if (block->last_report != 0 && trip > 0)
		in->round_trip = (uint32_t)((uint64_t)trip * 1000000 / 65536);
}

void incoming_rtcp(struct incoming *in, const uint8_t *packet, size_t n, uint32_t own_ssrc)
{
	uint8_t plain[RTP_MAX_PACKET];
	struct report report;
	unsigned i;
	int size = (int)n;

	if (n > sizeof plain)
		return;
	memcpy(plain, packet, n);
	if (srtp_unprotect_rtcp(in->srtp, plain, &size) != srtp_err_status_ok) {
		if (in->old == NULL)
			return;
		size = (int)n;
		memcpy(plain, packet, n);
		if (srtp_unprotect_rtcp(in->old, plain, &size) != srtp_err_status_ok)
			return;
	}
	if (!rtcp_read(&report, plain, (size_t)size) || report.ssrc != in->ssrc)
		return;
	in->reports++;
	in->last_report = (uint32_t)(report.ntp >> 16);
	in->last_report_at = call_clock();
	in->bye = in->bye || report.bye;
	for (i = 0; i < report.n_blocks; i++)
		if (report.blocks[i].ssrc == own_ssrc)
			note_block(in, &report.blocks[i]);
}

uint64_t incoming_lost(const struct incoming *in)
{
	uint64_t expected = in->started ? in->highest - in->first + 1 : 0;

	return expected > in->authentic ? expected - in->authentic : 0;
}

uint32_t incoming_roc(const struct incoming *in)
{
	return in->settled ? protection_roc(in->srtp, in->ssrc) : (uint32_t)(in->highest >> 16);
}

/* RFC 3550 section 6.4.1 and appendix A.3. */
void incoming_describe(struct incoming *in, struct report_block *out)
{
	uint64_t all = in->started ? in->highest - in->first + 1 : 0;
	uint64_t expected = all - in->expected_before;
	uint64_t arrived = in->authentic - in->authentic_before;

	memset(out, 0, sizeof *out);
	out->ssrc = in->ssrc;
	if (expected > arrived)
		out->fraction_lost = (uint8_t)((expected - arrived) * 255 / expected);
	out->lost = (uint32_t)incoming_lost(in);
	out->highest = (uint32_t)in->highest;
	out->jitter = (uint32_t)in->jitter;
	if (in->last_report != 0) {
		out->last_report = in->last_report;
		out->delay = (uint32_t)((call_clock() - in->last_report_at) * 65536 / 1000000000u);
	}
	in->expected_before = all;
	in->authentic_before = in->authentic;
}
