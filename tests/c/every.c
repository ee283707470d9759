#include "every.h"
#include "folder.h"
#include "pair.h"

#include <stdio.h>
#include <string.h>

static pair accounts;
static callkey_store blank, spare, file, keeping;
const char *every_folder;
static callkey_epochs group, spare_group;
static callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
static callkey_account account = CALLKEY_ACCOUNT_INIT;
static callkey_record_keys meeting = CALLKEY_RECORD_KEYS_INIT;

/* The callee of a session without a store, and a first message for it. */
static struct {
	callkey_account account;
	callkey_record_keys keys;
	uint8_t prekey[CALLKEY_PRIVATE_KEY_BYTES], signed_prekey[CALLKEY_PRIVATE_KEY_BYTES];
	uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES], record[2048], sealed[512];
	size_t record_len, sealed_len;
	uint32_t enc_type;
} kept;
static callkey_prekey_bundle of_dave = CALLKEY_PREKEY_BUNDLE_INIT;
static sealed enc, message;
static offer whole;
static callkey_offer_options whole_options;
static sealed_rekey rekey;
static sealed frame;
static record session;
static uint8_t plaintext[CALLKEY_PLAINTEXT_MAX_BYTES], identity[CALLKEY_PUBLIC_KEY_BYTES];
static size_t plaintext_len;

static const char *const devices[] = {BOB, CAROL};

/* A device that keeps what it opened, so that a message opens again. */
#define DAVE "444444444444444:3@lid"
static const char *const known[] = {BOB, DAVE};

static const callkey_store_options importing = {sizeof importing, CALLKEY_STORE_NO_IDENTITY, 0};
static const callkey_store_options keeps = {sizeof keeps, CALLKEY_STORE_KEEP_OPENED, 0};

/* An SRTP packet from BOB in the call with this key, tag in the last four bytes. */
static const uint8_t counting[CALLKEY_KEY_BYTES] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};
static const uint8_t packet[] = {
	0x80, 0x78, 0x00, 0x07, 0x00, 0x00, 0x03, 0xc0, 0x12, 0x34,
	0x56, 0x78, 0xde, 0xad, 0xbe, 0xef, 0x4b, 0x2a, 0xfb, 0xa7,
};

#define KEY accounts.key, sizeof accounts.key
#define TRY(call) \
	do { callkey_status s_ = (call); if (s_ != CALLKEY_OK) return s_; } while (0)

static const char *file_path(char out[512], const char *name)
{
	if (every_folder == NULL)
		return folder_path(out, 512, name);
	snprintf(out, 512, "%s/%s", every_folder, name);
	return out;
}

/* The caller of the session keeps no store either. */
static callkey_status prepare_kept(void)
{
	static const callkey_account no_account = CALLKEY_ACCOUNT_INIT;
	static const callkey_record_keys no_keys = CALLKEY_RECORD_KEYS_INIT;
	callkey_account caller = CALLKEY_ACCOUNT_INIT;
	callkey_record_keys keys = CALLKEY_RECORD_KEYS_INIT;
	callkey_prekey_bundle published = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_identity own;
	callkey_prekey prekey;
	callkey_signed_prekey signed_prekey;
	uint8_t begun[2048], next[2048];
	size_t begun_len = sizeof begun, next_len = sizeof next;

	kept.account = no_account;
	kept.keys = no_keys;
	TRY(callkey_account_generate(&caller));
	TRY(callkey_account_generate(&kept.account));
	TRY(callkey_account_identity(&own, &kept.account));
	TRY(callkey_prekey_generate(&prekey, kept.prekey, 5));
	TRY(callkey_signed_prekey_generate(&signed_prekey, kept.signed_prekey, &kept.account, 7));
	published.registration_id = own.registration_id;
	published.prekey_id = prekey.id;
	published.signed_prekey_id = signed_prekey.id;
	memcpy(published.identity_key, own.public_key, sizeof own.public_key);
	memcpy(published.prekey, prekey.public_key, sizeof prekey.public_key);
	memcpy(published.signed_prekey, signed_prekey.public_key, sizeof signed_prekey.public_key);
	memcpy(published.signed_prekey_signature, signed_prekey.signature, sizeof signed_prekey.signature);
	keys.account = &caller;
	keys.identity_key = own.public_key;
	TRY(callkey_record_begin(begun, &begun_len, NULL, 0, &keys, &published, 1700000000));
	kept.sealed_len = sizeof kept.sealed;
	TRY(callkey_record_seal(next, &next_len, kept.sealed, &kept.sealed_len, &kept.enc_type, begun, begun_len,
	                        &keys, accounts.key, sizeof accounts.key, 1700000000));
	kept.keys.account = &kept.account;
	kept.keys.prekey_private = kept.prekey;
	kept.keys.signed_prekey_private = kept.signed_prekey;
	TRY(callkey_account_identity(&own, &caller));
	memcpy(kept.identity, own.public_key, sizeof kept.identity);
	kept.keys.identity_key = kept.identity;
	return CALLKEY_OK;
}

callkey_status every_prepare(void)
{
	callkey_status device;
	char path[512];

	TRY(pair_open(&accounts));
	TRY(callkey_store_open(&blank, NULL, NULL, 0, &importing));
	TRY(callkey_store_open(&spare, NULL, NULL, 0, NULL));
	if (every_folder == NULL && !folder_make())
		return CALLKEY_ERR_STORE;
	TRY(callkey_store_open(&file, file_path(path, "every"), accounts.key, sizeof accounts.key, NULL));
	TRY(callkey_epochs_new(&group));
	TRY(callkey_epochs_new(&spare_group));
	TRY(callkey_store_account(accounts.callee, &account));
	TRY(pair_seal(&accounts, &enc));
	TRY(callkey_store_open(&keeping, NULL, NULL, 0, &keeps));
	TRY(callkey_store_take_bundle(keeping, &of_dave));
	TRY(callkey_session_begin(accounts.caller, DAVE, &of_dave));
	message.n = sizeof message.bytes;
	TRY(callkey_message_seal(accounts.caller, message.bytes, &message.n, &message.enc_type, DAVE, KEY));
	TRY(callkey_store_take_bundle(accounts.callee, &bundle));
	/* With <to>: only a named device opens it. */
	whole_options = pair_options;
	whole_options.flags = CALLKEY_OFFER_MULTI_DEVICE | CALLKEY_OFFER_VIDEO;
	whole_options.video_enc = "h.264";
	whole_options.video_dec = "H264";
	whole_options.capability = whole_options.privacy_token = accounts.key;
	whole_options.capability_len = whole_options.privacy_token_len = 7;
	whole.n = sizeof whole.bytes;
	TRY(callkey_offer_seal(accounts.caller, whole.bytes, &whole.n, &device, &whole.enc_type, accounts.key,
	                       sizeof accounts.key, devices, 1, &whole_options));
	TRY(pair_rekey(&accounts, &rekey));
	frame.n = sizeof frame.bytes;
	TRY(callkey_sframe_seal(frame.bytes, &frame.n, accounts.key, sizeof accounts.key,
	                        accounts.key, sizeof accounts.key, 5, 0));
	pair_record(accounts.caller, BOB, &session);
	TRY(callkey_identity_get(accounts.caller, identity, BOB));
	meeting.account = &account;
	meeting.identity_key = identity;
	TRY(prepare_kept());
	plaintext_len = sizeof plaintext;
	return callkey_plaintext_encode(plaintext, &plaintext_len, accounts.key,
	                                sizeof accounts.key);
}

void every_done(void)
{
	pair_close(&accounts);
	callkey_store_close(blank);
	callkey_store_close(spare);
	callkey_store_close(file);
	callkey_store_close(keeping);
	if (every_folder == NULL)
		folder_remove();
	callkey_epochs_free(group);
	callkey_epochs_free(spare_group);
}

uint64_t every_store(const every_call *c)
{
	switch (c->store) {
	case ON_CALLER: return accounts.caller;
	case ON_CALLEE: return accounts.callee;
	case ON_BLANK: return blank;
	case ON_SPARE: return spare;
	case ON_FILE: return file;
	case ON_KEEPING: return keeping;
	case ON_GROUP: return group;
	case ON_SPARE_GROUP: return spare_group;
	default: return 0;
	}
}

#define CALL(name) static callkey_status call_##name(uint64_t s)
#define BODY(...) { (void)s; __VA_ARGS__ }

static callkey_srtp_keys srtp;
static uint8_t out[4096], key[CALLKEY_KEY_BYTES];
static char text[4096];
static size_t n;
static callkey_call_info info = CALLKEY_CALL_INFO_INIT;

CALL(selftest) BODY(return callkey_selftest();)
CALL(generate) BODY(return callkey_generate(key);)
CALL(check) BODY(return callkey_check(KEY);)
CALL(fingerprint) BODY(return callkey_fingerprint(out, KEY);)
CALL(participant_id) BODY(n = sizeof text; return callkey_participant_id(text, &n, BOB);)
CALL(derive_e2e_keys) BODY(return callkey_derive_e2e_keys(&srtp, KEY, BOB);)
CALL(derive_e2e_keys_raw) BODY(return callkey_derive_e2e_keys_raw(&srtp, KEY, BOB);)
CALL(derive_e2e_keys_batch) BODY(callkey_srtp_keys two[2]; callkey_status each[2];
	return callkey_derive_e2e_keys_batch(two, each, KEY, devices, 2);)
CALL(derive_e2e_sframe_key) BODY(return callkey_derive_e2e_sframe_key(out, KEY, BOB);)
CALL(derive_warp_auth_key) BODY(return callkey_derive_warp_auth_key(out, KEY);)
CALL(derive_hbh_keys) BODY(return callkey_derive_hbh_keys(&srtp, accounts.key, CALLKEY_HBH_SRTP);)
CALL(derive_ssrcs) BODY(uint32_t ssrcs[CALLKEY_SSRC_COUNT];
	return callkey_derive_ssrcs(ssrcs, "C0FFEE", BOB);)
CALL(raw_e2e_decode) BODY(n = sizeof out; return callkey_raw_e2e_decode(out, &n, KEY);)
CALL(select_participant) BODY(size_t index;
	return callkey_select_participant(&index, counting, sizeof counting, devices, 2, packet,
	                                  sizeof packet, 0, 4);)
CALL(warp_tag) BODY(return callkey_warp_tag(out, KEY, packet, sizeof packet, 0);)
CALL(sframe_seal) BODY(n = sizeof out; return callkey_sframe_seal(out, &n, KEY, KEY, 5, 0);)
CALL(sframe_open) BODY(uint64_t counter; uint64_t id; n = sizeof out;
	return callkey_sframe_open(out, &n, &counter, &id, KEY, frame.bytes, frame.n);)
CALL(plaintext_encode) BODY(n = sizeof out; return callkey_plaintext_encode(out, &n, KEY);)
CALL(plaintext_decode) BODY(return callkey_plaintext_decode(key, plaintext, plaintext_len, 2);)
CALL(offer_build) BODY(callkey_enc two[2] = {{BOB, enc.enc_type, enc.bytes, enc.n}, {CAROL, CALLKEY_ENC_MSG, enc.bytes, enc.n}};
	n = sizeof out;
	TRY(callkey_offer_build(out, &n, two, 2, &whole_options)); n = sizeof out;
	return callkey_offer_build(out, &n, two, 2, NULL);)
CALL(offer_parse) BODY(n = sizeof out;
	return callkey_offer_parse(out, &n, &info, whole.bytes, whole.n, devices, 2);)
CALL(rekey_build) BODY(const callkey_enc one = {BOB, CALLKEY_ENC_PKMSG, enc.bytes, enc.n};
	n = sizeof out; return callkey_rekey_build(out, &n, &one, 7, &pair_options);)
CALL(stanza_to_xml) BODY(n = sizeof text;
	return callkey_stanza_to_xml(text, &n, whole.bytes, whole.n);)
CALL(stanza_from_xml) BODY(n = sizeof out;
	return callkey_stanza_from_xml(out, &n, "<call id=\"A\">\n  <enc>33</enc>\n</call>\n");)
CALL(account_generate) BODY(callkey_account own = CALLKEY_ACCOUNT_INIT;
	return callkey_account_generate(&own);)
CALL(account_identity) BODY(callkey_identity own; return callkey_account_identity(&own, &account);)
CALL(account_sign) BODY(uint8_t signature[CALLKEY_SIGNATURE_BYTES];
	return callkey_account_sign(signature, &account, KEY);)
CALL(prekey_generate) BODY(callkey_prekey one; return callkey_prekey_generate(&one, key, 7);)
CALL(signed_prekey_generate) BODY(callkey_signed_prekey one;
	return callkey_signed_prekey_generate(&one, key, &account, 7);)
CALL(message_parse) BODY(callkey_message_info about = CALLKEY_MESSAGE_INFO_INIT;
	return callkey_message_parse(&about, enc.enc_type, enc.bytes, enc.n);)
CALL(record_begin) BODY(uint8_t next[4096]; n = sizeof next;
	return callkey_record_begin(next, &n, session.bytes, session.n, &meeting, &bundle, 1700000000);)
CALL(record_seal) BODY(uint8_t next[4096]; size_t next_len = sizeof next; uint32_t type; n = sizeof out;
	return callkey_record_seal(next, &next_len, out, &n, &type, session.bytes, session.n, &meeting, KEY, 1700000000);)
CALL(record_open) BODY(uint8_t next[4096]; size_t next_len = sizeof next; uint8_t from[CALLKEY_PUBLIC_KEY_BYTES];
	n = sizeof out;
	return callkey_record_open(next, &next_len, out, &n, from, kept.record, kept.record_len, &kept.keys,
	                           kept.enc_type, kept.sealed, kept.sealed_len, 1700000000);)
CALL(record_info) BODY(callkey_session_info about = CALLKEY_SESSION_INFO_INIT;
	return callkey_record_info(&about, session.bytes, session.n, identity, 1700000000);)
CALL(record_merge) BODY(n = sizeof out;
	return callkey_record_merge(out, &n, session.bytes, session.n, session.bytes, session.n);)
CALL(store_open) BODY(callkey_store opened; char path[512];
	callkey_store_options options = CALLKEY_STORE_OPTIONS_INIT;
	TRY(callkey_store_open(&opened, file_path(path, "opened"), KEY, &options));
	TRY(callkey_store_close(opened));
	TRY(callkey_store_open(&opened, NULL, NULL, 0, NULL));
	return callkey_store_close(opened);)
CALL(store_copy) BODY(static int copies; char name[32]; char path[512];
	snprintf(name, sizeof name, "copy%d", copies++);
	return callkey_store_copy(s, file_path(path, name));)
CALL(store_change_key) BODY(return callkey_store_change_key(s, KEY);)
CALL(store_identity) BODY(callkey_identity own; return callkey_store_identity(s, &own);)
CALL(store_account) BODY(callkey_account own = CALLKEY_ACCOUNT_INIT;
	return callkey_store_account(s, &own);)
CALL(store_import_identity) BODY(return callkey_store_import_identity(s, accounts.key, 77);)
CALL(store_add_prekeys) BODY(callkey_prekey one; return callkey_store_add_prekeys(s, &one, 1);)
CALL(store_unpublished) BODY(callkey_prekey some[8]; n = 8;
	return callkey_store_unpublished(s, some, &n);)
CALL(store_published) BODY(uint32_t first = 1; return callkey_store_published(s, &first, 1);)
CALL(store_prekeys_left) BODY(return callkey_store_prekeys_left(s, &n);)
CALL(store_signed_prekey) BODY(callkey_signed_prekey one; uint64_t since;
	return callkey_store_signed_prekey(s, &one, &since);)
CALL(store_rotate_signed_prekey) BODY(callkey_signed_prekey one;
	return callkey_store_rotate_signed_prekey(s, &one);)
CALL(store_import_prekey) BODY(return callkey_store_import_prekey(s, 500001, accounts.key);)
CALL(store_import_signed_prekey) BODY(
	return callkey_store_import_signed_prekey(s, 500001, accounts.key);)
CALL(store_take_bundle) BODY(callkey_prekey_bundle one = CALLKEY_PREKEY_BUNDLE_INIT;
	return callkey_store_take_bundle(s, &one);)
CALL(store_alias) BODY(return callkey_store_alias(s, "1555@s.whatsapp.net", CAROL);)
CALL(store_unalias) BODY(return callkey_store_unalias(s, "1555@s.whatsapp.net");)
CALL(session_check) BODY(return callkey_session_check(s, BOB);)
CALL(store_next) BODY(n = sizeof text;
	TRY(callkey_store_next(s, text, &n, CALLKEY_LIST_SESSIONS, "222222222222222@lid", ALICE));
	n = sizeof text;
	return callkey_store_next(s, text, &n, CALLKEY_LIST_IDENTITIES, NULL, NULL);)
CALL(session_info_get) BODY(callkey_session_info about = CALLKEY_SESSION_INFO_INIT;
	return callkey_session_info_get(s, &about, BOB);)
CALL(session_export) BODY(n = sizeof out; return callkey_session_export(s, out, &n, BOB);)
CALL(session_import) BODY(return callkey_session_import(s, BOB, session.bytes, session.n);)
CALL(identity_get) BODY(return callkey_identity_get(s, key, BOB);)
CALL(identity_trust) BODY(return callkey_identity_trust(s, BOB, identity);)
CALL(identity_remove) BODY(return callkey_identity_remove(s, CAROL);)
CALL(user_remove) BODY(return callkey_user_remove(s, "333333333333333@lid");)
CALL(enc_seal) BODY(uint32_t type; n = sizeof out;
	return callkey_enc_seal(s, out, &n, &type, BOB, KEY);)
CALL(message_seal) BODY(uint32_t type; n = sizeof out;
	return callkey_message_seal(s, out, &n, &type, BOB, KEY);)
CALL(message_seal_batch) BODY(const uint8_t *texts[2] = {plaintext, accounts.key}; const size_t lengths[2] = {3, 30};
	size_t ends[2]; callkey_status each[2]; uint32_t types[2];
	n = sizeof out;
	return callkey_message_seal_batch(s, out, &n, ends, each, types, known, texts, lengths, 2);)
CALL(offer_seal) BODY(callkey_status each[2]; uint32_t types[2]; n = sizeof out;
	TRY(callkey_offer_seal(s, out, &n, each, types, KEY, devices, 2, &whole_options)); n = sizeof out;
	return callkey_offer_seal(s, out, &n, each, types, KEY, devices, 2, NULL);)
CALL(session_remove) BODY(return callkey_session_remove(s, BOB);)
CALL(session_begin) BODY(return callkey_session_begin(s, BOB, &bundle);)
CALL(session_begin_batch) BODY(const callkey_prekey_bundle *bundles[2] = {&bundle, &of_dave}; callkey_status each[2];
	return callkey_session_begin_batch(s, each, known, bundles, 2);)
CALL(offer_begin) BODY(const callkey_prekey_bundle *bundles[2] = {NULL, &of_dave}; callkey_status each[2]; uint32_t types[2];
	n = sizeof out;
	TRY(callkey_offer_begin(s, out, &n, each, types, KEY, known, bundles, 2, &whole_options)); n = sizeof out;
	return callkey_offer_begin(s, out, &n, each, types, KEY, known, bundles, 2, NULL);)
CALL(enc_open) BODY(
	return callkey_enc_open(s, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n);)
CALL(offer_open) BODY(
	return callkey_offer_open(s, key, &info, whole.bytes, whole.n, devices, 2, ALICE);)
CALL(rekey_seal) BODY(n = sizeof out;
	return callkey_rekey_seal(s, out, &n, KEY, 7, BOB, &pair_options);)
CALL(rekey_seal_batch) BODY(size_t ends[2]; callkey_status each[2]; n = sizeof out;
	return callkey_rekey_seal_batch(s, out, &n, ends, each, KEY, 7, known, 2, &pair_options);)
CALL(rekey_open) BODY(
	return callkey_rekey_open(s, key, &info, rekey.bytes, rekey.n, ALICE);)
CALL(message_open) BODY(n = sizeof out;
	return callkey_message_open(s, out, &n, ALICE, message.enc_type, message.bytes, message.n);)
CALL(message_done) BODY(return callkey_message_done(s, ALICE, enc.bytes, enc.n);)
CALL(store_close) BODY(return callkey_store_close(s);)

CALL(epochs_new) BODY(callkey_epochs made;
	callkey_status status = callkey_epochs_new(&made);
	if (status == CALLKEY_OK) callkey_epochs_free(made);
	return status;)
CALL(epochs_add) BODY(return callkey_epochs_add(s, 7, KEY);)
CALL(epochs_roster) BODY(return callkey_epochs_roster(s, 7);)
CALL(epochs_current) BODY(uint32_t number; return callkey_epochs_current(s, key, &number);)
CALL(epochs_free) BODY(return callkey_epochs_free(s);)

#define ROW(name, store) {"callkey_" #name, call_##name, store}

/* In this order all calls succeed in a working library. */
const every_call every_calls[] = {
	ROW(selftest, NO_STORE), ROW(generate, NO_STORE), ROW(check, NO_STORE),
	ROW(fingerprint, NO_STORE), ROW(participant_id, NO_STORE), ROW(derive_e2e_keys, NO_STORE),
	ROW(derive_e2e_keys_raw, NO_STORE), ROW(derive_e2e_keys_batch, NO_STORE),
	ROW(derive_e2e_sframe_key, NO_STORE), ROW(derive_warp_auth_key, NO_STORE),
	ROW(derive_hbh_keys, NO_STORE), ROW(derive_ssrcs, NO_STORE), ROW(raw_e2e_decode, NO_STORE),
	ROW(select_participant, NO_STORE), ROW(warp_tag, NO_STORE), ROW(sframe_seal, NO_STORE),
	ROW(sframe_open, NO_STORE), ROW(plaintext_encode, NO_STORE), ROW(plaintext_decode, NO_STORE),
	ROW(offer_build, NO_STORE), ROW(offer_parse, NO_STORE), ROW(rekey_build, NO_STORE),
	ROW(stanza_to_xml, NO_STORE), ROW(stanza_from_xml, NO_STORE),
	ROW(account_generate, NO_STORE), ROW(account_identity, NO_STORE), ROW(account_sign, NO_STORE),
	ROW(prekey_generate, NO_STORE), ROW(signed_prekey_generate, NO_STORE),
	ROW(message_parse, NO_STORE), ROW(record_begin, NO_STORE), ROW(record_seal, NO_STORE),
	ROW(record_open, NO_STORE), ROW(record_info, NO_STORE), ROW(record_merge, NO_STORE),
	ROW(store_open, NO_STORE), ROW(store_copy, ON_FILE), ROW(store_change_key, ON_FILE),
	ROW(store_identity, ON_CALLER), ROW(store_account, ON_CALLER),
	ROW(store_import_identity, ON_BLANK), ROW(store_add_prekeys, ON_CALLER),
	ROW(store_unpublished, ON_CALLER), ROW(store_published, ON_CALLER),
	ROW(store_prekeys_left, ON_CALLER), ROW(store_rotate_signed_prekey, ON_CALLER),
	ROW(store_signed_prekey, ON_CALLER), ROW(store_import_prekey, ON_CALLER),
	ROW(store_import_signed_prekey, ON_CALLER), ROW(store_take_bundle, ON_CALLER),
	ROW(store_alias, ON_CALLER), ROW(store_unalias, ON_CALLER), ROW(session_check, ON_CALLER),
	ROW(store_next, ON_CALLER), ROW(session_info_get, ON_CALLER), ROW(session_export, ON_CALLER),
	ROW(session_import, ON_CALLER), ROW(identity_get, ON_CALLER),
	ROW(identity_trust, ON_CALLER), ROW(identity_remove, ON_CALLER), ROW(user_remove, ON_CALLER),
	ROW(enc_seal, ON_CALLER), ROW(message_seal, ON_CALLER),
	ROW(message_seal_batch, ON_CALLER), ROW(offer_seal, ON_CALLER), ROW(offer_begin, ON_CALLER),
	ROW(rekey_seal, ON_CALLER),
	ROW(rekey_seal_batch, ON_CALLER), ROW(session_remove, ON_CALLER), ROW(session_begin, ON_CALLER),
	ROW(session_begin_batch, ON_CALLER), ROW(enc_open, ON_CALLEE),
	ROW(offer_open, ON_CALLEE), ROW(rekey_open, ON_CALLEE),
	ROW(message_open, ON_KEEPING), ROW(message_done, ON_CALLEE),
	ROW(store_close, ON_SPARE),
	ROW(epochs_new, NO_STORE), ROW(epochs_add, ON_GROUP), ROW(epochs_roster, ON_GROUP),
	ROW(epochs_current, ON_GROUP), ROW(epochs_free, ON_SPARE_GROUP),
};

const size_t every_count = sizeof every_calls / sizeof *every_calls;
