/* Special lengths: empty inputs and the longest list. trial.c tries every length of every input. */
#include "pair.h"
#include "test.h"

#include <string.h>

static const uint8_t bytes[64] = {1, 2, 3};
static callkey_store s;
static uint8_t out[64];
static size_t n;

/* An empty input is MALFORMED, not ARGUMENT. */
static void nothing(void)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	static const char *const bob[] = {BOB};
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint64_t counter, key_id;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	n = sizeof out;
	EXPECT_STATUS(callkey_stanza_to_xml((char *)out, &n, NULL, 0), CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_plaintext_decode(key, NULL, 0, 2), CALLKEY_ERR_MALFORMED);
	n = sizeof out;
	EXPECT_STATUS(callkey_sframe_open(out, &n, &counter, &key_id, bytes, 32, NULL, 0),
	              CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_enc_open(s, key, BOB, CALLKEY_ENC_MSG, 2, NULL, 0),
	              CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_offer_open(s, key, &info, NULL, 0, bob, 1, NULL), CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_rekey_open(s, key, &info, NULL, 0, NULL), CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_session_import(s, BOB, NULL, 0), CALLKEY_ERR_MALFORMED);
	EXPECT_OK(callkey_derive_e2e_keys_batch(NULL, NULL, bytes, 32, NULL, 0));
	EXPECT_OK(callkey_store_add_prekeys(s, NULL, 0));
	EXPECT_OK(callkey_store_published(s, NULL, 0));
	n = 0;
	EXPECT_STATUS(callkey_offer_build(NULL, &n, NULL, 0, NULL), CALLKEY_ERR_NO_DEVICES);
	EXPECT_STATUS(callkey_offer_seal(s, NULL, &n, NULL, NULL, bytes, 32, NULL, 0, NULL),
	              CALLKEY_ERR_NO_DEVICES);
	EXPECT_STATUS(callkey_offer_begin(s, NULL, &n, NULL, NULL, bytes, 32, NULL, NULL, 0, NULL),
	              CALLKEY_ERR_NO_DEVICES);
	EXPECT_OK(callkey_store_close(s));
}

/* An empty payload is valid, and its pointers may be NULL. */
static void empty_payload(void)
{
	uint64_t counter, key_id;
	size_t none = 0;

	n = sizeof out;
	REQUIRE_OK(callkey_sframe_seal(out, &n, bytes, 32, NULL, 0, 1, 0));
	EXPECT(n == 19);
	EXPECT_OK(callkey_sframe_open(NULL, &none, &counter, &key_id, bytes, 32, out, n));
	EXPECT(none == 0 && counter == 1 && key_id == 0);
	n = sizeof out;
	REQUIRE_OK(callkey_sframe_seal(out, &n, bytes, 32, NULL, 0, (uint64_t)-1, (uint64_t)-1));
	EXPECT(n <= CALLKEY_SFRAME_OVERHEAD_MAX_BYTES);
}

/* 4096 elements work; one more does not. */
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
	{"nothing", "an empty input from the network looks like a bug of the app", nothing},
	{"empty payload", "a frame without content cannot be sent or received", empty_payload},
	{"longest lists", "the documented limit is not the real one", longest_lists},
};

TEST_MAIN(tests)
