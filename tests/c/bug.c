/* A provoked bug inside the library: this program is built against a library with a callkey_selftest
 * that panics. The process must survive, every later call must return INTERNAL, and the text must
 * describe the bug. */
#define _POSIX_C_SOURCE 200809L
#include "every.h"
#include "pair.h"
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static char text[512];
static size_t text_len;

/* A secret in use during the bug: the text must not quote it. */
static const uint8_t key[CALLKEY_KEY_BYTES] = "this is a secret of thirty-two b";

static void *on_another_thread(void *unused)
{
	char here[512] = "";
	uint8_t made[CALLKEY_KEY_BYTES];
	size_t n = sizeof here;

	memset(made, 0x5a, sizeof made);
	EXPECT_STATUS(callkey_generate(made), CALLKEY_ERR_INTERNAL);
	EXPECT_ZERO(made, sizeof made);
	EXPECT_OK(callkey_last_error(here, &n));
	EXPECT(strcmp(here, text) == 0);
	return unused;
}

static void one_bug(void)
{
	char hex[2 * CALLKEY_KEY_BYTES + 1];
	uint8_t fingerprint[CALLKEY_FINGERPRINT_BYTES];
	callkey_status status = 7;
	callkey_srtp_keys srtp;
	callkey_store s = 9;
	const char *const bob[] = {BOB};
	pthread_t thread;
	size_t i, n;

	REQUIRE_OK(every_prepare());
	EXPECT_OK(callkey_fingerprint(fingerprint, key, sizeof key));
	EXPECT_STATUS(callkey_selftest(), CALLKEY_ERR_INTERNAL);

	text_len = 0;
	EXPECT_STATUS(callkey_last_error(NULL, &text_len), CALLKEY_ERR_BUFFER);
	REQUIRE(text_len > 20 && text_len <= sizeof text);
	EXPECT_OK(callkey_last_error(text, &text_len));
	EXPECT(strstr(text, "index out of range") != NULL); /* the bug */
	EXPECT(strstr(text, "elementAt") != NULL);          /* and its place */
	for (i = 0; i < sizeof key; i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	EXPECT(strstr(text, "this is a secret") == NULL && strstr(text, hex) == NULL);
	EXPECT(strstr(text, "0x") == NULL && strstr(text, "goroutine") == NULL);

	for (i = 0; i < every_count; i++)
		test_status(__FILE__, __LINE__, every_calls[i].name,
		            every_calls[i].call(every_store(&every_calls[i])), CALLKEY_ERR_INTERNAL);
	memset(&srtp, 0x5a, sizeof srtp);
	EXPECT_STATUS(callkey_derive_e2e_keys_batch(&srtp, &status, key, sizeof key, bob, 1),
	              CALLKEY_ERR_INTERNAL);
	EXPECT(status == CALLKEY_ERR_INTERNAL);
	EXPECT_ZERO(&srtp, sizeof srtp);
	EXPECT_STATUS(callkey_store_open(&s, NULL, NULL, 0, NULL), CALLKEY_ERR_INTERNAL);
	EXPECT(s == 0);
	n = 64;
	EXPECT_STATUS(callkey_raw_e2e_decode(NULL, &n, NULL, 5), CALLKEY_ERR_INTERNAL);
	EXPECT(n == 0);

	REQUIRE(pthread_create(&thread, NULL, on_another_thread, NULL) == 0);
	pthread_join(thread, NULL);
	EXPECT(callkey_abi_version() == CALLKEY_ABI_VERSION);
	EXPECT(strcmp(callkey_status_name(CALLKEY_ERR_INTERNAL), "CALLKEY_ERR_INTERNAL") == 0);
}

static void wipe_after_it(void)
{
	uint8_t secret[CALLKEY_KEY_BYTES];

	memcpy(secret, key, sizeof secret);
	callkey_wipe(secret, sizeof secret);
	EXPECT_ZERO(secret, sizeof secret);
}

static const test tests[] = {
	{"one bug", "a bug takes the app with it, or the library goes on with half a ratchet step",
	 one_bug},
	{"wipe after it", "after a bug the app cannot even erase its secrets", wipe_after_it},
};

TEST_MAIN(tests)
