/* Sessions and identities of other devices: moved, removed, renamed, changed. */
#include "pair.h"
#include "test.h"

#include <string.h>

/* Seals on one store and opens on another. */
static callkey_status carry(callkey_store from, const char *to_jid, callkey_store to,
                            const char *from_jid)
{
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], enc[512];
	size_t n = sizeof enc;
	uint32_t type;
	callkey_status status;

	if (!EXPECT_OK(callkey_generate(key)))
		return CALLKEY_ERR_INTERNAL;
	status = callkey_enc_seal(from, enc, &n, &type, to_jid, key, sizeof key);
	if (status != CALLKEY_OK)
		return status;
	status = callkey_enc_open(to, opened, from_jid, type, 2, enc, n);
	if (status == CALLKEY_OK)
		EXPECT_BYTES(opened, key, sizeof key);
	return status;
}

static void moved(void)
{
	static const uint8_t identity[CALLKEY_PRIVATE_KEY_BYTES] = {
		0x08, 0x61, 0x0f, 0x33, 0x51, 0x77, 0x12, 0x99, 0x21, [31] = 0x41};
	static const callkey_store_options importing = {sizeof importing, CALLKEY_STORE_NO_IDENTITY, 0};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store old, new_home;
	uint8_t got[CALLKEY_PUBLIC_KEY_BYTES], known[CALLKEY_PUBLIC_KEY_BYTES];
	record moving;
	size_t n;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_open(&old, NULL, NULL, 0, &importing));
	REQUIRE_OK(callkey_store_open(&new_home, NULL, NULL, 0, &importing));
	REQUIRE_OK(callkey_store_import_identity(old, identity, 99));
	REQUIRE_OK(callkey_store_import_identity(new_home, identity, 99));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	REQUIRE_OK(callkey_session_begin(old, BOB, &bundle));
	EXPECT_OK(carry(old, BOB, p.callee, CAROL));
	EXPECT_OK(carry(p.callee, CAROL, old, BOB));

	pair_record(old, BOB, &moving);
	EXPECT(moving.n > 100);
	for (n = 0; n < moving.n; n++) { /* a part of a record is rejected */
		callkey_status status = callkey_session_import(new_home, BOB, moving.bytes, n);
		if (status == CALLKEY_OK || status == CALLKEY_ERR_INTERNAL)
			test_fail(__FILE__, __LINE__, "%lu bytes: %s", (unsigned long)n,
			          callkey_status_name(status));
	}
	EXPECT_STATUS(callkey_session_check(new_home, BOB), CALLKEY_ERR_NO_SESSION);
	EXPECT_STATUS(callkey_identity_get(new_home, got, BOB), CALLKEY_ERR_NOT_FOUND);
	EXPECT_OK(callkey_session_import(new_home, BOB, moving.bytes, moving.n));
	EXPECT_OK(callkey_session_remove(old, BOB));
	EXPECT_OK(callkey_session_check(new_home, BOB));
	EXPECT_OK(callkey_identity_get(new_home, got, BOB));
	EXPECT_OK(callkey_identity_get(old, known, BOB)); /* still known without a session */
	EXPECT_BYTES(got, known, sizeof got);
	EXPECT_BYTES(got, bundle.identity_key, sizeof got);
	EXPECT_OK(carry(new_home, BOB, p.callee, CAROL));
	EXPECT_OK(carry(p.callee, CAROL, new_home, BOB));
	EXPECT_OK(callkey_store_close(old));
	EXPECT_OK(callkey_store_close(new_home));
	pair_close(&p);
}

static void removed(void)
{
	pair p;
	record none;

	REQUIRE_OK(pair_open(&p));
	EXPECT_OK(callkey_session_check(p.caller, BOB));
	EXPECT_OK(callkey_session_remove(p.caller, BOB));
	EXPECT_OK(callkey_session_remove(p.caller, BOB));
	EXPECT_STATUS(callkey_session_check(p.caller, BOB), CALLKEY_ERR_NO_SESSION);
	pair_record(p.caller, BOB, &none);
	EXPECT(none.n == 0);
	EXPECT_STATUS(carry(p.caller, BOB, p.callee, ALICE), CALLKEY_ERR_NO_SESSION);
	pair_close(&p);
}

static void one_device_two_names(void)
{
	static const char phone[] = "15550001:0@s.whatsapp.net", lid[] = ALICE;
	uint8_t by_phone[32], by_lid[32];
	pair p;

	/* The callee first meets the caller by phone number, then learns its LID. */
	REQUIRE_OK(pair_open(&p));
	EXPECT_OK(carry(p.caller, BOB, p.callee, phone));
	EXPECT_OK(callkey_session_check(p.callee, phone));
	EXPECT_STATUS(callkey_session_check(p.callee, lid), CALLKEY_ERR_NO_SESSION);
	EXPECT_OK(callkey_store_alias(p.callee, phone, lid));
	EXPECT_OK(callkey_store_alias(p.callee, phone, lid));
	EXPECT_OK(callkey_session_check(p.callee, lid));
	EXPECT_OK(callkey_identity_get(p.callee, by_phone, phone));
	EXPECT_OK(callkey_identity_get(p.callee, by_lid, lid));
	EXPECT_BYTES(by_phone, by_lid, 32);
	EXPECT_OK(carry(p.callee, lid, p.caller, BOB));
	EXPECT_OK(carry(p.callee, phone, p.caller, BOB));
	EXPECT_OK(carry(p.caller, BOB, p.callee, lid));
	/* A JID without the device number is also the same device. */
	EXPECT_OK(callkey_session_check(p.callee, "111111111111111@lid"));
	EXPECT_OK(callkey_session_remove(p.callee, phone));
	EXPECT_STATUS(callkey_session_check(p.callee, lid), CALLKEY_ERR_NO_SESSION);
	pair_close(&p);
}

/* Row 24: a phone number gets a new owner. */
static void number_changes_its_owner(void)
{
	static const char number[] = "15550001:0@s.whatsapp.net";
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint8_t ciphertext[512], key[32], opened[32], had[32], has[32];
	size_t n = sizeof ciphertext;
	callkey_store owner;
	uint32_t type;
	int i;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_open(&owner, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_generate(key));
	EXPECT_OK(callkey_store_alias(p.caller, number, BOB));
	EXPECT_OK(carry(p.caller, number, p.callee, ALICE));
	EXPECT_OK(callkey_identity_get(p.caller, had, BOB));
	for (i = 0; i < 2; i++) /* the second time nothing changes */
		EXPECT_OK(callkey_store_alias(p.caller, number, CAROL));
	EXPECT_OK(callkey_identity_get(p.caller, has, BOB));
	EXPECT_BYTES(has, had, 32);
	EXPECT_STATUS(callkey_identity_get(p.caller, has, CAROL), CALLKEY_ERR_NOT_FOUND);
	EXPECT_STATUS(callkey_session_check(p.caller, number), CALLKEY_ERR_NO_SESSION);
	REQUIRE_OK(callkey_store_take_bundle(owner, &bundle));
	EXPECT_OK(callkey_session_begin(p.caller, number, &bundle));
	EXPECT_OK(callkey_session_check(p.caller, CAROL));
	REQUIRE_OK(callkey_enc_seal(p.caller, ciphertext, &n, &type, number, key, sizeof key));
	EXPECT(callkey_enc_open(p.callee, opened, ALICE, type, 2, ciphertext, n) != CALLKEY_OK);
	EXPECT_OK(callkey_enc_open(owner, opened, ALICE, type, 2, ciphertext, n));
	EXPECT_BYTES(opened, key, sizeof key);
	EXPECT_OK(carry(p.caller, BOB, p.callee, ALICE));

	/* A cycle, and aliases of themselves. */
	EXPECT_STATUS(callkey_store_alias(p.caller, CAROL, number), CALLKEY_ERR_CONFLICT);
	EXPECT_OK(callkey_store_alias(p.caller, number, number));
	EXPECT_OK(callkey_store_alias(p.caller, "111@lid", "111:0@lid"));
	EXPECT_OK(callkey_session_check(p.caller, number));

	for (i = 0; i < 2; i++)
		EXPECT_OK(callkey_store_unalias(p.caller, number));
	EXPECT_STATUS(callkey_session_check(p.caller, number), CALLKEY_ERR_NO_SESSION);
	EXPECT_STATUS(callkey_identity_get(p.caller, has, number), CALLKEY_ERR_NOT_FOUND);
	EXPECT_OK(callkey_session_check(p.caller, CAROL));
	EXPECT_OK(callkey_store_close(owner));
	EXPECT_STATUS(callkey_store_unalias(owner, number), CALLKEY_ERR_HANDLE);
	pair_close(&p);
}

/* Row 27: a first message without a one-time prekey, delivered under other names. */
static void first_message_once(void)
{
	static const char *const names[] = {ALICE, "15550001:0@s.whatsapp.net", CAROL, "999:3@lid"};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint8_t ciphertext[512], key[32], opened[32], zero[32] = {0};
	size_t n = sizeof ciphertext, i;
	uint32_t type;
	int round;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	bundle.prekey_id = 0;
	REQUIRE_OK(callkey_session_begin(p.caller, BOB, &bundle));
	REQUIRE_OK(callkey_generate(key));
	REQUIRE_OK(callkey_enc_seal(p.caller, ciphertext, &n, &type, BOB, key, sizeof key));
	EXPECT(type == CALLKEY_ENC_PKMSG);
	EXPECT_OK(callkey_enc_open(p.callee, opened, ALICE, type, 2, ciphertext, n));
	EXPECT_BYTES(opened, key, sizeof key);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < sizeof names / sizeof *names; i++) {
			EXPECT_STATUS(callkey_enc_open(p.callee, opened, names[i], type, 2, ciphertext, n),
			              CALLKEY_ERR_DUPLICATE);
			EXPECT_BYTES(opened, zero, sizeof zero);
		}
		if (round == 0)
			EXPECT_OK(callkey_store_alias(p.callee, names[1], ALICE));
		else
			EXPECT_OK(callkey_session_remove(p.callee, ALICE));
	}
	pair_close(&p);
}

static void two_devices_stay_two(void)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_take_bundle(p.caller, &bundle)); /* another identity than Bob's */
	REQUIRE_OK(callkey_session_begin(p.caller, CAROL, &bundle));
	EXPECT_STATUS(callkey_store_alias(p.caller, CAROL, BOB), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	EXPECT_OK(callkey_session_check(p.caller, CAROL));
	EXPECT_OK(carry(p.caller, BOB, p.callee, ALICE));
	pair_close(&p);
}

static void changed(void)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store new_phone;
	uint8_t known[32];
	record before, after;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_open(&new_phone, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_take_bundle(new_phone, &bundle));
	pair_record(p.caller, BOB, &before);
	EXPECT_STATUS(callkey_session_begin(p.caller, BOB, &bundle), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	pair_record(p.caller, BOB, &after);
	EXPECT(pair_same_record(&before, &after));
	EXPECT_OK(carry(p.caller, BOB, p.callee, ALICE));

	EXPECT_OK(callkey_identity_trust(p.caller, BOB, bundle.identity_key));
	EXPECT_OK(callkey_identity_get(p.caller, known, BOB));
	EXPECT_BYTES(known, bundle.identity_key, sizeof known);
	/* The old session is with the old identity: it seals nothing more. */
	EXPECT_STATUS(carry(p.caller, BOB, p.callee, ALICE), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	EXPECT_OK(callkey_session_begin(p.caller, BOB, &bundle));
	EXPECT_OK(carry(p.caller, BOB, new_phone, ALICE));
	EXPECT_OK(callkey_store_close(new_phone));
	pair_close(&p);
}

static void a_stranger(void)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store stranger;
	record before, after;
	pair p;

	/* A pkmsg in Alice's name from someone else. */
	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_acknowledge(&p));
	REQUIRE_OK(callkey_store_open(&stranger, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	REQUIRE_OK(callkey_session_begin(stranger, BOB, &bundle));
	pair_record(p.callee, ALICE, &before);
	EXPECT_STATUS(carry(stranger, BOB, p.callee, ALICE), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	pair_record(p.callee, ALICE, &after);
	EXPECT(before.n > 0 && pair_same_record(&before, &after));
	EXPECT_OK(carry(p.caller, BOB, p.callee, ALICE));
	EXPECT_OK(carry(stranger, BOB, p.callee, CAROL)); /* under its own JID it works */
	EXPECT_OK(callkey_store_close(stranger));
	pair_close(&p);
}

enum { DEVICES = 3, CHANGED = 1 };

/* Seals one offer for three devices. The changed device gets this status, the others ring. */
static void call(callkey_store caller, const callkey_store *callee, const char *const *jids,
                 callkey_status want)
{
	callkey_status statuses[DEVICES];
	uint32_t types[DEVICES];
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], offer[4096];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	size_t n = sizeof offer, i;

	EXPECT_OK(callkey_generate(key));
	EXPECT_OK(callkey_offer_seal(caller, offer, &n, statuses, types, key, sizeof key, jids, DEVICES,
	                             &pair_options));
	for (i = 0; i < DEVICES; i++) {
		callkey_status status = i == CHANGED ? want : CALLKEY_OK;
		EXPECT_STATUS(statuses[i], status);
		EXPECT((types[i] == CALLKEY_ENC_NONE) == (status != CALLKEY_OK));
		EXPECT_STATUS(callkey_offer_open(callee[i], opened, &info, offer, n, jids + i, 1, NULL),
		              status == CALLKEY_OK ? CALLKEY_OK : CALLKEY_ERR_NOT_FOR_THIS_DEVICE);
		if (status == CALLKEY_OK)
			EXPECT_BYTES(opened, key, sizeof key);
	}
}

/* One of the callee's devices is reinstalled, and writes before the caller knows. */
static void installed_anew(void)
{
	static const char *const jids[DEVICES] = {BOB, "222222222222222:3@lid", CAROL};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store caller, callee[DEVICES];
	record before, after;
	uint8_t known[32], new_identity[32];
	uint8_t first[512], key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES];
	size_t n = sizeof first, i;
	uint32_t type;

	REQUIRE_OK(callkey_store_open(&caller, NULL, NULL, 0, NULL));
	for (i = 0; i < DEVICES; i++) {
		REQUIRE_OK(callkey_store_open(&callee[i], NULL, NULL, 0, NULL));
		REQUIRE_OK(callkey_store_take_bundle(callee[i], &bundle));
		REQUIRE_OK(callkey_session_begin(caller, jids[i], &bundle));
	}
	call(caller, callee, jids, CALLKEY_OK);

	EXPECT_OK(callkey_store_close(callee[CHANGED]));
	REQUIRE_OK(callkey_store_open(&callee[CHANGED], NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_take_bundle(callee[CHANGED], &bundle));
	memcpy(new_identity, bundle.identity_key, sizeof new_identity);
	pair_record(caller, jids[CHANGED], &before);
	EXPECT_STATUS(callkey_session_begin(caller, jids[CHANGED], &bundle),
	              CALLKEY_ERR_UNTRUSTED_IDENTITY);
	REQUIRE_OK(callkey_store_take_bundle(caller, &bundle));
	REQUIRE_OK(callkey_session_begin(callee[CHANGED], ALICE, &bundle));
	REQUIRE_OK(callkey_generate(key));
	REQUIRE_OK(callkey_enc_seal(callee[CHANGED], first, &n, &type, ALICE, key, sizeof key));
	EXPECT_STATUS(callkey_enc_open(caller, opened, jids[CHANGED], type, 2, first, n),
	              CALLKEY_ERR_UNTRUSTED_IDENTITY);
	EXPECT_ZERO(opened, sizeof opened);
	pair_record(caller, jids[CHANGED], &after);
	EXPECT(before.n > 0 && pair_same_record(&before, &after));
	EXPECT_OK(callkey_identity_get(caller, known, jids[CHANGED]));
	EXPECT(memcmp(known, new_identity, sizeof known) != 0);

	/* The user accepts it. The existing session belongs to the old identity. */
	EXPECT_OK(callkey_identity_trust(caller, jids[CHANGED], new_identity));
	call(caller, callee, jids, CALLKEY_ERR_UNTRUSTED_IDENTITY);
	pair_record(caller, jids[CHANGED], &after);
	EXPECT(pair_same_record(&before, &after));
	/* The rejected message still opens. */
	EXPECT_OK(callkey_enc_open(caller, opened, jids[CHANGED], type, 2, first, n));
	EXPECT_BYTES(opened, key, sizeof key);
	call(caller, callee, jids, CALLKEY_OK);
	EXPECT_OK(callkey_store_close(caller));
	for (i = 0; i < DEVICES; i++)
		EXPECT_OK(callkey_store_close(callee[i]));
}

static const test tests[] = {
	{"moved", "an app that changes its Signal store loses its sessions", moved},
	{"removed", "a removed session still works", removed},
	{"one device, two names", "a person with a phone number and a LID has two sessions that break "
	 "each other", one_device_two_names},
	{"a number changes its owner", "a call to a phone number reaches its previous owner",
	 number_changes_its_owner},
	{"a first message, once", "an old call key is accepted again, from another sender",
	 first_message_once},
	{"two devices stay two", "one person's session is used for another", two_devices_stay_two},
	{"changed", "a malicious server can impersonate the callee unnoticed", changed},
	{"installed anew", "a reinstalled device silences the others, or gets calls before it is accepted",
	 installed_anew},
	{"a stranger", "anyone can call in another person's name", a_stranger},
};

TEST_MAIN(tests)
