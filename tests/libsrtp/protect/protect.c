/* Prints packets that libsrtp protects with the first 30 bytes that libcallkey derives, one per line:
 *
 *     rtp NAME TAG_LEN ROC KEYS PLAIN PROTECTED
 *     rtcp NAME KEYS PLAIN PROTECTED
 *
 * KEYS are the 130 bytes of callkey_srtp_keys; binary values are hexadecimal. libsrtp derives its
 * session keys itself; the reader of the lines makes the same packets from the session keys in KEYS.
 * For each RTP packet this program also checks the sender with callkey_select_participant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <srtp2/srtp.h>

#include "callkey.h"

#define SSRC 0xdecafbadu
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void give_up(const char *what, long status)
{
	fprintf(stderr, "%s: %ld\n", what, status);
	exit(2);
}

#define CALLKEY(call) \
	do { callkey_status s_ = (call); if (s_ != CALLKEY_OK) give_up(#call, s_); } while (0)
#define SRTP(call) \
	do { srtp_err_status_t s_ = (call); if (s_ != srtp_err_status_ok) give_up(#call, s_); } while (0)

static void hex(const void *bytes, size_t n)
{
	size_t i;

	putchar(' ');
	for (i = 0; i < n; i++)
		printf("%02x", ((const uint8_t *)bytes)[i]);
}

static srtp_t session(callkey_srtp_keys *keys, int tag_len, srtp_ssrc_type_t direction)
{
	srtp_policy_t policy;
	srtp_t made;

	memset(&policy, 0, sizeof policy);
	if (tag_len == 4)
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
	else
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
	policy.ssrc.type = direction;
	policy.ssrc.value = SSRC;
	policy.key = keys->master_key; /* and master_salt behind it */
	policy.window_size = 1024;
	SRTP(srtp_create(&made, &policy));
	return made;
}

static uint8_t *put32(uint8_t *p, uint32_t n)
{
	*p++ = (uint8_t)(n >> 24);
	*p++ = (uint8_t)(n >> 16);
	*p++ = (uint8_t)(n >> 8);
	*p++ = (uint8_t)n;
	return p;
}

/* Headers of every shape, with the length of the payload. */
static const struct shape {
	int csrcs, extension_words /* -1: none */;
	size_t payload;
	uint8_t second; /* marker and payload type */
} shapes[] = {
	{0, -1, 160, 0x78}, {3, -1, 33, 0xf8}, {0, 2, 16, 0x78},  {15, 0, 1200, 0x78},
	{2, 5, 1, 0xe1},    {0, -1, 0, 0x78},  {15, 63, 0, 0x78}, {1, 1, 15, 0x00},
};

static size_t next_shape; /* of the next packet */

static size_t rtp_packet(uint8_t *out, const struct shape *s, uint16_t seq)
{
	uint8_t *p = out;
	size_t i;

	*p++ = (uint8_t)(0x80 | (s->extension_words >= 0 ? 0x10 : 0) | s->csrcs);
	*p++ = s->second;
	*p++ = (uint8_t)(seq >> 8);
	*p++ = (uint8_t)seq;
	p = put32(p, seq * 960u);
	p = put32(p, SSRC);
	for (i = 0; i < (size_t)s->csrcs; i++)
		p = put32(p, 0x01010101u * (uint32_t)(i + 1));
	if (s->extension_words >= 0) {
		p = put32(p, 0xbede0000u | (uint32_t)s->extension_words);
		for (i = 0; i < (size_t)s->extension_words; i++)
			p = put32(p, 0x10aa0000u + (uint32_t)i);
	}
	for (i = 0; i < s->payload; i++)
		*p++ = (uint8_t)(i * 7 + seq);
	return (size_t)(p - out);
}

/* Four packets around the wrap of the sequence number, where the roll-over counter goes from roc to
 * roc + 1; libsrtp's receiver opens them again. */
static void rtp(const char *name, callkey_srtp_keys *keys, const uint8_t *key,
                const char *participant, int tag_len, uint32_t roc)
{
	static const uint16_t seqs[] = {0xfffe, 0xffff, 0x0000, 0x0001};
	const char *devices[] = {"222222222222222:7@lid", "", participant, participant};
	srtp_t sender = session(keys, tag_len, ssrc_specific), receiver;
	size_t i, index;

	receiver = session(keys, tag_len, ssrc_specific);
	SRTP(srtp_set_stream_roc(sender, SSRC, roc));
	SRTP(srtp_set_stream_roc(receiver, SSRC, roc));
	for (i = 0; i < COUNT(seqs); i++) {
		uint8_t plain[2048], sealed[2048 + SRTP_MAX_TRAILER_LEN];
		uint32_t wrapped = roc + (i >= 2);
		int plain_len, n;

		n = plain_len = (int)rtp_packet(plain, &shapes[next_shape++ % COUNT(shapes)], seqs[i]);
		memcpy(sealed, plain, (size_t)n);
		SRTP(srtp_protect(sender, sealed, &n));
		printf("rtp %s %d %lu", name, tag_len, (unsigned long)wrapped);
		hex(keys, sizeof *keys);
		hex(plain, (size_t)plain_len);
		hex(sealed, (size_t)n);
		putchar('\n');
		if (participant != NULL) {
			CALLKEY(callkey_select_participant(&index, key, CALLKEY_KEY_BYTES, devices, 4, sealed,
			                                   (size_t)n, wrapped, (uint32_t)tag_len));
			if (index != 2)
				give_up("selected participant", (long)index);
			if (callkey_select_participant(&index, key, CALLKEY_KEY_BYTES, devices, 4, sealed,
			                               (size_t)n, wrapped + 1, (uint32_t)tag_len) !=
			    CALLKEY_ERR_AUTHENTICATION)
				give_up("selected participant under another roll-over counter", (long)index);
		}
		SRTP(srtp_unprotect(receiver, sealed, &n));
		if (n != plain_len || memcmp(sealed, plain, (size_t)n) != 0)
			give_up("libsrtp's other end reads something else", n);
	}
	SRTP(srtp_dealloc(sender));
	SRTP(srtp_dealloc(receiver));
}

/* Three sender reports: their SRTCP index counts up. */
static void rtcp(const char *name, callkey_srtp_keys *keys)
{
	srtp_t sender = session(keys, 10, ssrc_specific);
	uint32_t i, word;

	for (i = 0; i < 3; i++) {
		uint8_t plain[256], sealed[256 + SRTP_MAX_TRAILER_LEN], *p = put32(plain, 0x80c80006u);
		int n;

		p = put32(p, SSRC);
		for (word = 0; word < 5 + 8 * i; word++)
			p = put32(p, word * 0x01234567u + i);
		n = (int)(p - plain);
		memcpy(sealed, plain, (size_t)n);
		SRTP(srtp_protect_rtcp(sender, sealed, &n));
		printf("rtcp %s", name);
		hex(keys, sizeof *keys);
		hex(plain, (size_t)(p - plain));
		hex(sealed, (size_t)n);
		putchar('\n');
	}
	SRTP(srtp_dealloc(sender));
}

static void judge(const char *name, callkey_srtp_keys *keys, const uint8_t *key,
                  const char *participant)
{
	static const uint32_t rocs[] = {0, 1, 77, 0x7fffffffu, 0xfffffffeu};
	size_t i;

	for (i = 0; i < COUNT(rocs); i++) {
		rtp(name, keys, key, participant, 4, rocs[i]);
		rtp(name, keys, key, participant, 10, rocs[i]);
	}
	rtcp(name, keys);
}

int main(void)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_srtp_keys keys;
	size_t i;

	for (i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	SRTP(srtp_init());
	CALLKEY(callkey_derive_e2e_keys(&keys, key, sizeof key, "222222222222222:0@lid"));
	judge("peer", &keys, key, "222222222222222@lid");
	CALLKEY(callkey_derive_e2e_keys_raw(&keys, key, sizeof key, "111111111111111:0@lid"));
	judge("raw_e2e", &keys, key, "111111111111111:0@lid");
	CALLKEY(callkey_generate(key));
	CALLKEY(callkey_derive_e2e_keys(&keys, key, sizeof key, "333333333333333:33@lid"));
	judge("random", &keys, key, "333333333333333:33@lid");
	CALLKEY(callkey_derive_hbh_keys(&keys, key, CALLKEY_HBH_SRTP));
	judge("hop-by-hop", &keys, key, NULL);
	SRTP(srtp_shutdown());
	return 0;
}
