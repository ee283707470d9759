/* NULL in every place where the contract does not allow it: CALLKEY_ERR_ARGUMENT, fixed outputs
 * zero, sizes 0, never a crash. */
#include "pair.h"
#include "test.h"

#include <string.h>

static pair p;
static sealed enc;
static offer whole;
static sealed_rekey rekey;
static const char *const bob[] = {BOB}, *const hole[] = {BOB, NULL};

#define KEY p.key, sizeof p.key
#define REFUSED(call) EXPECT_STATUS(call, CALLKEY_ERR_ARGUMENT)

static int prepare(void)
{
	return EXPECT_OK(pair_open(&p)) && EXPECT_OK(pair_seal(&p, &enc)) &&
	       EXPECT_OK(pair_offer(&p, &whole)) && EXPECT_OK(pair_rekey(&p, &rekey));
}

/* A failure before the stanza was looked at: nothing is told of it. */
#define UNTOLD(call) \
	do { pair_spoil_info(&info); REFUSED(call); EXPECT(pair_empty_info(&info)); } while (0)

static void key_functions(void)
{
	uint8_t out[CALLKEY_KEY_BYTES] = {1};

	if (!prepare())
		return;
	REFUSED(callkey_generate(NULL));
	REFUSED(callkey_check(NULL, 32));
	REFUSED(callkey_fingerprint(NULL, KEY));
	REFUSED(callkey_fingerprint(out, NULL, 32));
	EXPECT_ZERO(out, CALLKEY_FINGERPRINT_BYTES);
	REFUSED(callkey_last_error(NULL, NULL));
	REFUSED(callkey_last_error((char *)out, NULL));
	callkey_wipe(NULL, 0);
	callkey_wipe(NULL, 100);
	pair_close(&p);
}

static void derivations(void)
{
	callkey_srtp_keys srtp;
	callkey_status status = 7;
	uint8_t out[32], packet[20] = {0x80}, tag[CALLKEY_WARP_TAG_BYTES];
	uint32_t ssrcs[CALLKEY_SSRC_COUNT];
	size_t n;

#define ZEROED(output, call) \
	do { \
		memset(output, 0x5a, sizeof *(output)); \
		REFUSED(call); \
		EXPECT_ZERO(output, sizeof *(output)); \
	} while (0)

	if (!prepare())
		return;
	REFUSED(callkey_derive_e2e_keys(NULL, KEY, BOB));
	ZEROED(&srtp, callkey_derive_e2e_keys(&srtp, NULL, 32, BOB));
	ZEROED(&srtp, callkey_derive_e2e_keys(&srtp, KEY, NULL));
	REFUSED(callkey_derive_e2e_keys_raw(NULL, KEY, BOB));
	ZEROED(&srtp, callkey_derive_e2e_keys_raw(&srtp, NULL, 32, BOB));
	ZEROED(&srtp, callkey_derive_e2e_keys_raw(&srtp, KEY, NULL));
	REFUSED(callkey_derive_e2e_keys_batch(NULL, &status, KEY, bob, 1));
	EXPECT(status == CALLKEY_ERR_ARGUMENT);
	ZEROED(&srtp, callkey_derive_e2e_keys_batch(&srtp, NULL, KEY, bob, 1));
	ZEROED(&srtp, callkey_derive_e2e_keys_batch(&srtp, &status, NULL, 32, bob, 1));
	ZEROED(&srtp, callkey_derive_e2e_keys_batch(&srtp, &status, KEY, NULL, 1));
	ZEROED(&srtp, callkey_derive_e2e_keys_batch(&srtp, &status, KEY, hole + 1, 1));
	EXPECT_OK(callkey_derive_e2e_keys_batch(NULL, NULL, KEY, NULL, 0));
	REFUSED(callkey_derive_e2e_sframe_key(NULL, KEY, BOB));
	ZEROED(&out, callkey_derive_e2e_sframe_key(out, NULL, 32, BOB));
	ZEROED(&out, callkey_derive_e2e_sframe_key(out, KEY, NULL));
	REFUSED(callkey_derive_warp_auth_key(NULL, KEY));
	ZEROED(&out, callkey_derive_warp_auth_key(out, NULL, 32));
	REFUSED(callkey_warp_tag(NULL, KEY, packet, sizeof packet, 0));
	ZEROED(&tag, callkey_warp_tag(tag, NULL, 20, packet, sizeof packet, 0));
	ZEROED(&tag, callkey_warp_tag(tag, KEY, NULL, 1, 0));
	EXPECT_OK(callkey_warp_tag(tag, KEY, NULL, 0, 0));
	REFUSED(callkey_derive_hbh_keys(NULL, p.key, 0));
	ZEROED(&srtp, callkey_derive_hbh_keys(&srtp, NULL, 0));
	REFUSED(callkey_derive_ssrcs(NULL, "C", BOB));
	ZEROED(&ssrcs, callkey_derive_ssrcs(ssrcs, NULL, BOB));
	ZEROED(&ssrcs, callkey_derive_ssrcs(ssrcs, "C", NULL));
	REFUSED(callkey_select_participant(NULL, KEY, bob, 1, packet, sizeof packet, 0, 4));
	ZEROED(&n, callkey_select_participant(&n, NULL, 32, bob, 1, packet, sizeof packet, 0, 4));
	ZEROED(&n, callkey_select_participant(&n, KEY, NULL, 1, packet, sizeof packet, 0, 4));
	ZEROED(&n, callkey_select_participant(&n, KEY, hole, 2, packet, sizeof packet, 0, 4));
	ZEROED(&n, callkey_select_participant(&n, KEY, bob, 1, NULL, 20, 0, 4));
	pair_close(&p);
}

static void plaintexts_and_stanzas(void)
{
	callkey_enc one = {BOB, CALLKEY_ENC_MSG, NULL, 16};
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint8_t out[64], key[CALLKEY_KEY_BYTES];
	uint64_t counter, key_id;
	size_t n;

/* n is a capacity before, and must be 0 after. */
#define SIZED(call) \
	do { n = sizeof out; REFUSED(call); EXPECT(n == 0); } while (0)

	if (!prepare())
		return;
	SIZED(callkey_participant_id((char *)out, &n, NULL));
	SIZED(callkey_participant_id(NULL, &n, BOB));
	REFUSED(callkey_participant_id((char *)out, NULL, BOB));
	SIZED(callkey_raw_e2e_decode(out, &n, NULL, 32));
	SIZED(callkey_raw_e2e_decode(NULL, &n, KEY));
	REFUSED(callkey_raw_e2e_decode(out, NULL, KEY));
	SIZED(callkey_sframe_seal(NULL, &n, KEY, KEY, 1, 0));
	REFUSED(callkey_sframe_seal(out, NULL, KEY, KEY, 1, 0));
	SIZED(callkey_sframe_seal(out, &n, NULL, 32, KEY, 1, 0));
	SIZED(callkey_sframe_seal(out, &n, KEY, NULL, 1, 1, 0));
	SIZED(callkey_sframe_open(NULL, &n, &counter, &key_id, KEY, KEY));
	ZEROED(&counter, callkey_sframe_open(out, NULL, &counter, &key_id, KEY, KEY));
	ZEROED(&key_id, (n = 9, callkey_sframe_open(out, &n, NULL, &key_id, KEY, KEY)));
	ZEROED(&counter, (n = 9, callkey_sframe_open(out, &n, &counter, NULL, KEY, KEY)));
	ZEROED(&counter, (n = 9, callkey_sframe_open(out, &n, &counter, &key_id, NULL, 32, KEY)));
	ZEROED(&key_id, (n = 9, callkey_sframe_open(out, &n, &counter, &key_id, KEY, NULL, 1)));
	SIZED(callkey_plaintext_encode(out, &n, NULL, 32));
	SIZED(callkey_plaintext_encode(NULL, &n, KEY));
	REFUSED(callkey_plaintext_encode(out, NULL, KEY));
	REFUSED(callkey_plaintext_decode(NULL, KEY, 2));
	ZEROED(&key, callkey_plaintext_decode(key, NULL, 37, 2));
	SIZED(callkey_offer_build(out, &n, NULL, 1, NULL));
	SIZED(callkey_offer_build(out, &n, &one, 1, NULL)); /* ciphertext NULL, length 16 */
	SIZED(callkey_offer_build(NULL, &n, &one, 1, NULL));
	REFUSED(callkey_offer_build(out, NULL, &one, 1, NULL));
	UNTOLD((n = 9, callkey_offer_parse(NULL, &n, &info, whole.bytes, whole.n, bob, 1)));
	EXPECT(n == 0);
	UNTOLD(callkey_offer_parse(out, NULL, &info, whole.bytes, whole.n, bob, 1));
	SIZED(callkey_offer_parse(out, &n, NULL, whole.bytes, whole.n, bob, 1));
	SIZED(callkey_offer_parse(out, &n, &info, NULL, 10, bob, 1));
	SIZED(callkey_offer_parse(out, &n, &info, whole.bytes, whole.n, NULL, 1));
	SIZED(callkey_offer_parse(out, &n, &info, whole.bytes, whole.n, hole, 2));
	SIZED(callkey_stanza_to_xml((char *)out, &n, NULL, 10));
	SIZED(callkey_stanza_to_xml(NULL, &n, whole.bytes, whole.n));
	REFUSED(callkey_stanza_to_xml((char *)out, NULL, whole.bytes, whole.n));
	pair_close(&p);
}

static void stores(void)
{
	callkey_store s = 9;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_prekey prekey;
	callkey_signed_prekey published;
	uint8_t out[32], session[8];
	uint64_t since;
	size_t n;

	if (!prepare())
		return;
	REFUSED(callkey_store_open(NULL, NULL, NULL, 0, NULL));
	REFUSED(callkey_store_open(&s, NULL, NULL, 32, NULL));
	EXPECT(s == 0);
	REFUSED(callkey_store_copy(p.caller, NULL));
	REFUSED(callkey_store_change_key(p.caller, NULL, 32));
	REFUSED(callkey_message_done(p.caller, NULL, p.key, 1));
	REFUSED(callkey_message_done(p.caller, BOB, NULL, 1));
	REFUSED(callkey_store_identity(p.caller, NULL));
	REFUSED(callkey_store_import_identity(p.caller, NULL, 1));
	REFUSED(callkey_store_add_prekeys(p.caller, NULL, 1));
	EXPECT_OK(callkey_store_add_prekeys(p.caller, NULL, 0));
	REQUIRE_OK(callkey_store_add_prekeys(p.caller, &prekey, 1));
	REFUSED(callkey_store_unpublished(p.caller, &prekey, NULL));
	n = 1;
	REFUSED(callkey_store_unpublished(p.caller, NULL, &n));
	EXPECT(n == 0);
	REFUSED(callkey_store_published(p.caller, NULL, 1));
	EXPECT_OK(callkey_store_published(p.caller, NULL, 0));
	REFUSED(callkey_store_prekeys_left(p.caller, NULL));
	ZEROED(&since, callkey_store_signed_prekey(p.caller, NULL, &since));
	ZEROED(&published, callkey_store_signed_prekey(p.caller, &published, NULL));
	REFUSED(callkey_store_rotate_signed_prekey(p.caller, NULL));
	REFUSED(callkey_store_import_prekey(p.caller, 1, NULL));
	REFUSED(callkey_store_import_signed_prekey(p.caller, 1, NULL));
	REFUSED(callkey_store_take_bundle(p.caller, NULL));
	REFUSED(callkey_store_alias(p.caller, NULL, BOB));
	REFUSED(callkey_store_alias(p.caller, BOB, NULL));
	REFUSED(callkey_store_unalias(p.caller, NULL));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	REFUSED(callkey_session_begin(p.caller, NULL, &bundle));
	REFUSED(callkey_session_begin(p.caller, BOB, NULL));
	REFUSED(callkey_session_check(p.caller, NULL));
	REFUSED(callkey_session_remove(p.caller, NULL));
	n = sizeof session;
	REFUSED(callkey_session_export(p.caller, session, &n, NULL));
	EXPECT(n == 0);
	n = sizeof session;
	REFUSED(callkey_session_export(p.caller, NULL, &n, BOB));
	EXPECT(n == 0);
	REFUSED(callkey_session_export(p.caller, session, NULL, BOB));
	REFUSED(callkey_session_import(p.caller, NULL, session, sizeof session));
	REFUSED(callkey_session_import(p.caller, BOB, NULL, 8));
	REFUSED(callkey_identity_get(p.caller, NULL, BOB));
	ZEROED(&out, callkey_identity_get(p.caller, out, NULL));
	REFUSED(callkey_identity_trust(p.caller, NULL, out));
	REFUSED(callkey_identity_trust(p.caller, BOB, NULL));
	pair_close(&p);
}

static void delivery(void)
{
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	callkey_status statuses[2];
	uint32_t types[2], type;
	uint8_t out[1024], key[32];
	record before, after;
	size_t n;

#define SEAL(call) \
	do { \
		statuses[0] = statuses[1] = 7; \
		types[0] = types[1] = type = 7; \
		SIZED(call); \
	} while (0)

	if (!prepare())
		return;
	pair_record(p.caller, BOB, &before);
	SEAL(callkey_enc_seal(p.caller, NULL, &n, &type, BOB, KEY));
	EXPECT(type == CALLKEY_ENC_NONE);
	REFUSED(callkey_enc_seal(p.caller, out, NULL, &type, BOB, KEY));
	SEAL(callkey_enc_seal(p.caller, out, &n, NULL, BOB, KEY));
	SEAL(callkey_enc_seal(p.caller, out, &n, &type, NULL, KEY));
	SEAL(callkey_enc_seal(p.caller, out, &n, &type, BOB, NULL, 32));
	EXPECT(type == CALLKEY_ENC_NONE);
	SEAL(callkey_offer_seal(p.caller, NULL, &n, statuses, types, KEY, bob, 1, NULL));
	REFUSED(callkey_offer_seal(p.caller, out, NULL, statuses, types, KEY, bob, 1, NULL));
	SEAL(callkey_offer_seal(p.caller, out, &n, NULL, types, KEY, bob, 1, NULL));
	EXPECT(types[0] == CALLKEY_ENC_NONE);
	SEAL(callkey_offer_seal(p.caller, out, &n, statuses, NULL, KEY, bob, 1, NULL));
	EXPECT(statuses[0] == CALLKEY_ERR_ARGUMENT);
	SEAL(callkey_offer_seal(p.caller, out, &n, statuses, types, NULL, 32, bob, 1, NULL));
	SEAL(callkey_offer_seal(p.caller, out, &n, statuses, types, KEY, NULL, 1, NULL));
	SEAL(callkey_offer_seal(p.caller, out, &n, statuses, types, KEY, hole, 2, NULL));
	EXPECT(statuses[0] == CALLKEY_ERR_ARGUMENT && statuses[1] == CALLKEY_ERR_ARGUMENT);
	EXPECT(types[0] == CALLKEY_ENC_NONE && types[1] == CALLKEY_ENC_NONE);
	SIZED(callkey_rekey_seal(p.caller, NULL, &n, KEY, 1, BOB, &pair_options));
	REFUSED(callkey_rekey_seal(p.caller, out, NULL, KEY, 1, BOB, &pair_options));
	SIZED(callkey_rekey_seal(p.caller, out, &n, NULL, 32, 1, BOB, &pair_options));
	SIZED(callkey_rekey_seal(p.caller, out, &n, KEY, 1, NULL, &pair_options));
	SIZED(callkey_rekey_seal(p.caller, out, &n, KEY, 1, BOB, NULL));
	pair_record(p.caller, BOB, &after);
	EXPECT(before.n > 0 && pair_same_record(&before, &after));

	REFUSED(callkey_enc_open(p.callee, NULL, ALICE, enc.enc_type, 2, enc.bytes, enc.n));
	ZEROED(&key, callkey_enc_open(p.callee, key, NULL, enc.enc_type, 2, enc.bytes, enc.n));
	ZEROED(&key, callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, NULL, enc.n));
	REFUSED(callkey_offer_open(p.callee, NULL, &info, whole.bytes, whole.n, bob, 1, NULL));
	ZEROED(&key, callkey_offer_open(p.callee, key, NULL, whole.bytes, whole.n, bob, 1, NULL));
	UNTOLD(callkey_offer_open(p.callee, key, &info, NULL, whole.n, bob, 1, NULL));
	UNTOLD(callkey_offer_open(p.callee, key, &info, whole.bytes, whole.n, NULL, 1, NULL));
	UNTOLD(callkey_offer_open(p.callee, key, &info, whole.bytes, whole.n, hole, 2, NULL));
	REFUSED(callkey_rekey_open(p.callee, NULL, &info, rekey.bytes, rekey.n, NULL));
	ZEROED(&key, callkey_rekey_open(p.callee, key, NULL, rekey.bytes, rekey.n, NULL));
	UNTOLD(callkey_rekey_open(p.callee, key, &info, NULL, rekey.n, NULL));
	EXPECT_OK(callkey_rekey_open(p.callee, key, &info, rekey.bytes, rekey.n, NULL));
	EXPECT_BYTES(key, p.key, sizeof key);
	/* After all of it the stanza still opens. */
	EXPECT_OK(callkey_offer_open(p.callee, key, &info, whole.bytes, whole.n, bob, 1, NULL));
	EXPECT_BYTES(key, p.key, sizeof key);
	pair_close(&p);
}

static void group_epochs(void)
{
	callkey_epochs group;
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t number;

	if (!prepare())
		return;
	REFUSED(callkey_epochs_new(NULL));
	REQUIRE_OK(callkey_epochs_new(&group));
	REFUSED(callkey_epochs_add(group, 1, NULL, 32));
	EXPECT_STATUS(callkey_epochs_add(group, 1, NULL, 0), CALLKEY_ERR_KEY_LENGTH);
	REQUIRE_OK(callkey_epochs_add(group, 1, KEY));
	REQUIRE_OK(callkey_epochs_roster(group, 1));
	REFUSED(callkey_epochs_current(group, NULL, &number));
	ZEROED(&epoch, callkey_epochs_current(group, epoch, NULL));
	ZEROED(&number, callkey_epochs_current(group, NULL, &number));
	EXPECT_OK(callkey_epochs_current(group, epoch, &number));
	EXPECT(number == 1);
	EXPECT_OK(callkey_epochs_free(group));
	pair_close(&p);
}

static const test tests[] = {
	{"key functions", "an unchecked NULL kills the app", key_functions},
	{"derivations", "an app that mixed up its arguments goes on with stale media keys", derivations},
	{"plaintexts and stanzas", "a NULL from an app's parser kills it", plaintexts_and_stanzas},
	{"stores", "a NULL path of a failed allocation kills the app and its store", stores},
	{"group epochs", "a NULL from an app's parser kills a whole group call's member", group_epochs},
	{"delivery", "a refused call moves a ratchet, or leaves a status that reads as success",
	 delivery},
};

TEST_MAIN(tests)
