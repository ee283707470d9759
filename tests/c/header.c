/* The header: layouts that are frozen, and macros that agree with the library. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#define SAME(type, member, offset) \
	_Static_assert(offsetof(type, member) == (offset), #type "." #member " moved")
#define POINTER sizeof(void *)

_Static_assert(sizeof(callkey_srtp_keys) == 130, "no padding");
SAME(callkey_srtp_keys, master_key, 0);
SAME(callkey_srtp_keys, master_salt, 16);
SAME(callkey_srtp_keys, srtp_cipher_key, 30);
SAME(callkey_srtp_keys, srtp_auth_key, 46);
SAME(callkey_srtp_keys, srtp_salt, 66);
SAME(callkey_srtp_keys, srtcp_cipher_key, 80);
SAME(callkey_srtp_keys, srtcp_auth_key, 96);
SAME(callkey_srtp_keys, srtcp_salt, 116);

_Static_assert(sizeof(callkey_identity) == 36 && sizeof(callkey_prekey) == 36, "frozen");
SAME(callkey_identity, public_key, 4);
SAME(callkey_prekey, public_key, 4);
_Static_assert(sizeof(callkey_signed_prekey) == 100, "frozen");
SAME(callkey_signed_prekey, public_key, 4);
SAME(callkey_signed_prekey, signature, 36);
_Static_assert(sizeof(callkey_prekey_bundle) == 172, "frozen");
SAME(callkey_prekey_bundle, prekey_id, 4);
SAME(callkey_prekey_bundle, signed_prekey_id, 8);
SAME(callkey_prekey_bundle, identity_key, 12);
SAME(callkey_prekey_bundle, prekey, 44);
SAME(callkey_prekey_bundle, signed_prekey, 76);
SAME(callkey_prekey_bundle, signed_prekey_signature, 108);

_Static_assert(sizeof(callkey_enc) == 4 * POINTER, "frozen");
SAME(callkey_enc, enc_type, POINTER);
SAME(callkey_enc, ciphertext, 2 * POINTER);
SAME(callkey_enc, ciphertext_len, 3 * POINTER);

_Static_assert(sizeof(callkey_offer_info) == 404, "frozen");
SAME(callkey_offer_info, enc_type, 4);
SAME(callkey_offer_info, enc_version, 8);
SAME(callkey_offer_info, flags, 12);
SAME(callkey_offer_info, transaction_id, 16);
SAME(callkey_offer_info, call_id, 20);
SAME(callkey_offer_info, call_creator, 148);
SAME(callkey_offer_info, sender, 276);

/* Members may be added at the end of an options struct, never moved. */
SAME(callkey_offer_options, struct_size, 0);
SAME(callkey_offer_options, flags, POINTER);
SAME(callkey_offer_options, stanza_id, 2 * POINTER);
SAME(callkey_offer_options, to, 3 * POINTER);
SAME(callkey_offer_options, call_id, 4 * POINTER);
SAME(callkey_offer_options, call_creator, 5 * POINTER);
SAME(callkey_offer_options, capability, 6 * POINTER);
SAME(callkey_offer_options, capability_len, 7 * POINTER);
SAME(callkey_offer_options, privacy_token, 8 * POINTER);
SAME(callkey_offer_options, privacy_token_len, 9 * POINTER);
SAME(callkey_offer_options, device_identity, 10 * POINTER);
SAME(callkey_offer_options, device_identity_len, 11 * POINTER);

/* If this failed, a language that asks the function would use buffers of another size than C. */
static void every_size_macro_has_its_value_as_a_function(void)
{
	/* One TWIN(CALLKEY_…, callkey_…) for each size macro, made from the header by run.sh. */
#define TWIN(macro, function) CHECK(function() == (macro));
#include "twins.inc"
}

/* If this failed, a program could not tell a library that is too old from one that fits. */
static void versions_agree(void)
{
	char version[32];
	CHECK(callkey_abi_version() == CALLKEY_ABI_VERSION);
	CHECK(callkey_abi_version() >> 16 == CALLKEY_ABI_MAJOR);
	CHECK(strcmp(callkey_version(), CALLKEY_VERSION) == 0);
	CHECK(strlen(callkey_version()) < sizeof version && atoi(callkey_version()) >= 0);
}

/* If this failed, a log would name another error than the one that happened. */
static void statuses_have_names(void)
{
	callkey_status s;
#define NAMED(macro) CHECK(strcmp(callkey_status_name(macro), #macro) == 0)
	NAMED(CALLKEY_OK);
	NAMED(CALLKEY_ERR_ARGUMENT);
	NAMED(CALLKEY_ERR_BUFFER);
	NAMED(CALLKEY_ERR_HANDLE);
	NAMED(CALLKEY_ERR_KEY_LENGTH);
	NAMED(CALLKEY_ERR_PARTICIPANT);
	NAMED(CALLKEY_ERR_INVALID_KEY);
	NAMED(CALLKEY_ERR_MALFORMED);
	NAMED(CALLKEY_ERR_UNSUPPORTED);
	NAMED(CALLKEY_ERR_AUTHENTICATION);
	NAMED(CALLKEY_ERR_DUPLICATE);
	NAMED(CALLKEY_ERR_TOO_FAR);
	NAMED(CALLKEY_ERR_NO_SESSION);
	NAMED(CALLKEY_ERR_NO_PREKEY);
	NAMED(CALLKEY_ERR_UNTRUSTED_IDENTITY);
	NAMED(CALLKEY_ERR_NO_IDENTITY);
	NAMED(CALLKEY_ERR_NOT_FOR_THIS_DEVICE);
	NAMED(CALLKEY_ERR_NO_DEVICES);
	NAMED(CALLKEY_ERR_DEVICE_IDENTITY);
	NAMED(CALLKEY_ERR_STALE);
	NAMED(CALLKEY_ERR_CONFLICT);
	NAMED(CALLKEY_ERR_STORE);
	NAMED(CALLKEY_ERR_STORE_KEY);
	NAMED(CALLKEY_ERR_STORE_CORRUPT);
	NAMED(CALLKEY_ERR_FORKED);
	NAMED(CALLKEY_ERR_INTERNAL);
	for (s = CALLKEY_OK; s >= CALLKEY_ERR_INTERNAL; s--)
		CHECK(strlen(callkey_status_text(s)) > 5);
	CHECK(strcmp(callkey_status_name(1), "CALLKEY_ERR_UNKNOWN") == 0);
	CHECK(strcmp(callkey_status_name(CALLKEY_ERR_INTERNAL - 1), "CALLKEY_ERR_UNKNOWN") == 0);
	CHECK(strcmp(callkey_status_name(INT32_MIN), "CALLKEY_ERR_UNKNOWN") == 0);
	CHECK(strcmp(callkey_status_text(INT32_MAX), "not a callkey_status") == 0);
}

void test_header(void)
{
	TEST(every_size_macro_has_its_value_as_a_function);
	TEST(versions_agree);
	TEST(statuses_have_names);
}
