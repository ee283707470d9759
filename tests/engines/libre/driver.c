/* libre, the library of baresip, as an engine: see tests/engines/engine.py for the requests. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <re/re.h>

#include "callkey.h"

#include "../position.h"
#include "../request.h"

/* docs: stream */
/* Two contexts, because in libre the suite with tags of 4 bytes has them in SRTCP too. */
struct protection {
	struct srtp *rtp, *rtcp;
};

/* A stream to protect, or to unprotect, at ROC 0. */
static int begin(struct protection *stream, const callkey_srtp_keys *keys)
{
	const uint8_t *key = keys->master_key; /* and master_salt behind it: 30 bytes */
	int err = srtp_alloc(&stream->rtp, SRTP_AES_CM_128_HMAC_SHA1_32, key, 30, 0);

	return err ? err : srtp_alloc(&stream->rtcp, SRTP_AES_CM_128_HMAC_SHA1_80, key, 30, 0);
}

static void end(struct protection *stream)
{
	stream->rtp = mem_deref(stream->rtp);
	stream->rtcp = mem_deref(stream->rtcp);
}

/* Lead a stream to its next packet, of index `first` (ROC * 65536 + sequence number), by packets that are not sent.
 * Each is less than 32768 after the one before, so every roll-over is counted. A stream to unprotect needs
 * `other_side`, a stream to protect with the same keys. */
static int lead(struct srtp *rtp, struct srtp *other_side, uint32_t ssrc, uint64_t first)
{
	struct mbuf *packet = mbuf_alloc(64);
	uint64_t index;
	int err = packet ? 0 : ENOMEM;

	for (index = first % 30000; first > 0xffff && index < first && !err; index += 30000) {
		mbuf_rewind(packet);
		mbuf_write_u16(packet, htons(0x8000));
		mbuf_write_u16(packet, htons((uint16_t)index));
		mbuf_write_u32(packet, 0);
		mbuf_write_u32(packet, htonl(ssrc));
		mbuf_set_pos(packet, 0);
		err = srtp_encrypt(other_side ? other_side : rtp, packet);
		mbuf_set_pos(packet, 0);
		if (other_side && !err)
			err = srtp_decrypt(rtp, packet);
	}
	mem_deref(packet);
	return err;
}

/* When the keys change, a new stream takes the place of one. `first` is the index of its next packet, `reports` the
 * number of RTCP packets that were protected until now. */
static int begin_sender(struct protection *stream, const callkey_srtp_keys *keys, uint32_t ssrc, uint64_t first,
                        uint32_t reports)
{
	struct mbuf *report = mbuf_alloc(64);
	int err = report ? begin(stream, keys) : ENOMEM;

	if (!err)
		err = lead(stream->rtp, NULL, ssrc, first);
	while (!err && reports-- > 0) {
		mbuf_rewind(report);
		mbuf_write_u32(report, htonl(0x80c90001));
		mbuf_write_u32(report, htonl(ssrc));
		mbuf_set_pos(report, 0);
		err = srtcp_encrypt(stream->rtcp, report);
	}
	mem_deref(report);
	return err;
}

static int begin_receiver(struct protection *stream, const callkey_srtp_keys *keys, uint32_t ssrc, uint64_t first)
{
	struct protection other_side = {NULL, NULL};
	int err = begin(stream, keys);

	if (!err)
		err = begin(&other_side, keys);
	if (!err)
		err = lead(stream->rtp, other_side.rtp, ssrc, first);
	end(&other_side);
	return err;
}
/* docs: end */

struct stream {
	struct protection protection;
	callkey_srtp_keys keys;
	uint32_t ssrc;
	struct position position;
};

static struct stream sides[2];

static const char *text(int err)
{
	return err ? strerror(err) : NULL;
}

const char *engine_begin(enum side name, const callkey_srtp_keys *keys, uint32_t ssrc, uint32_t roc)
{
	end(&sides[name].protection);
	sides[name].keys = *keys;
	sides[name].ssrc = ssrc;
	sides[name].position = position_at(roc);
	return NULL;
}

const char *engine_rekey(enum side name, const callkey_srtp_keys *keys)
{
	end(&sides[name].protection);
	sides[name].keys = *keys;
	return NULL;
}

typedef int transform(struct srtp *srtp, struct mbuf *mb);

/* The stream is made for the next packet, because it begins at that packet's index. */
static const char *pass(enum side name, int rtcp, transform *does, uint8_t *packet, size_t *size)
{
	struct stream *side = &sides[name];
	uint64_t index = rtcp ? side->position.next : position_of(&side->position, packet);
	struct mbuf *mb;
	int err = 0;

	if (!side->protection.rtp)
		err = name == SENDER ? begin_sender(&side->protection, &side->keys, side->ssrc, index, side->position.reports)
		                     : begin_receiver(&side->protection, &side->keys, side->ssrc, index);
	mb = mbuf_alloc(2048);
	mbuf_write_mem(mb, packet, *size);
	mbuf_set_pos(mb, 0);
	if (!err)
		err = does(rtcp ? side->protection.rtcp : side->protection.rtp, mb);
	if (!err) {
		*size = mb->end;
		memcpy(packet, mb->buf, mb->end);
		if (rtcp)
			side->position.reports++;
		else
			side->position.next = index + 1;
	}
	mem_deref(mb);
	return text(err);
}

const char *engine_protect(int rtcp, uint8_t *packet, size_t *size)
{
	return pass(SENDER, rtcp, rtcp ? srtcp_encrypt : srtp_encrypt, packet, size);
}

const char *engine_unprotect(int rtcp, uint8_t *packet, size_t *size)
{
	return pass(RECEIVER, rtcp, rtcp ? srtcp_decrypt : srtp_decrypt, packet, size);
}

int main(void)
{
	return requests();
}
