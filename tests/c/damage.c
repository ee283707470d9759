/* Damaged offers and bundles: cut at every byte, every bit flipped, wrong signature, low-order
 * keys. A documented status, the same bytes in the store as before, and the next good one works. */
#include "pair.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const char *const bob[] = {BOB};

/* The statuses that callkey_offer_open may return for bytes that were changed on the way. */
static int documented(callkey_status s)
{
	switch (s) {
	case CALLKEY_ERR_ARGUMENT: /* neither the stanza nor the app names the creator */
	case CALLKEY_ERR_INVALID_KEY:
	case CALLKEY_ERR_MALFORMED:
	case CALLKEY_ERR_UNSUPPORTED:
	case CALLKEY_ERR_AUTHENTICATION:
	case CALLKEY_ERR_TOO_FAR:
	case CALLKEY_ERR_NO_SESSION:
	case CALLKEY_ERR_NO_PREKEY:
	case CALLKEY_ERR_UNTRUSTED_IDENTITY:
	case CALLKEY_ERR_NOT_FOR_THIS_DEVICE:
		return 1;
	}
	return 0;
}

/* Opens a copy in a block of exactly its size, so that a memory checker sees a read past its end. */
static callkey_status open_copy(callkey_store s, uint8_t key[CALLKEY_KEY_BYTES],
                                callkey_call_info *info, const uint8_t *stanza, size_t n)
{
	uint8_t *copy = malloc(n + (n == 0));
	callkey_status status;

	if (copy == NULL)
		return CALLKEY_ERR_INTERNAL;
	memcpy(copy, stanza, n);
	status = callkey_offer_open(s, key, info, copy, n, bob, 1, NULL);
	free(copy);
	return status;
}

static void still_good(const pair *p, const offer *o)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;

	EXPECT_OK(open_copy(p->callee, key, &info, o->bytes, o->n));
	EXPECT_BYTES(key, p->key, sizeof key);
}

static void cut(pair *p, const offer *o)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	record before, after;
	size_t n, none;

	pair_record(p->callee, ALICE, &before);
	for (n = 0; n < o->n; n++) {
		memset(key, 0x5a, sizeof key);
		pair_spoil_info(&info);
		EXPECT_STATUS(open_copy(p->callee, key, &info, o->bytes, n), CALLKEY_ERR_MALFORMED);
		EXPECT_ZERO(key, sizeof key);
		EXPECT(pair_empty_info(&info));
		none = 0;
		EXPECT_STATUS(callkey_offer_parse(NULL, &none, &info, o->bytes, n, bob, 1), CALLKEY_ERR_MALFORMED);
	}
	pair_record(p->callee, ALICE, &after);
	EXPECT(pair_same_record(&before, &after));
	still_good(p, o);
}

/* A ciphertext without its stanza. */
static void cut_enc(void)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	sealed enc;
	pair p;
	size_t n;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_seal(&p, &enc));
	for (n = 0; n < enc.n; n++) {
		memset(key, 0x5a, sizeof key);
		EXPECT(documented(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, n)));
		EXPECT_ZERO(key, sizeof key);
	}
	EXPECT_OK(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n));
	EXPECT_BYTES(key, p.key, sizeof key);
	pair_close(&p);
}

static void cut_pkmsg(void)
{
	offer o;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_offer(&p, &o));
	EXPECT(o.enc_type == CALLKEY_ENC_PKMSG);
	cut(&p, &o);
	pair_close(&p);
}

static void cut_msg(void)
{
	offer o;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_acknowledge(&p));
	REQUIRE_OK(pair_offer(&p, &o));
	EXPECT(o.enc_type == CALLKEY_ENC_MSG);
	cut(&p, &o);
	pair_close(&p);
}

/* The step from one flipped bit to the next: every bit, or one bit of nearly every byte. */
static size_t stride(void)
{
	return test_few() ? 9 : 1;
}

/* Flips every bit once. Most of a stanza is not authenticated, such as the call's id: then it opens,
 * gives the same key and is used up, and the test continues with a new pair. */
static void flip(int acknowledged)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	record before, after;
	callkey_status status;
	size_t bit, opened = 0, refused = 0;
	offer o;
	pair p;

	REQUIRE_OK(pair_open(&p));
	if (acknowledged)
		REQUIRE_OK(pair_acknowledge(&p));
	REQUIRE_OK(pair_offer(&p, &o));
	pair_record(p.callee, ALICE, &before);
	for (bit = 0; bit < 8 * o.n; bit += stride()) {
		o.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		status = open_copy(p.callee, key, &info, o.bytes, o.n);
		o.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (status == CALLKEY_OK) {
			opened++;
			EXPECT_BYTES(key, p.key, sizeof key);
			pair_close(&p);
			REQUIRE_OK(pair_open(&p));
			if (acknowledged)
				REQUIRE_OK(pair_acknowledge(&p));
			REQUIRE_OK(pair_offer(&p, &o));
			pair_record(p.callee, ALICE, &before);
			continue;
		}
		refused++;
		if (!documented(status))
			test_fail(__FILE__, __LINE__, "bit %lu: %s", (unsigned long)bit,
			          callkey_status_name(status));
		EXPECT_ZERO(key, sizeof key);
		/* The info is complete or empty. */
		EXPECT(pair_empty_info(&info) || info.kind != CALLKEY_KIND_NONE);
		EXPECT(info.kind == CALLKEY_KIND_NONE || info.call_id[0] != 0 || info.call_creator[0] != 0);
		pair_record(p.callee, ALICE, &after);
		if (!pair_same_record(&before, &after))
			test_fail(__FILE__, __LINE__, "bit %lu changed the session", (unsigned long)bit);
	}
	EXPECT(opened > 0 && refused > opened);
	still_good(&p, &o);
	pair_close(&p);
}

static void flip_pkmsg(void)
{
	flip(0);
}

static void flip_msg(void)
{
	flip(1);
}

static void bundles(void)
{
	/* The points of order 1, 2, 4 and 8 on Curve25519, and values that are not reduced. */
	static const uint8_t bad_keys[][CALLKEY_PUBLIC_KEY_BYTES] = {
		{0}, {1},
		{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
		 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
		{0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
		 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
		{0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		{0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
		{0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	};
	callkey_prekey_bundle good = CALLKEY_PREKEY_BUNDLE_INIT, bad;
	uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES];
	record before, after;
	size_t i;
	pair p;

#define REFUSED() \
	do { \
		EXPECT_STATUS(callkey_session_begin(p.caller, CAROL, &bad), CALLKEY_ERR_INVALID_KEY); \
		EXPECT_STATUS(callkey_session_check(p.caller, CAROL), CALLKEY_ERR_NO_SESSION); \
		EXPECT_STATUS(callkey_identity_get(p.caller, identity, CAROL), CALLKEY_ERR_NOT_FOUND); \
		if (memcmp(bad.identity_key, good.identity_key, 32) == 0) \
			EXPECT_STATUS(callkey_session_begin(p.caller, BOB, &bad), CALLKEY_ERR_INVALID_KEY); \
	} while (0)

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &good));
	EXPECT(good.prekey_id != 0);
	pair_record(p.caller, BOB, &before);
	for (i = 0; i < 8 * CALLKEY_SIGNATURE_BYTES; i += stride()) {
		bad = good;
		bad.signed_prekey_signature[i / 8] ^= (uint8_t)(1u << i % 8);
		REFUSED();
	}
	for (i = 0; i < COUNT(bad_keys); i++) {
		bad = good;
		memcpy(bad.prekey, bad_keys[i], 32);
		REFUSED();
		bad = good;
		memcpy(bad.signed_prekey, bad_keys[i], 32);
		REFUSED();
		bad = good;
		memcpy(bad.identity_key, bad_keys[i], 32);
		REFUSED();
		EXPECT_STATUS(callkey_identity_trust(p.caller, CAROL, bad_keys[i]), CALLKEY_ERR_INVALID_KEY);
	}
	pair_record(p.caller, BOB, &after);
	EXPECT(before.n > 0 && pair_same_record(&before, &after));
	/* Without a one-time prekey that member is ignored. */
	bad = good;
	bad.prekey_id = 0;
	memset(bad.prekey, 0, sizeof bad.prekey);
	EXPECT_OK(callkey_session_begin(p.caller, CAROL, &bad));
	EXPECT_OK(callkey_session_begin(p.caller, BOB, &good));
	pair_close(&p);
}

static const test tests[] = {
	{"cut pkmsg", "half a stanza crashes the app or uses up a prekey", cut_pkmsg},
	{"cut msg", "half a stanza crashes the app or breaks a session for good", cut_msg},
	{"cut enc", "half a ciphertext is taken for a call key, or uses up a prekey", cut_enc},
	{"flip pkmsg", "one forged first message locks a person out", flip_pkmsg},
	{"flip msg", "one forged message breaks a session for good", flip_msg},
	{"bundles", "a server that lies about a bundle hears the call", bundles},
};

TEST_MAIN(tests)
