/* A key or an epoch of 32 zero bytes was wiped too early (hardening row 45). Its receiver would accept it
 * and everyone could listen, so no function seals, encodes or adds it. trial.c tries each function; here
 * are the sessions and groups after the rejected calls. core/offer and testdata/vectors/plaintext.json
 * test that an opened zero key is rejected. */
#include "pair.h"
#include "test.h"

#include <string.h>

static const uint8_t wiped[CALLKEY_KEY_BYTES];
static const char *bob[] = {BOB, CAROL};
static uint8_t out[1024];
static size_t n;

/* A call that must be rejected, both with enough capacity and when asking for the size. */
#define REFUSED(call) \
	do { \
		memset(out, 0x5a, sizeof out); \
		n = sizeof out; \
		EXPECT_STATUS(call, CALLKEY_ERR_INVALID_KEY); \
		EXPECT(n == 0); \
		EXPECT_FILLED(out, 0x5a, sizeof out); \
		n = 0; \
		EXPECT_STATUS(call, CALLKEY_ERR_INVALID_KEY); \
		EXPECT(n == 0); \
	} while (0)

static void not_sealed(void)
{
	pair p;
	record before, after;
	sealed enc;
	const callkey_prekey_bundle *no_bundles[2] = {NULL, NULL};
	callkey_status statuses[2];
	uint32_t enc_type, enc_types[2];
	int acknowledged;

	REQUIRE_OK(pair_open(&p));
	for (acknowledged = 0; acknowledged < 2; acknowledged++) {
		pair_record(p.caller, BOB, &before);
		REFUSED(callkey_enc_seal(p.caller, out, &n, &enc_type, BOB, wiped, sizeof wiped));
		EXPECT(enc_type == CALLKEY_ENC_NONE);
		REFUSED(callkey_offer_seal(p.caller, out, &n, statuses, enc_types, wiped, sizeof wiped, bob, 2,
		                           &pair_options));
		EXPECT(statuses[0] == CALLKEY_ERR_INVALID_KEY && statuses[1] == CALLKEY_ERR_INVALID_KEY);
		EXPECT(enc_types[0] == CALLKEY_ENC_NONE && enc_types[1] == CALLKEY_ENC_NONE);
		REFUSED(callkey_offer_begin(p.caller, out, &n, statuses, enc_types, wiped, sizeof wiped, bob, no_bundles,
		                            2, &pair_options));
		REFUSED(callkey_rekey_seal(p.caller, out, &n, wiped, sizeof wiped, 7, BOB, &pair_options));
		pair_record(p.caller, BOB, &after);
		EXPECT(before.n != 0 && pair_same_record(&before, &after));
		/* The next good call works. */
		EXPECT_OK(pair_seal(&p, &enc));
		EXPECT(enc.enc_type == (acknowledged ? CALLKEY_ENC_MSG : CALLKEY_ENC_PKMSG));
		EXPECT_OK(pair_acknowledge(&p));
	}
	pair_close(&p);
}

/* One set bit makes it a valid key. */
static void one_bit(void)
{
	static const uint8_t payload[] = "a frame";
	uint8_t last[CALLKEY_KEY_BYTES] = {0};

	last[CALLKEY_KEY_BYTES - 1] = 1;
	n = sizeof out;
	EXPECT_OK(callkey_plaintext_encode(out, &n, last, sizeof last));
	n = sizeof out;
	EXPECT_OK(callkey_sframe_seal(out, &n, last, sizeof last, payload, sizeof payload, 1, 0));
}

static void not_in_force(void)
{
	callkey_epochs group;
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t number;

	REQUIRE_OK(callkey_epochs_new(&group));
	EXPECT_OK(callkey_epochs_roster(group, 7));
	EXPECT_STATUS(callkey_epochs_add(group, 7, wiped, sizeof wiped), CALLKEY_ERR_INVALID_KEY);
	EXPECT_STATUS(callkey_epochs_add(group, 8, wiped, sizeof wiped), CALLKEY_ERR_INVALID_KEY);
	EXPECT_STATUS(callkey_epochs_current(group, epoch, &number), CALLKEY_ERR_NOT_FOUND);
	EXPECT_OK(callkey_epochs_roster(group, 8));
	EXPECT_STATUS(callkey_epochs_current(group, epoch, &number), CALLKEY_ERR_NOT_FOUND);
	EXPECT_OK(callkey_epochs_free(group));
}

static const test tests[] = {
	{"sealing", "a wiped key is sent, and its receiver accepts it", not_sealed},
	{"one bit", "a key that begins with zeros is mistaken for a wiped one", one_bit},
	{"epochs", "a group talks under a key that everyone knows", not_in_force},
};

TEST_MAIN(tests)
