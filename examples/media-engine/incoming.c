#include "incoming.h"
#include "rtp.h"

#include <stdlib.h>
#include <string.h>

#define OVERLAP_PACKETS FRAMES_PER_SECOND
#define LONGEST_FRAME (SAMPLE_RATE * 120 / 1000) /* samples, RFC 6716 section 2.1.4 */

static void use_key(struct incoming *in, struct protection *context)
{
	in->current = context;
	in->settled = false;
	in->figures.epoch = context->epoch;
	memcpy(in->figures.fingerprint, context->fingerprint, sizeof in->figures.fingerprint);
}

struct incoming *incoming_open(uint32_t ssrc, size_t frames, const struct stream_key *key)
{
	struct incoming *in = calloc(1, sizeof *in);
	int error;

	if (in == NULL)
		give_up("out of memory");
	in->ssrc = ssrc;
	in->room = frames;
	use_key(in, protection_open(ssrc, key));
	in->decoder = opus_decoder_create(SAMPLE_RATE, 1, &error);
	in->pcm = calloc(frames, FRAME_SAMPLES * sizeof *in->pcm);
	if (error != OPUS_OK || in->pcm == NULL)
		give_up("no Opus decoder: %s", opus_strerror(error));
	return in;
}

void incoming_close(struct incoming *in)
{
	if (in == NULL)
		return;
	handover_give(&in->keys, NULL);
	handover_collect(&in->keys);
	protection_close(in->current);
	protection_close(in->old);
	protection_close(in->unchecked);
	opus_decoder_destroy(in->decoder);
	free(in->pcm);
	free(in);
}

void incoming_begin(struct incoming *in, uint64_t index)
{
	in->figures.highest = index;
}

void incoming_rekey(struct incoming *in, const struct stream_key *key)
{
	handover_give(&in->keys, protection_open(in->ssrc, key));
}

void incoming_distrust(struct incoming *in, const struct stream_key *key)
{
	in->unchecked = protection_open_unchecked(in->ssrc, key);
}

static void end_overlap(struct incoming *in)
{
	if (in->old != NULL && handover_return(&in->keys, in->old))
		in->old = NULL;
}

/* Asked for each packet: whoever sends under the new key has been told that this thread can open it. */
static void change_key(struct incoming *in)
{
	struct protection *next;

	if (atomic_load_explicit(&in->keys.next, memory_order_relaxed) == NULL)
		return;
	end_overlap(in);
	if (in->old != NULL || (next = handover_take(&in->keys)) == NULL)
		return;
	in->old = in->current;
	use_key(in, next);
}

/* Puts one Opus frame into its place; conceals missing frames before it (RFC 6716 section 4.4). */
static void play(struct incoming *in, uint64_t index, const uint8_t *payload, size_t n)
{
	int16_t frame[LONGEST_FRAME];
	uint64_t place = index - in->figures.first;

	if (index < in->figures.first || place >= in->room || place < in->figures.played) {
		in->figures.late++;
		return;
	}
	while (in->figures.played <= place) {
		bool here = in->figures.played == place;
		int samples = opus_decode(in->decoder, here ? payload : NULL, here ? (opus_int32)n : 0,
		                          frame, here ? LONGEST_FRAME : FRAME_SAMPLES, 0);

		/* Opus decodes noise as noise, or fails. */
		if (samples < 0)
			memset(frame, 0, sizeof frame);
		memcpy(in->pcm + in->figures.played * FRAME_SAMPLES, frame, FRAME_SAMPLES * sizeof *frame);
		in->figures.played++;
	}
}

/* libsrtp works in place, so each try has its own copy of the packet. */
static int open_packet(const struct protection *context, const uint8_t *packet, size_t n, uint8_t *out)
{
	int size = (int)n;

	memcpy(out, packet, n);
	return srtp_unprotect(context->srtp, out, &size) == srtp_err_status_ok ? size : -1;
}

static int try_keys(struct incoming *in, const uint8_t *packet, size_t n, uint64_t index,
                    uint8_t *out)
{
	int size;

	/* A context that has not authenticated a packet does not know the ROC. The tag depends on it, so a
	 * stream that continues under a new key, or is joined late, needs the right one. */
	if (!in->settled)
		protection_set_roc(in->current, (uint32_t)(index >> 16));
	size = open_packet(in->current, packet, n, out);
	if (size >= 0 && !in->settled) {
		in->settled = true;
		in->switched = index;
	}
	if (size < 0 && in->old != NULL) {
		size = open_packet(in->old, packet, n, out);
		if (size >= 0)
			in->figures.overlap++;
	}
	if (in->settled && index > in->switched + OVERLAP_PACKETS)
		end_overlap(in);
	return size;
}

/* RFC 3550 appendix A.8. */
static void measure_jitter(struct incoming *in, uint32_t timestamp, uint64_t now)
{
	uint32_t transit = (uint32_t)(now * 48 / 1000000) - timestamp;
	int32_t change = (int32_t)(transit - in->transit);

	if (in->figures.started)
		in->jitter += ((change < 0 ? -(double)change : change) - in->jitter) / 16;
	in->transit = transit;
	in->figures.jitter = (uint32_t)in->jitter;
}

void incoming_rtp(struct incoming *in, const uint8_t *packet, size_t n, uint64_t now)
{
	uint8_t plain[RTP_MAX_PACKET];
	struct rtp_header header;
	uint64_t index;
	int size;

	if (n > sizeof plain || !rtp_read_header(&header, packet, n) ||
	    header.type != RTP_AUDIO || header.ssrc != in->ssrc)
		return;
	in->figures.received++;
	change_key(in);
	index = rtp_index(in->figures.highest, header.sequence);
	size = try_keys(in, packet, n, index, plain);
	if (size < 0) {
		in->figures.refused++;
		if (in->unchecked == NULL || n < RTP_HEADER_BYTES + RTP_TAG_BYTES)
			return;
		size = open_packet(in->unchecked, packet, n - RTP_TAG_BYTES, plain);
		if (size < 0)
			return;
		if (in->figures.played == 0)
			in->figures.first = index;
	} else {
		measure_jitter(in, header.timestamp, now);
		in->figures.authentic++;
		if (!in->figures.started) {
			in->figures.started = true;
			in->figures.first = in->figures.highest = index;
		}
	}
	if (index > in->figures.highest)
		in->figures.highest = index;
	in->figures.roc =
	    in->settled ? protection_roc(in->current) : (uint32_t)(in->figures.highest >> 16);
	play(in, index, plain + RTP_HEADER_BYTES, (size_t)size - RTP_HEADER_BYTES);
}

