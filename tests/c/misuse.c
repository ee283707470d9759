/* Calls that a sound program never makes: each must be refused with its status, leave zeros in the
 * fixed outputs, and not crash. */
#include "check.h"

#include <string.h>

#define REFUSED(call) CHECK_STATUS(call, CALLKEY_ERR_ARGUMENT)

static const uint8_t key[CALLKEY_KEY_BYTES] = {1, 2, 3};
static const char *const participants[] = {"1@lid", "2@lid"};
static const char *const with_null[] = {"1@lid", NULL};
static const char *const own[] = {CALLEE};

/* 128 bytes, one more than a JID may have; and 127 bytes that are a JID's length but none. */
static char over_long[129], longest[128];

static const char not_utf8[] = "\xc3\x28@lid", cut_short[] = "1\xe2\x82@lid";

/* Fills a fixed output with a pattern, so that zeros are the library's. */
#define DIRTY(object) memset(&(object), 0xa5, sizeof(object))
#define ZERO(object) CHECK(all_bytes(&(object), 0, sizeof(object)))

/* If this failed, a NULL in the key section would crash the program. */
static void null_in_the_key_section(void)
{
	uint8_t fingerprint[CALLKEY_FINGERPRINT_BYTES];
	REFUSED(callkey_generate(NULL));
	REFUSED(callkey_check(NULL, 32));
	CHECK_STATUS(callkey_check(NULL, 0), CALLKEY_ERR_KEY_LENGTH);
	REFUSED(callkey_fingerprint(NULL, key, 32));
	DIRTY(fingerprint);
	REFUSED(callkey_fingerprint(fingerprint, NULL, 32));
	ZERO(fingerprint);
	DIRTY(fingerprint);
	CHECK_STATUS(callkey_fingerprint(fingerprint, NULL, 0), CALLKEY_ERR_KEY_LENGTH);
	ZERO(fingerprint);
}

/* If this failed, a NULL in the derivations would crash the program. */
static void null_in_the_derivations(void)
{
	char text[CALLKEY_JID_BYTES];
	uint8_t bytes[64], hbh[CALLKEY_HBH_KEY_BYTES] = {0};
	uint32_t ssrcs[CALLKEY_SSRC_COUNT];
	callkey_srtp_keys keys, many[2];
	callkey_status statuses[2];
	size_t n = sizeof text;

	REFUSED(callkey_participant_id(text, NULL, "1@lid"));
	REFUSED(callkey_participant_id(NULL, &n, "1@lid"));
	CHECK(n == 0);
	n = sizeof text;
	REFUSED(callkey_participant_id(text, &n, NULL));
	CHECK(n == 0);

	REFUSED(callkey_derive_e2e_keys(NULL, key, 32, "1@lid"));
	DIRTY(keys);
	REFUSED(callkey_derive_e2e_keys(&keys, NULL, 32, "1@lid"));
	ZERO(keys);
	DIRTY(keys);
	CHECK_STATUS(callkey_derive_e2e_keys(&keys, NULL, 0, "1@lid"), CALLKEY_ERR_KEY_LENGTH);
	ZERO(keys);
	DIRTY(keys);
	REFUSED(callkey_derive_e2e_keys(&keys, key, 32, NULL));
	ZERO(keys);

	REFUSED(callkey_derive_e2e_keys_raw(NULL, key, 32, "1@lid"));
	DIRTY(keys);
	REFUSED(callkey_derive_e2e_keys_raw(&keys, NULL, 32, "1@lid"));
	ZERO(keys);
	DIRTY(keys);
	REFUSED(callkey_derive_e2e_keys_raw(&keys, key, 32, NULL));
	ZERO(keys);

	REFUSED(callkey_derive_e2e_keys_batch(NULL, statuses, key, 32, participants, 2));
	CHECK(statuses[0] == CALLKEY_ERR_ARGUMENT && statuses[1] == CALLKEY_ERR_ARGUMENT);
	DIRTY(many);
	REFUSED(callkey_derive_e2e_keys_batch(many, NULL, key, 32, participants, 2));
	ZERO(many);
	DIRTY(many);
	REFUSED(callkey_derive_e2e_keys_batch(many, statuses, NULL, 32, participants, 2));
	ZERO(many);
	DIRTY(many);
	REFUSED(callkey_derive_e2e_keys_batch(many, statuses, key, 32, NULL, 2));
	ZERO(many);
	DIRTY(many);
	REFUSED(callkey_derive_e2e_keys_batch(many, statuses, key, 32, with_null, 2));
	ZERO(many);
	CHECK_STATUS(callkey_derive_e2e_keys_batch(NULL, NULL, key, 32, NULL, 0), CALLKEY_OK);
	REFUSED(callkey_derive_e2e_keys_batch(many, statuses, key, 32, participants, 4097));

	REFUSED(callkey_derive_e2e_sframe_key(NULL, key, 32, "1@lid"));
	DIRTY(bytes);
	REFUSED(callkey_derive_e2e_sframe_key(bytes, NULL, 32, "1@lid"));
	CHECK(all_bytes(bytes, 0, 32) && all_bytes(bytes + 32, 0xa5, 32));
	DIRTY(bytes);
	REFUSED(callkey_derive_e2e_sframe_key(bytes, key, 32, NULL));
	CHECK(all_bytes(bytes, 0, 32));

	REFUSED(callkey_derive_warp_auth_key(NULL, key, 32));
	DIRTY(bytes);
	REFUSED(callkey_derive_warp_auth_key(bytes, NULL, 32));
	CHECK(all_bytes(bytes, 0, 32) && all_bytes(bytes + 32, 0xa5, 32));

	REFUSED(callkey_derive_hbh_keys(NULL, hbh, CALLKEY_HBH_SRTP));
	DIRTY(keys);
	REFUSED(callkey_derive_hbh_keys(&keys, NULL, CALLKEY_HBH_SRTP));
	ZERO(keys);
	DIRTY(keys);
	REFUSED(callkey_derive_hbh_keys(&keys, hbh, 4));
	ZERO(keys);

	REFUSED(callkey_derive_ssrcs(NULL, "call", "1@lid"));
	DIRTY(ssrcs);
	REFUSED(callkey_derive_ssrcs(ssrcs, NULL, "1@lid"));
	ZERO(ssrcs);
	DIRTY(ssrcs);
	REFUSED(callkey_derive_ssrcs(ssrcs, "call", NULL));
	ZERO(ssrcs);

	n = sizeof bytes;
	REFUSED(callkey_raw_e2e_decode(bytes, NULL, key, 32));
	REFUSED(callkey_raw_e2e_decode(NULL, &n, key, 32));
	n = sizeof bytes;
	REFUSED(callkey_raw_e2e_decode(bytes, &n, NULL, 32));
	CHECK(n == 0);
}

/* If this failed, a NULL in the stanza section would crash the program. */
static void null_in_the_stanza_section(void)
{
	uint8_t bytes[512], stanza[512], out[CALLKEY_KEY_BYTES];
	char text[64];
	size_t n = sizeof bytes, stanza_n = sizeof stanza;
	callkey_offer_info info;
	callkey_enc enc = {CALLEE, CALLKEY_ENC_MSG, key, sizeof key};
	callkey_offer_options options = offer_options();

	REFUSED(callkey_plaintext_encode(bytes, NULL, key, 32));
	REFUSED(callkey_plaintext_encode(NULL, &n, key, 32));
	n = sizeof bytes;
	REFUSED(callkey_plaintext_encode(bytes, &n, NULL, 32));
	CHECK(n == 0);
	REFUSED(callkey_plaintext_decode(NULL, bytes, 37, 2));
	DIRTY(out);
	REFUSED(callkey_plaintext_decode(out, NULL, 37, 2));
	ZERO(out);
	CHECK_STATUS(callkey_plaintext_decode(out, NULL, 0, 2), CALLKEY_ERR_MALFORMED);

	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, NULL, &enc, 1, &options));
	REFUSED(callkey_offer_build(NULL, &n, &enc, 1, &options));
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, NULL, 1, &options));
	CHECK(n == 0);
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_build(bytes, &n, NULL, 0, &options), CALLKEY_ERR_NO_DEVICES);
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 4097, &options));
	enc.ciphertext = NULL;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &options));
	enc.ciphertext = key;
	enc.ciphertext_len = 0;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &options));
	enc.ciphertext_len = (size_t)-1;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &options));
	enc.ciphertext_len = sizeof key;
	enc.enc_type = CALLKEY_ENC_NONE;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &options));
	enc.enc_type = 3;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &options));
	enc.enc_type = CALLKEY_ENC_MSG;
	/* Only a lone <enc> goes without a JID. */
	enc.jid = NULL;
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_build(bytes, &n, &enc, 1, NULL), CALLKEY_OK);
	options.flags = CALLKEY_OFFER_MULTI_DEVICE;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &options));
	enc.jid = CALLEE;
	CHECK_STATUS(callkey_offer_build(stanza, &stanza_n, &enc, 1, &options), CALLKEY_OK);

	n = sizeof bytes;
	REFUSED(callkey_offer_parse(bytes, NULL, &info, stanza, stanza_n, own, 1));
	DIRTY(info);
	REFUSED(callkey_offer_parse(NULL, &n, &info, stanza, stanza_n, own, 1));
	ZERO(info);
	n = sizeof bytes;
	REFUSED(callkey_offer_parse(bytes, &n, NULL, stanza, stanza_n, own, 1));
	CHECK(n == 0);
	n = sizeof bytes;
	REFUSED(callkey_offer_parse(bytes, &n, &info, NULL, stanza_n, own, 1));
	n = sizeof bytes;
	REFUSED(callkey_offer_parse(bytes, &n, &info, stanza, stanza_n, NULL, 1));
	n = sizeof bytes;
	REFUSED(callkey_offer_parse(bytes, &n, &info, stanza, stanza_n, with_null, 2));
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_parse(bytes, &n, &info, NULL, 0, own, 1), CALLKEY_ERR_MALFORMED);
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_parse(bytes, &n, &info, stanza, stanza_n, NULL, 0),
	             CALLKEY_ERR_NOT_FOR_THIS_DEVICE);
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_parse(bytes, &n, &info, stanza, stanza_n, own, 1), CALLKEY_OK);

	n = sizeof text;
	REFUSED(callkey_stanza_to_xml(text, NULL, stanza, stanza_n));
	REFUSED(callkey_stanza_to_xml(NULL, &n, stanza, stanza_n));
	n = sizeof text;
	REFUSED(callkey_stanza_to_xml(text, &n, NULL, stanza_n));
	CHECK(n == 0);
}

/* If this failed, an options struct of another version of the header would be read beyond its end,
 * or a member that this library does not know would be dropped without a word. */
static void options_of_other_versions(void)
{
	struct {
		callkey_offer_options options;
		unsigned char newer[64];
	} larger;
	callkey_enc enc = {CALLEE, CALLKEY_ENC_MSG, key, sizeof key};
	uint8_t bytes[512], same[512];
	size_t n = sizeof bytes, same_n = sizeof same;

	memset(&larger, 0, sizeof larger);
	larger.options = offer_options();
	CHECK_STATUS(callkey_offer_build(bytes, &n, &enc, 1, &larger.options), CALLKEY_OK);
	larger.options.struct_size = sizeof larger;
	CHECK_STATUS(callkey_offer_build(same, &same_n, &enc, 1, &larger.options), CALLKEY_OK);
	CHECK(n == same_n && memcmp(bytes, same, n) == 0);
	larger.newer[63] = 1;
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_build(bytes, &n, &enc, 1, &larger.options), CALLKEY_ERR_UNSUPPORTED);
	CHECK(n == 0);

	/* An older struct ends before the device identity, so there is none. */
	enc.enc_type = CALLKEY_ENC_PKMSG;
	larger.options.struct_size = offsetof(callkey_offer_options, device_identity);
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_build(bytes, &n, &enc, 1, &larger.options),
	             CALLKEY_ERR_DEVICE_IDENTITY);
	larger.options.struct_size = 0;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &larger.options));
	larger.options.struct_size = (size_t)-1;
	n = sizeof bytes;
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &larger.options));
}

/* If this failed, an offer would go out without a part that it cannot do without. */
static void options_that_lack_something(void)
{
	callkey_enc enc = {CALLEE, CALLKEY_ENC_MSG, key, sizeof key};
	callkey_offer_options o;
	uint8_t bytes[512];
	size_t n;
#define LACKING(change) \
	o = offer_options(); \
	change; \
	n = sizeof bytes; \
	REFUSED(callkey_offer_build(bytes, &n, &enc, 1, &o)); \
	CHECK(n == 0)
	LACKING(o.stanza_id = over_long);
	LACKING(o.to = NULL);
	LACKING(o.to = "");
	LACKING(o.call_id = NULL);
	LACKING(o.call_id = "");
	LACKING(o.call_id = over_long);
	LACKING(o.call_creator = NULL);
	LACKING(o.call_creator = "");
	LACKING(o.call_creator = not_utf8);
	LACKING(o.flags = 4);
	LACKING(o.capability_len = 1);
	LACKING(o.privacy_token_len = 1);
	LACKING(o.device_identity = NULL);
	LACKING(o.device_identity_len = (size_t)-1);
}

/* If this failed, a length that went through a negative number would be read as terabytes. */
static void lengths_beyond_reason(void)
{
	const size_t absurd[] = {((size_t)1 << 30) + 1, (size_t)-1, (size_t)-1 / 2 + 1};
	size_t i, n;
	uint8_t out[64];
	char text[64];
	callkey_prekey prekey;
	for (i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
		REFUSED(callkey_check(key, absurd[i]));
		n = sizeof out;
		REFUSED(callkey_raw_e2e_decode(out, &n, key, absurd[i]));
		n = sizeof text;
		REFUSED(callkey_stanza_to_xml(text, &n, key, absurd[i]));
		REFUSED(callkey_store_add_prekeys(1, &prekey, absurd[i]));
	}
	/* A capacity is only a claim: this much is more than enough. */
	n = (size_t)-1;
	CHECK_STATUS(callkey_participant_id(text, &n, "1@lid"), CALLKEY_OK);
	CHECK(n == sizeof "1:0@lid" && strcmp(text, "1:0@lid") == 0);
}

/* If this failed, a text from the network would be read beyond its end or go into keys that no
 * peer derives. */
static void texts_that_are_none(void)
{
	char text[CALLKEY_JID_BYTES + 2];
	callkey_srtp_keys keys;
	uint32_t ssrcs[CALLKEY_SSRC_COUNT];
	const char *bad[3];
	size_t i, n;
	bad[0] = over_long;
	bad[1] = not_utf8;
	bad[2] = cut_short;
	for (i = 0; i < 3; i++) {
		n = sizeof text;
		REFUSED(callkey_participant_id(text, &n, bad[i]));
		CHECK(n == 0);
		DIRTY(keys);
		REFUSED(callkey_derive_e2e_keys(&keys, key, 32, bad[i]));
		ZERO(keys);
		DIRTY(ssrcs);
		REFUSED(callkey_derive_ssrcs(ssrcs, bad[i], "1@lid"));
		ZERO(ssrcs);
		REFUSED(callkey_derive_ssrcs(ssrcs, "call", bad[i]));
	}
	CHECK_STATUS(callkey_derive_e2e_keys(&keys, key, 32, ""), CALLKEY_ERR_PARTICIPANT);
	REFUSED(callkey_derive_ssrcs(ssrcs, "", "1@lid"));
	CHECK_STATUS(callkey_derive_e2e_keys(&keys, key, 32, longest), CALLKEY_OK);
	n = sizeof text;
	CHECK_STATUS(callkey_participant_id(text, &n, longest), CALLKEY_OK);
	CHECK(n == CALLKEY_JID_BYTES);
}

/* If this failed, one bad participant would take the keys of all others with it. */
static void a_bad_participant_fails_alone(void)
{
	const char *list[5];
	callkey_srtp_keys keys[5], alone;
	callkey_status statuses[5];
	list[0] = "1@lid";
	list[1] = over_long;
	list[2] = "";
	list[3] = not_utf8;
	list[4] = "2@lid";
	DIRTY(keys);
	CHECK_STATUS(callkey_derive_e2e_keys_batch(keys, statuses, key, 32, list, 5), CALLKEY_OK);
	CHECK(statuses[0] == CALLKEY_OK && statuses[1] == CALLKEY_ERR_ARGUMENT);
	CHECK(statuses[2] == CALLKEY_ERR_PARTICIPANT && statuses[3] == CALLKEY_ERR_ARGUMENT);
	CHECK(statuses[4] == CALLKEY_OK);
	CHECK(all_bytes(&keys[1], 0, 3 * sizeof keys[1]));
	CHECK_STATUS(callkey_derive_e2e_keys(&alone, key, 32, "2:0@lid"), CALLKEY_OK);
	CHECK(memcmp(&alone, &keys[4], sizeof alone) == 0);
}

/* If this failed, a NULL in the store, session or delivery section would crash the program. */
static void null_with_an_open_store(void)
{
	accounts a = accounts_open();
	callkey_store s = a.caller, none;
	callkey_prekey_bundle bundle;
	callkey_offer_options options = offer_options();
	callkey_offer_info info;
	callkey_status statuses[2];
	uint32_t type, types[2];
	uint8_t bytes[1024], out[CALLKEY_KEY_BYTES];
	size_t n;

	REFUSED(callkey_store_open(NULL, NULL, NULL, 0, 0));
	DIRTY(none);
	REFUSED(callkey_store_open(&none, NULL, NULL, 32, 0));
	CHECK(none == 0);
	REFUSED(callkey_store_open(&none, "", key, 32, 0));
	REFUSED(callkey_store_open(&none, NULL, NULL, 0, 4));
	REFUSED(callkey_store_identity(s, NULL));
	REFUSED(callkey_store_import_identity(s, NULL, 1));
	REFUSED(callkey_store_add_prekeys(s, NULL, 1));
	CHECK_STATUS(callkey_store_add_prekeys(s, NULL, 0), CALLKEY_OK);
	REFUSED(callkey_store_rotate_signed_prekey(s, NULL));
	REFUSED(callkey_store_import_prekey(s, 1, NULL));
	REFUSED(callkey_store_import_prekey(s, 0, key));
	REFUSED(callkey_store_import_prekey(s, 1 << 24, key));
	REFUSED(callkey_store_import_signed_prekey(s, 1, NULL));
	REFUSED(callkey_store_import_signed_prekey(s, 0, key));
	REFUSED(callkey_store_bundle(s, NULL));
	REFUSED(callkey_store_alias(s, NULL, CALLEE));
	REFUSED(callkey_store_alias(s, CALLEE, NULL));

	CHECK_STATUS(callkey_store_bundle(a.callee, &bundle), CALLKEY_OK);
	REFUSED(callkey_session_begin(s, NULL, &bundle));
	REFUSED(callkey_session_begin(s, CALLEE, NULL));
	REFUSED(callkey_session_check(s, NULL));
	REFUSED(callkey_session_remove(s, NULL));
	n = sizeof bytes;
	REFUSED(callkey_session_export(s, NULL, &n, CALLEE));
	REFUSED(callkey_session_export(s, bytes, NULL, CALLEE));
	n = sizeof bytes;
	REFUSED(callkey_session_export(s, bytes, &n, NULL));
	CHECK(n == 0);
	REFUSED(callkey_session_import(s, NULL, bytes, 10));
	REFUSED(callkey_session_import(s, CALLEE, NULL, 10));
	CHECK_STATUS(callkey_session_import(s, CALLEE, NULL, 0), CALLKEY_ERR_MALFORMED);
	REFUSED(callkey_identity_get(s, NULL, CALLEE));
	DIRTY(out);
	REFUSED(callkey_identity_get(s, out, NULL));
	ZERO(out);
	REFUSED(callkey_identity_trust(s, NULL, key));
	REFUSED(callkey_identity_trust(s, CALLEE, NULL));

	n = sizeof bytes;
	REFUSED(callkey_enc_seal(s, NULL, &n, &type, CALLEE, key, 32));
	REFUSED(callkey_enc_seal(s, bytes, NULL, &type, CALLEE, key, 32));
	n = sizeof bytes;
	REFUSED(callkey_enc_seal(s, bytes, &n, NULL, CALLEE, key, 32));
	n = sizeof bytes;
	DIRTY(type);
	REFUSED(callkey_enc_seal(s, bytes, &n, &type, NULL, key, 32));
	CHECK(type == CALLKEY_ENC_NONE && n == 0);
	n = sizeof bytes;
	REFUSED(callkey_enc_seal(s, bytes, &n, &type, CALLEE, NULL, 32));
	REFUSED(callkey_enc_open(s, NULL, CALLEE, CALLKEY_ENC_MSG, 2, bytes, 10));
	DIRTY(out);
	REFUSED(callkey_enc_open(s, out, NULL, CALLKEY_ENC_MSG, 2, bytes, 10));
	ZERO(out);
	REFUSED(callkey_enc_open(s, out, CALLEE, CALLKEY_ENC_MSG, 2, NULL, 10));
	REFUSED(callkey_enc_open(s, out, CALLEE, CALLKEY_ENC_NONE, 2, bytes, 10));
	REFUSED(callkey_enc_open(s, out, CALLEE, 3, 2, bytes, 10));
	CHECK_STATUS(callkey_enc_open(s, out, CALLEE, CALLKEY_ENC_MSG, 2, NULL, 0),
	             CALLKEY_ERR_MALFORMED);

	n = sizeof bytes;
	REFUSED(callkey_offer_seal(s, NULL, &n, statuses, types, key, 32, own, 1, &options));
	REFUSED(callkey_offer_seal(s, bytes, NULL, statuses, types, key, 32, own, 1, &options));
	n = sizeof bytes;
	DIRTY(types);
	REFUSED(callkey_offer_seal(s, bytes, &n, NULL, types, key, 32, own, 1, &options));
	CHECK(types[0] == CALLKEY_ENC_NONE && n == 0);
	n = sizeof bytes;
	REFUSED(callkey_offer_seal(s, bytes, &n, statuses, NULL, key, 32, own, 1, &options));
	CHECK(statuses[0] == CALLKEY_ERR_ARGUMENT);
	n = sizeof bytes;
	REFUSED(callkey_offer_seal(s, bytes, &n, statuses, types, NULL, 32, own, 1, &options));
	n = sizeof bytes;
	REFUSED(callkey_offer_seal(s, bytes, &n, statuses, types, key, 32, NULL, 1, &options));
	n = sizeof bytes;
	REFUSED(callkey_offer_seal(s, bytes, &n, statuses, types, key, 32, with_null, 2, &options));
	n = sizeof bytes;
	CHECK_STATUS(callkey_offer_seal(s, bytes, &n, NULL, NULL, key, 32, NULL, 0, &options),
	             CALLKEY_ERR_NO_DEVICES);

	REFUSED(callkey_offer_open(s, NULL, &info, bytes, 10, own, 1, NULL));
	DIRTY(out);
	REFUSED(callkey_offer_open(s, out, NULL, bytes, 10, own, 1, NULL));
	ZERO(out);
	DIRTY(info);
	REFUSED(callkey_offer_open(s, out, &info, NULL, 10, own, 1, NULL));
	ZERO(info);
	REFUSED(callkey_offer_open(s, out, &info, bytes, 10, NULL, 1, NULL));
	REFUSED(callkey_offer_open(s, out, &info, bytes, 10, with_null, 2, NULL));
	REFUSED(callkey_offer_open(s, out, &info, bytes, 10, own, 1, ""));
	REFUSED(callkey_offer_open(s, out, &info, bytes, 10, own, 1, over_long));
	accounts_close(a);
}

/* If this failed, a stale handle would reach a store that is gone, or someone else's. */
static void handles_that_are_none(void)
{
	accounts a = accounts_open();
	callkey_store bad[4];
	callkey_identity identity;
	callkey_prekey prekey;
	callkey_signed_prekey signed_prekey;
	callkey_prekey_bundle bundle;
	callkey_offer_info info;
	callkey_status statuses[1];
	uint32_t type, types[1];
	uint8_t bytes[1024], out[CALLKEY_KEY_BYTES];
	size_t i, n;

	CHECK_STATUS(callkey_store_bundle(a.callee, &bundle), CALLKEY_OK);
	accounts_close(a);
	bad[0] = 0;
	bad[1] = a.caller;
	bad[2] = a.callee + 1;
	bad[3] = UINT64_MAX;
	for (i = 0; i < 4; i++) {
		callkey_store s = bad[i];
#define NO_HANDLE(call) CHECK_STATUS(call, CALLKEY_ERR_HANDLE)
		NO_HANDLE(callkey_store_close(s));
		DIRTY(identity);
		NO_HANDLE(callkey_store_identity(s, &identity));
		ZERO(identity);
		NO_HANDLE(callkey_store_import_identity(s, key, 1));
		DIRTY(prekey);
		NO_HANDLE(callkey_store_add_prekeys(s, &prekey, 1));
		ZERO(prekey);
		DIRTY(signed_prekey);
		NO_HANDLE(callkey_store_rotate_signed_prekey(s, &signed_prekey));
		ZERO(signed_prekey);
		NO_HANDLE(callkey_store_import_prekey(s, 1, key));
		NO_HANDLE(callkey_store_import_signed_prekey(s, 1, key));
		NO_HANDLE(callkey_store_alias(s, "1@lid", "2@lid"));
		NO_HANDLE(callkey_session_begin(s, CALLEE, &bundle));
		NO_HANDLE(callkey_session_check(s, CALLEE));
		NO_HANDLE(callkey_session_remove(s, CALLEE));
		n = sizeof bytes;
		NO_HANDLE(callkey_session_export(s, bytes, &n, CALLEE));
		CHECK(n == 0);
		NO_HANDLE(callkey_session_import(s, CALLEE, bytes, 10));
		NO_HANDLE(callkey_identity_get(s, out, CALLEE));
		NO_HANDLE(callkey_identity_trust(s, CALLEE, key));
		n = sizeof bytes;
		NO_HANDLE(callkey_enc_seal(s, bytes, &n, &type, CALLEE, key, 32));
		CHECK(type == CALLKEY_ENC_NONE && n == 0);
		NO_HANDLE(callkey_enc_open(s, out, CALLEE, CALLKEY_ENC_MSG, 2, bytes, 10));
		n = sizeof bytes;
		NO_HANDLE(callkey_offer_seal(s, bytes, &n, statuses, types, key, 32, own, 1, NULL));
		CHECK(statuses[0] == CALLKEY_ERR_HANDLE && types[0] == CALLKEY_ENC_NONE && n == 0);
		NO_HANDLE(callkey_offer_open(s, out, &info, bytes, 10, own, 1, NULL));
		ZERO(info);
		ZERO(out);
	}
	for (i = 0; i < 4; i++) {
		callkey_prekey_bundle none;
		DIRTY(none);
		NO_HANDLE(callkey_store_bundle(bad[i], &none));
		ZERO(none);
	}
}

/* If this failed, a device that does not exist would get a session, or two spellings of one device
 * would get two. */
static void jids_that_are_none(void)
{
	static const char *const bad[] = {
		"", "@lid", "1", "1@", "1@nowhere", "1:256@lid", "1:-1@lid", "1:01@lid", "1:@lid",
		"1 2@lid", "1@lid ", "1@g.us", "1_9:2@lid", "1@lid@lid",
	};
	accounts a = accounts_open();
	uint8_t bytes[512], out[CALLKEY_KEY_BYTES];
	uint32_t type;
	size_t i, n;
	for (i = 0; i < sizeof bad / sizeof bad[0] + 3; i++) {
		const char *jid = i < sizeof bad / sizeof bad[0] ? bad[i] :
			i == sizeof bad / sizeof bad[0] ? over_long :
			i == sizeof bad / sizeof bad[0] + 1 ? not_utf8 : longest;
		check_context(jid);
		REFUSED(callkey_session_check(a.caller, jid));
		REFUSED(callkey_session_remove(a.caller, jid));
		REFUSED(callkey_identity_trust(a.caller, jid, key));
		REFUSED(callkey_store_alias(a.caller, jid, CALLEE));
		REFUSED(callkey_store_alias(a.caller, CALLEE, jid));
		n = sizeof bytes;
		REFUSED(callkey_enc_seal(a.caller, bytes, &n, &type, jid, key, 32));
		CHECK(n == 0);
		DIRTY(out);
		REFUSED(callkey_enc_open(a.caller, out, jid, CALLKEY_ENC_MSG, 2, bytes, 66));
		ZERO(out);
	}
	check_context(NULL);
	CHECK_STATUS(callkey_session_check(a.caller, CALLEE), CALLKEY_OK);
	accounts_close(a);
}

void test_misuse(void)
{
	memset(over_long, '1', sizeof over_long - 1);
	memcpy(over_long + sizeof over_long - 5, "@lid", 4);
	memset(longest, '1', sizeof longest - 1);
	TEST(null_in_the_key_section);
	TEST(null_in_the_derivations);
	TEST(null_in_the_stanza_section);
	TEST(options_of_other_versions);
	TEST(options_that_lack_something);
	TEST(lengths_beyond_reason);
	TEST(texts_that_are_none);
	TEST(a_bad_participant_fails_alone);
	TEST(null_with_an_open_store);
	TEST(handles_that_are_none);
	TEST(jids_that_are_none);
}
