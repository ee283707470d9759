/* Lengths: off by one, zero, absurd. Memory behind a refused length is never looked at, so most
 * pointers here have nothing of that length behind them. */
#include "pair.h"
#include "test.h"

#include <string.h>

#define ABSURD ((size_t)-1)
#define OVER_BYTES (((size_t)1 << 30) + 1) /* one above the most that any bytes can be */
#define OVER_LIST ((size_t)4097)

static const uint8_t bytes[64] = {1, 2, 3};
static const char *const bob[] = {BOB};
static callkey_store s;
static callkey_epochs group;

static struct { callkey_srtp_keys srtp; uint8_t small[64]; callkey_status status; uint32_t type; } out;
static size_t n;

#define CALL(name) static callkey_status name(const uint8_t *key, size_t key_len)

CALL(check) { return callkey_check(key, key_len); }
CALL(fingerprint) { return callkey_fingerprint(out.small, key, key_len); }
CALL(e2e_keys) { return callkey_derive_e2e_keys(&out.srtp, key, key_len, BOB); }
CALL(batch)
{
	return callkey_derive_e2e_keys_batch(&out.srtp, &out.status, key, key_len, bob, 1);
}
CALL(sframe) { return callkey_derive_e2e_sframe_key(out.small, key, key_len, BOB); }
CALL(warp) { return callkey_derive_warp_auth_key(out.small, key, key_len); }
CALL(select_participant)
{
	size_t index = 9;
	callkey_status status = callkey_select_participant(&index, key, key_len, bob, 1, bytes, 20, 0, 4);
	EXPECT(status == CALLKEY_OK || index == 0);
	return status;
}
CALL(warp_tag) { return callkey_warp_tag(out.small, key, key_len, bytes, 20, 0); }
CALL(sframe_seal) { return callkey_sframe_seal(out.small, &n, key, key_len, bytes, 9, 1, 0); }
CALL(sframe_open)
{
	uint64_t counter = 9, key_id = 9;
	callkey_status status = callkey_sframe_open(out.small, &n, &counter, &key_id, key, key_len,
	                                            bytes, 40);
	EXPECT(status == CALLKEY_OK || (counter == 0 && key_id == 0));
	return status;
}
CALL(encode) { return callkey_plaintext_encode(out.small, &n, key, key_len); }
CALL(epochs_add) { return callkey_epochs_add(group, 1, key, key_len); }
CALL(seal) { return callkey_enc_seal(s, out.small, &n, &out.type, BOB, key, key_len); }
CALL(rekey_seal)
{
	return callkey_rekey_seal(s, out.small, &n, key, key_len, 1, BOB, &pair_options);
}
CALL(offer_seal)
{
	return callkey_offer_seal(s, out.small, &n, &out.status, &out.type, key, key_len, bob, 1,
	                          NULL);
}

static const struct { const char *name; callkey_status (*call)(const uint8_t *, size_t); } calls[] = {
	{"check", check}, {"fingerprint", fingerprint}, {"derive_e2e_keys", e2e_keys},
	{"derive_e2e_keys_batch", batch}, {"derive_e2e_sframe_key", sframe},
	{"derive_warp_auth_key", warp}, {"select_participant", select_participant},
	{"warp_tag", warp_tag}, {"sframe_seal", sframe_seal}, {"sframe_open", sframe_open},
	{"plaintext_encode", encode}, {"enc_seal", seal},
	{"offer_seal", offer_seal}, {"rekey_seal", rekey_seal},
	{"epochs_add", epochs_add},
};

/* After a failure nothing but zeros, and the status itself where there is a list of them. */
static void refused(size_t i, const uint8_t *key, size_t key_len, callkey_status want)
{
	callkey_status status;

	n = sizeof out.small;
	memset(&out, 0, sizeof out);
	if (calls[i].call == fingerprint)
		memset(out.small, 0x5a, CALLKEY_FINGERPRINT_BYTES);
	if (calls[i].call == warp_tag)
		memset(out.small, 0x5a, CALLKEY_WARP_TAG_BYTES);
	if (calls[i].call == sframe || calls[i].call == warp)
		memset(out.small, 0x5a, 32);
	if (calls[i].call == e2e_keys || calls[i].call == batch)
		memset(&out.srtp, 0x5a, sizeof out.srtp);
	out.type = calls[i].call == seal || calls[i].call == offer_seal ? 7 : 0;
	status = calls[i].call(key, key_len);
	if (status != want)
		test_fail(__FILE__, __LINE__, "%s of %lu bytes", calls[i].name, (unsigned long)key_len);
	EXPECT_STATUS(status, want);
	EXPECT_ZERO(&out.srtp, sizeof out.srtp);
	EXPECT_ZERO(out.small, sizeof out.small);
	EXPECT(out.type == 0);
	if (calls[i].call == batch || calls[i].call == offer_seal)
		EXPECT(out.status == want);
	if (calls[i].call == encode || calls[i].call == seal || calls[i].call == offer_seal ||
	    calls[i].call == rekey_seal)
		EXPECT(n == 0);
}

static void call_keys(void)
{
	size_t i;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_epochs_new(&group));
	for (i = 0; i < COUNT(calls); i++) {
		refused(i, bytes, 0, CALLKEY_ERR_KEY_LENGTH);
		refused(i, NULL, 0, CALLKEY_ERR_KEY_LENGTH);
		refused(i, bytes, 1, CALLKEY_ERR_KEY_LENGTH);
		refused(i, bytes, 31, CALLKEY_ERR_KEY_LENGTH);
		refused(i, bytes, 33, CALLKEY_ERR_KEY_LENGTH);
		refused(i, bytes, 64, CALLKEY_ERR_KEY_LENGTH);
		refused(i, bytes, ABSURD, CALLKEY_ERR_ARGUMENT);
		refused(i, bytes, OVER_BYTES, CALLKEY_ERR_ARGUMENT);
	}
	EXPECT_OK(callkey_epochs_free(group));
	EXPECT_OK(callkey_store_close(s));
}

static void other_secrets(void)
{
	static const size_t wrong[] = {1, 31, 33, 64};
	size_t i;
	callkey_store opened;

	EXPECT_STATUS(callkey_derive_e2e_keys_raw(&out.srtp, bytes, 31, BOB), CALLKEY_ERR_KEY_LENGTH);
	EXPECT_STATUS(callkey_derive_e2e_keys_raw(&out.srtp, NULL, 0, BOB), CALLKEY_ERR_KEY_LENGTH);
	EXPECT_STATUS(callkey_derive_e2e_keys_raw(&out.srtp, bytes, ABSURD, BOB),
	              CALLKEY_ERR_ARGUMENT);
	EXPECT_ZERO(&out.srtp, sizeof out.srtp);
	EXPECT_OK(callkey_derive_e2e_keys_raw(&out.srtp, bytes, 32, BOB));
	EXPECT_OK(callkey_derive_e2e_keys_raw(&out.srtp, bytes, 33, BOB));

	for (i = 0; i < COUNT(wrong); i++) {
		opened = 9;
		EXPECT_STATUS(callkey_store_open(&opened, NULL, bytes, wrong[i], NULL),
		              CALLKEY_ERR_KEY_LENGTH);
		EXPECT(opened == 0);
	}
	EXPECT_STATUS(callkey_store_open(&opened, NULL, bytes, ABSURD, NULL), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_derive_hbh_keys(&out.srtp, bytes, 4), CALLKEY_ERR_ARGUMENT);
	EXPECT_ZERO(&out.srtp, sizeof out.srtp);
	EXPECT_STATUS(callkey_derive_hbh_keys(&out.srtp, bytes, 0xffffffffu), CALLKEY_ERR_ARGUMENT);
}

static void inputs(void)
{
	uint8_t key[CALLKEY_KEY_BYTES] = {1};
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	const size_t absurd[] = {ABSURD, OVER_BYTES};
	uint64_t counter, key_id;
	size_t i, index = 9;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	for (i = 0; i < COUNT(absurd); i++) {
#define REFUSED(call) \
	do { n = sizeof out.small; EXPECT_STATUS(call, CALLKEY_ERR_ARGUMENT); EXPECT(n == 0); } while (0)
		REFUSED(callkey_raw_e2e_decode(out.small, &n, bytes, absurd[i]));
		REFUSED(callkey_stanza_to_xml((char *)out.small, &n, bytes, absurd[i]));
		EXPECT_STATUS(callkey_warp_tag(key, bytes, 20, bytes, absurd[i], 0), CALLKEY_ERR_ARGUMENT);
		EXPECT_ZERO(key, CALLKEY_WARP_TAG_BYTES);
		REFUSED(callkey_sframe_seal(out.small, &n, bytes, 32, bytes, absurd[i], 1, 0));
		REFUSED(callkey_sframe_open(out.small, &n, &counter, &key_id, bytes, 32, bytes,
		                            absurd[i]));
		REFUSED(callkey_offer_parse(out.small, &n, &info, bytes, absurd[i], bob, 1));
		EXPECT_STATUS(callkey_select_participant(&index, bytes, 32, bob, 1, bytes, absurd[i], 0,
		                                         4), CALLKEY_ERR_ARGUMENT);
		EXPECT(index == 0);
		EXPECT_STATUS(callkey_plaintext_decode(key, bytes, absurd[i], 2), CALLKEY_ERR_ARGUMENT);
		EXPECT_ZERO(key, sizeof key);
		EXPECT_STATUS(callkey_enc_open(s, key, BOB, CALLKEY_ENC_MSG, 2, bytes, absurd[i]),
		              CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_offer_open(s, key, &info, bytes, absurd[i], bob, 1, NULL),
		              CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_rekey_open(s, key, &info, bytes, absurd[i], NULL),
		              CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_session_import(s, BOB, bytes, absurd[i]), CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_message_done(s, BOB, bytes, absurd[i]), CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_store_change_key(s, bytes, absurd[i]), CALLKEY_ERR_ARGUMENT);
	}
	/* Nothing at all is bytes that do not parse, not an argument that is not allowed. */
	n = sizeof out.small;
	EXPECT_STATUS(callkey_stanza_to_xml((char *)out.small, &n, NULL, 0), CALLKEY_ERR_MALFORMED);
	EXPECT(n == 0);
	EXPECT_STATUS(callkey_plaintext_decode(key, NULL, 0, 2), CALLKEY_ERR_MALFORMED);
	n = sizeof out.small;
	EXPECT_STATUS(callkey_sframe_open(out.small, &n, &counter, &key_id, bytes, 32, NULL, 0),
	              CALLKEY_ERR_MALFORMED);
	/* An empty payload is one. */
	n = sizeof out.small;
	EXPECT_OK(callkey_sframe_seal(out.small, &n, bytes, 32, NULL, 0, 1, 0));
	EXPECT(n == 19);
	{
		size_t none = 0;
		EXPECT_OK(callkey_sframe_open(NULL, &none, &counter, &key_id, bytes, 32, out.small, n));
		EXPECT(none == 0 && counter == 1 && key_id == 0);
	}
	EXPECT_STATUS(callkey_enc_open(s, key, BOB, CALLKEY_ENC_MSG, 2, NULL, 0),
	              CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_offer_open(s, key, &info, NULL, 0, bob, 1, NULL), CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_rekey_open(s, key, &info, NULL, 0, NULL), CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_session_import(s, BOB, NULL, 0), CALLKEY_ERR_MALFORMED);
	EXPECT_OK(callkey_store_close(s));
}

static void lists(void)
{
	const size_t over[] = {OVER_LIST, ABSURD, ABSURD / sizeof(callkey_srtp_keys)};
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	callkey_prekey prekey;
	uint32_t id = 1;
	callkey_enc enc = {BOB, CALLKEY_ENC_MSG, bytes, 16};
	size_t i;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	for (i = 0; i < COUNT(over); i++) {
		out.status = 7;
		EXPECT_STATUS(callkey_derive_e2e_keys_batch(&out.srtp, &out.status, bytes, 32, bob,
		                                            over[i]), CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_select_participant(&n, bytes, 32, bob, over[i], bytes, 20, 0, 4),
		              CALLKEY_ERR_ARGUMENT);
		REFUSED(callkey_offer_build(out.small, &n, &enc, over[i], NULL));
		REFUSED(callkey_offer_parse(out.small, &n, &info, bytes, 10, bob, over[i]));
		REFUSED(callkey_offer_seal(s, out.small, &n, &out.status, &out.type, bytes, 32, bob,
		                           over[i], NULL));
		EXPECT(out.status == 7); /* a list that cannot be is not written to */
		EXPECT_STATUS(callkey_offer_open(s, key, &info, bytes, 10, bob, over[i], NULL),
		              CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_store_add_prekeys(s, &prekey, over[i]), CALLKEY_ERR_ARGUMENT);
		EXPECT_STATUS(callkey_store_published(s, &id, over[i]), CALLKEY_ERR_ARGUMENT);
	}
	n = 0;
	EXPECT_STATUS(callkey_offer_build(NULL, &n, NULL, 0, NULL), CALLKEY_ERR_NO_DEVICES);
	EXPECT_STATUS(callkey_offer_seal(s, NULL, &n, NULL, NULL, bytes, 32, NULL, 0, NULL),
	              CALLKEY_ERR_NO_DEVICES);
	EXPECT_OK(callkey_store_close(s));
}

/* 4096 is the most, and works. */
static void longest_lists(void)
{
	static callkey_srtp_keys keys[4096];
	static callkey_status statuses[4096];
	static const char *participants[4096];
	static callkey_prekey prekeys[4096], found[4096];
	static uint32_t ids[4096];
	size_t i, good = 0;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	for (i = 0; i < 4096; i++)
		participants[i] = BOB;
	memset(statuses, 7, sizeof statuses);
	EXPECT_OK(callkey_derive_e2e_keys_batch(keys, statuses, bytes, 32, participants, 4096));
	for (i = 0; i < 4096; i++)
		good += statuses[i] == CALLKEY_OK && memcmp(&keys[i], &keys[0], sizeof *keys) == 0;
	EXPECT(good == 4096);
	EXPECT_OK(callkey_store_add_prekeys(s, prekeys, 4096));
	EXPECT(prekeys[0].id >= 1 && prekeys[4095].id == prekeys[0].id + 4095);
	n = (size_t)-1;
	EXPECT_OK(callkey_store_unpublished(s, found, &n));
	EXPECT(n == 4096);
	EXPECT_BYTES(found, prekeys, sizeof found);
	for (i = 0; i < 4096; i++)
		ids[i] = prekeys[i].id;
	EXPECT_OK(callkey_store_published(s, ids, 4096));
	EXPECT_OK(callkey_store_prekeys_left(s, &n));
	EXPECT(n == 4096);
	EXPECT_OK(callkey_store_close(s));
}

static const test tests[] = {
	{"call keys", "media is keyed from part of a key, or from what lies behind it", call_keys},
	{"other secrets", "a truncated secret is stretched to media keys or seals a store",
	 other_secrets},
	{"inputs", "a negative length made unsigned reads all of memory", inputs},
	{"lists", "a wrong count makes the library read and write beyond the app's arrays", lists},
	{"longest lists", "the documented limit is not the real one", longest_lists},
};

TEST_MAIN(tests)
