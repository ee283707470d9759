/*
 * The static texts and numbers of callkey.h: versions, statuses and sizes. Nothing here enters Go, so
 * it all works in a child of fork() and after an internal error too.
 */
#include "callkey.h"

uint32_t callkey_abi_version(void)
{
	return CALLKEY_ABI_VERSION;
}

const char *callkey_version(void)
{
	return CALLKEY_VERSION;
}

/* In the order of the numbers: row i is status -i. A Go test compares it with core/status. */
static const struct {
	const char *name;
	const char *text;
} statuses[] = {
	{"CALLKEY_OK", "success"},
	{"CALLKEY_ERR_ARGUMENT", "an argument is missing or not allowed"},
	{"CALLKEY_ERR_BUFFER", "the output is too small; the size needed was set"},
	{"CALLKEY_ERR_HANDLE", "the handle is not open"},
	{"CALLKEY_ERR_KEY_LENGTH", "a secret has the wrong length"},
	{"CALLKEY_ERR_PARTICIPANT", "the participant id is empty"},
	{"CALLKEY_ERR_INVALID_KEY", "a key or signature is not valid"},
	{"CALLKEY_ERR_MALFORMED", "the bytes do not parse"},
	{"CALLKEY_ERR_UNSUPPORTED", "a version, keygen or field is not supported"},
	{"CALLKEY_ERR_AUTHENTICATION", "the data is not authentic"},
	{"CALLKEY_ERR_DUPLICATE", "the message was seen before"},
	{"CALLKEY_ERR_TOO_FAR", "the message counter is too far ahead"},
	{"CALLKEY_ERR_NO_SESSION", "there is no session with the device"},
	{"CALLKEY_ERR_NO_PREKEY", "the store lacks the prekey that the message names"},
	{"CALLKEY_ERR_UNTRUSTED_IDENTITY", "the device's identity key is not the trusted one"},
	{"CALLKEY_ERR_NO_IDENTITY", "the store has no identity yet"},
	{"CALLKEY_ERR_NOT_FOR_THIS_DEVICE", "the stanza has no ciphertext for this device"},
	{"CALLKEY_ERR_NO_DEVICES", "the key could not be sealed for any device"},
	{"CALLKEY_ERR_DEVICE_IDENTITY", "a pkmsg needs device_identity and none was given"},
	{"CALLKEY_ERR_STALE", "the epoch is older than the one in force"},
	{"CALLKEY_ERR_CONFLICT", "the input conflicts with what is already there"},
	{"CALLKEY_ERR_STORE", "the store could not be read or written"},
	{"CALLKEY_ERR_STORE_KEY", "the storage key is wrong or missing"},
	{"CALLKEY_ERR_STORE_CORRUPT", "the store is damaged or is not a store"},
	{"CALLKEY_ERR_FORKED", "the library cannot be used in a child of fork()"},
	{"CALLKEY_ERR_INTERNAL", "an internal error; the library refuses to work"},
	{"CALLKEY_ERR_NOT_FOUND", "there is no such store, identity, prekey or epoch"},
	{"CALLKEY_ERR_BUSY", "another process held the store for too long"},
};

static int known(callkey_status status)
{
	return status <= CALLKEY_OK && status >= CALLKEY_ERR_BUSY;
}

const char *callkey_status_name(callkey_status status)
{
	return known(status) ? statuses[-status].name : "CALLKEY_ERR_UNKNOWN";
}

const char *callkey_status_text(callkey_status status)
{
	return known(status) ? statuses[-status].text : "not a callkey_status";
}

_Static_assert(sizeof statuses / sizeof statuses[0] == 1 - CALLKEY_ERR_BUSY,
               "one row for each status");

size_t callkey_key_bytes(void) { return CALLKEY_KEY_BYTES; }
size_t callkey_fingerprint_bytes(void) { return CALLKEY_FINGERPRINT_BYTES; }
size_t callkey_raw_e2e_min_bytes(void) { return CALLKEY_RAW_E2E_MIN_BYTES; }
size_t callkey_srtp_keys_bytes(void) { return CALLKEY_SRTP_KEYS_BYTES; }
size_t callkey_sframe_key_bytes(void) { return CALLKEY_SFRAME_KEY_BYTES; }
size_t callkey_sframe_overhead_max_bytes(void) { return CALLKEY_SFRAME_OVERHEAD_MAX_BYTES; }
size_t callkey_warp_auth_key_bytes(void) { return CALLKEY_WARP_AUTH_KEY_BYTES; }
size_t callkey_warp_tag_bytes(void) { return CALLKEY_WARP_TAG_BYTES; }
size_t callkey_hbh_key_bytes(void) { return CALLKEY_HBH_KEY_BYTES; }
size_t callkey_ssrc_count(void) { return CALLKEY_SSRC_COUNT; }
size_t callkey_plaintext_max_bytes(void) { return CALLKEY_PLAINTEXT_MAX_BYTES; }
size_t callkey_public_key_bytes(void) { return CALLKEY_PUBLIC_KEY_BYTES; }
size_t callkey_private_key_bytes(void) { return CALLKEY_PRIVATE_KEY_BYTES; }
size_t callkey_signature_bytes(void) { return CALLKEY_SIGNATURE_BYTES; }
size_t callkey_storage_key_bytes(void) { return CALLKEY_STORAGE_KEY_BYTES; }
size_t callkey_jid_bytes(void) { return CALLKEY_JID_BYTES; }
