/* Sizes, layouts, statuses and versions: what a program has compiled in and a library may not
 * change under it. */
#include "layout.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* Fails to compile when it does not hold: C99 has no static assert. */
#define HOLDS(name, condition) typedef char holds_##name[(condition) ? 1 : -1]

HOLDS(status, sizeof(callkey_status) == 4 && (callkey_status)-1 < 0);
HOLDS(store, sizeof(callkey_store) == 8 && (callkey_store)-1 > 0);
HOLDS(epochs, sizeof(callkey_epochs) == 8 && (callkey_epochs)-1 > 0);

static void twins(void)
{
	EXPECT(callkey_key_bytes() == CALLKEY_KEY_BYTES);
	EXPECT(callkey_fingerprint_bytes() == CALLKEY_FINGERPRINT_BYTES);
	EXPECT(callkey_raw_e2e_min_bytes() == CALLKEY_RAW_E2E_MIN_BYTES);
	EXPECT(callkey_srtp_keys_bytes() == CALLKEY_SRTP_KEYS_BYTES);
	EXPECT(callkey_srtp_keys_bytes() == sizeof(callkey_srtp_keys));
	EXPECT(callkey_sframe_key_bytes() == CALLKEY_SFRAME_KEY_BYTES);
	EXPECT(callkey_sframe_overhead_max_bytes() == CALLKEY_SFRAME_OVERHEAD_MAX_BYTES);
	EXPECT(callkey_warp_auth_key_bytes() == CALLKEY_WARP_AUTH_KEY_BYTES);
	EXPECT(callkey_warp_tag_bytes() == CALLKEY_WARP_TAG_BYTES);
	EXPECT(callkey_hbh_key_bytes() == CALLKEY_HBH_KEY_BYTES);
	EXPECT(callkey_ssrc_count() == CALLKEY_SSRC_COUNT);
	EXPECT(callkey_plaintext_max_bytes() == CALLKEY_PLAINTEXT_MAX_BYTES);
	EXPECT(callkey_public_key_bytes() == CALLKEY_PUBLIC_KEY_BYTES);
	EXPECT(callkey_private_key_bytes() == CALLKEY_PRIVATE_KEY_BYTES);
	EXPECT(callkey_signature_bytes() == CALLKEY_SIGNATURE_BYTES);
	EXPECT(callkey_storage_key_bytes() == CALLKEY_STORAGE_KEY_BYTES);
	EXPECT(callkey_jid_bytes() == CALLKEY_JID_BYTES);
}

static void statuses(void)
{
	static const struct { callkey_status status; int number; const char *name; } all[] = {
#define ROW(name, number) {name, number, #name}
		ROW(CALLKEY_OK, 0), ROW(CALLKEY_ERR_ARGUMENT, -1), ROW(CALLKEY_ERR_BUFFER, -2),
		ROW(CALLKEY_ERR_HANDLE, -3), ROW(CALLKEY_ERR_KEY_LENGTH, -4),
		ROW(CALLKEY_ERR_PARTICIPANT, -5), ROW(CALLKEY_ERR_INVALID_KEY, -6),
		ROW(CALLKEY_ERR_MALFORMED, -7), ROW(CALLKEY_ERR_UNSUPPORTED, -8),
		ROW(CALLKEY_ERR_AUTHENTICATION, -9), ROW(CALLKEY_ERR_DUPLICATE, -10),
		ROW(CALLKEY_ERR_TOO_FAR, -11), ROW(CALLKEY_ERR_NO_SESSION, -12),
		ROW(CALLKEY_ERR_NO_PREKEY, -13), ROW(CALLKEY_ERR_UNTRUSTED_IDENTITY, -14),
		ROW(CALLKEY_ERR_NO_IDENTITY, -15), ROW(CALLKEY_ERR_NOT_FOR_THIS_DEVICE, -16),
		ROW(CALLKEY_ERR_NO_DEVICES, -17), ROW(CALLKEY_ERR_DEVICE_IDENTITY, -18),
		ROW(CALLKEY_ERR_STALE, -19), ROW(CALLKEY_ERR_CONFLICT, -20),
		ROW(CALLKEY_ERR_STORE, -21), ROW(CALLKEY_ERR_STORE_KEY, -22),
		ROW(CALLKEY_ERR_STORE_CORRUPT, -23), ROW(CALLKEY_ERR_FORKED, -24),
		ROW(CALLKEY_ERR_INTERNAL, -25),
		ROW(CALLKEY_ERR_NOT_FOUND, -26),
		ROW(CALLKEY_ERR_BUSY, -27),
#undef ROW
	};
	static const callkey_status unknown[] = {1, -28, INT32_MAX, INT32_MIN};
	size_t i, k;

	for (i = 0; i < COUNT(all); i++) {
		const char *text = callkey_status_text(all[i].status);
		EXPECT(all[i].status == all[i].number);
		if (strcmp(callkey_status_name(all[i].status), all[i].name) != 0)
			test_fail(__FILE__, __LINE__, "%d is named %s, not %s", all[i].number,
			          callkey_status_name(all[i].status), all[i].name);
		EXPECT(text != NULL && strlen(text) > 2);
		for (k = 0; k < i; k++)
			EXPECT(strcmp(text, callkey_status_text(all[k].status)) != 0);
	}
	for (i = 0; i < COUNT(unknown); i++) {
		EXPECT(strcmp(callkey_status_name(unknown[i]), "CALLKEY_ERR_UNKNOWN") == 0);
		EXPECT(strlen(callkey_status_text(unknown[i])) > 2);
	}
}

static void versions(void)
{
	char major_minor[32];

	EXPECT(callkey_abi_version() == CALLKEY_ABI_VERSION);
	EXPECT(callkey_abi_version() >> 16 == CALLKEY_ABI_MAJOR);
	EXPECT((callkey_abi_version() & 0xffff) == CALLKEY_ABI_MINOR);
	EXPECT(strcmp(callkey_version(), CALLKEY_VERSION) == 0);
	snprintf(major_minor, sizeof major_minor, "%d.%d.", CALLKEY_ABI_MAJOR, CALLKEY_ABI_MINOR);
	EXPECT(strncmp(callkey_version(), major_minor, strlen(major_minor)) == 0);
}

static void selftest(void)
{
	EXPECT_OK(callkey_selftest());
}

static const test tests[] = {
	{"twins", "a binding that cannot see macros allocates too little", twins},
	{"statuses", "a program shows the wrong cause, or none, to its user", statuses},
	{"versions", "a program runs with a library of another contract", versions},
	{"selftest", "a primitive of this build answers wrongly: no call would have audio", selftest},
};

TEST_MAIN(tests)
