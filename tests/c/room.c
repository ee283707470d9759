/* Variable outputs: asking for a size uses nothing up, and a failure inside a store leaves them empty.
 * trial.c tries each of them. */
#include "pair.h"
#include "test.h"

#include <string.h>

static pair p;
static uint8_t out[512];
static uint32_t type;

#define KEY p.key, sizeof p.key

static void no_session(void)
{
	size_t n = sizeof out;

	REQUIRE_OK(pair_open(&p));
	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_session_export(p.caller, out, &n, CAROL), CALLKEY_ERR_NO_SESSION);
	EXPECT(n == 0);
	n = sizeof out;
	EXPECT_STATUS(callkey_enc_seal(p.caller, out, &n, &type, CAROL, KEY), CALLKEY_ERR_NO_SESSION);
	EXPECT(n == 0 && type == CALLKEY_ENC_NONE);
	n = sizeof out;
	EXPECT_STATUS(callkey_message_seal(p.caller, out, &n, &type, CAROL, KEY), CALLKEY_ERR_NO_SESSION);
	EXPECT(n == 0 && type == CALLKEY_ENC_NONE);
	EXPECT_FILLED(out, 0x5a, sizeof out);
	pair_close(&p);
}

/* If a call with a too small output used up a prekey, the peer's next message could not be read. */
static void nothing_is_lost(void)
{
	static const char *const bob[] = {BOB};
	callkey_status device;
	uint8_t key[CALLKEY_KEY_BYTES];
	sealed enc;
	size_t n = 1;
	int i;

	REQUIRE_OK(pair_open(&p));
	for (i = 0; i < 100; i++) {
		EXPECT_STATUS(callkey_enc_seal(p.caller, out, &n, &type, BOB, KEY), CALLKEY_ERR_BUFFER);
		n = 1;
		EXPECT_STATUS(callkey_message_seal(p.caller, out, &n, &type, BOB, KEY), CALLKEY_ERR_BUFFER);
		n = 1;
		EXPECT_STATUS(callkey_offer_seal(p.caller, out, &n, &device, &type, KEY, bob, 1, &pair_options), CALLKEY_ERR_BUFFER);
		n = 1;
	}
	REQUIRE_OK(pair_seal(&p, &enc));
	EXPECT(enc.enc_type == CALLKEY_ENC_PKMSG);
	EXPECT_OK(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n));
	EXPECT_BYTES(key, p.key, sizeof key);
	pair_close(&p);
}

static const test tests[] = {
	{"no session", "an app sends the old contents of its buffer", no_session},
	{"nothing is lost", "asking for a size uses up message keys", nothing_is_lost},
};

TEST_MAIN(tests)
