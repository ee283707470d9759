/*
 * A stream from another participant: from SRTP back to PCM. The set-up thread opens, re-keys and closes it;
 * the audio thread does the rest.
 *
 * During a change of key a receiver has two contexts, because the sender's last packets under the old
 * key may arrive late. It tries each packet with the new context, then with the old one, for one second
 * after the first packet under the new key.
 */
#ifndef INCOMING_H
#define INCOMING_H

#include "call.h"
#include "figures.h"
#include "handover.h"

#include <opus/opus.h>

struct incoming {
	uint32_t ssrc;
	struct handover keys;

	struct protection *current, *old; /* old: during the overlap */
	struct protection *unchecked;     /* see incoming_distrust */
	bool settled;                     /* a packet was authenticated under the current key */
	uint64_t switched;                /* the first of these */
	struct reception figures;

	OpusDecoder *decoder;
	int16_t *pcm;
	size_t room;              /* frames played at most */
	uint32_t transit;
	double jitter;            /* RTP ticks */
};

struct incoming *incoming_open(uint32_t ssrc, size_t frames, const struct stream_key *key);
/* When the audio thread has ended. */
void incoming_close(struct incoming *in);

/* Any recent extended sequence number: without it the ROC of a stream that is joined late is not known. Before the
 * audio thread has it. */
void incoming_begin(struct incoming *in, uint64_t index);

/* Hands over a context under another key. Packets under the current key are accepted until the overlap
 * ends. */
void incoming_rekey(struct incoming *in, const struct stream_key *key);

/* Also play rejected packets, like an engine that does not check tags. Before the audio thread has it. */
void incoming_distrust(struct incoming *in, const struct stream_key *key);

/* now is in ns of media, for the jitter. */
void incoming_rtp(struct incoming *in, const uint8_t *packet, size_t n, uint64_t now);

#endif
