/* The store and session sections: files, keys, identities, records. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {9};
static const uint8_t other_key[CALLKEY_STORAGE_KEY_BYTES] = {8};

/* A fresh folder for one test. */
static char folder[] = "/tmp/callkey-XXXXXX", path[64];

static void make_folder(void)
{
	strcpy(folder, "/tmp/callkey-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/store", folder);
}

static void remove_folder(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[80];
	size_t i;
	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		unlink(name);
	}
	CHECK(rmdir(folder) == 0);
}

/* If this failed, an account would be another one after a restart, or open to anyone with the file. */
static void a_file_keeps_its_identity_under_its_key(void)
{
	callkey_store s = 0;
	callkey_identity before, after;
	make_folder();
	CHECK_STATUS(callkey_store_open(&s, path, storage_key, 32, 0), CALLKEY_OK);
	CHECK(s != 0);
	CHECK_STATUS(callkey_store_identity(s, &before), CALLKEY_OK);
	CHECK(before.registration_id >= 1 && before.registration_id <= 16380);
	CHECK_STATUS(callkey_store_close(s), CALLKEY_OK);

	s = 77;
	CHECK_STATUS(callkey_store_open(&s, path, other_key, 32, 0), CALLKEY_ERR_STORE_KEY);
	CHECK(s == 0);
	CHECK_STATUS(callkey_store_open(&s, path, storage_key, 31, 0), CALLKEY_ERR_KEY_LENGTH);
	CHECK_STATUS(callkey_store_open(&s, path, NULL, 0, 0), CALLKEY_ERR_STORE_KEY);
	CHECK_STATUS(callkey_store_open(&s, path, NULL, 0, CALLKEY_STORE_PLAINTEXT), CALLKEY_ERR_STORE_KEY);

	CHECK_STATUS(callkey_store_open(&s, path, storage_key, 32, 0), CALLKEY_OK);
	CHECK_STATUS(callkey_store_identity(s, &after), CALLKEY_OK);
	CHECK(memcmp(&before, &after, sizeof before) == 0);
	CHECK_STATUS(callkey_store_close(s), CALLKEY_OK);
	remove_folder();
}

/* If this failed, a file of something else would be overwritten, or would be taken for a store. */
static void a_file_that_is_no_store(void)
{
	static const char words[] = "not a store, but a letter that someone wrote and wants to keep";
	char read_back[sizeof words] = "";
	callkey_store s;
	FILE *f;
	make_folder();
	f = fopen(path, "wb");
	CHECK(f != NULL && fwrite(words, 1, sizeof words, f) == sizeof words && fclose(f) == 0);
	CHECK_STATUS(callkey_store_open(&s, path, storage_key, 32, 0), CALLKEY_ERR_STORE_CORRUPT);
	f = fopen(path, "rb");
	CHECK(f != NULL && fread(read_back, 1, sizeof words, f) == sizeof words && fclose(f) == 0);
	CHECK(memcmp(words, read_back, sizeof words) == 0);
	CHECK_STATUS(callkey_store_open(&s, folder, storage_key, 32, 0), CALLKEY_ERR_STORE);
	CHECK_STATUS(callkey_store_open(&s, "/nowhere/at/all/store", storage_key, 32, 0),
	             CALLKEY_ERR_STORE);
	remove_folder();
}

/* If this failed, an account could not be moved here, or would silently become another one. */
static void identities_and_prekeys_are_imported(void)
{
	callkey_store s;
	callkey_identity identity;
	callkey_prekey_bundle bundle;
	callkey_prekey prekey;
	uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES] = {7}, other[CALLKEY_PRIVATE_KEY_BYTES] = {16};
	/* X25519 of the clamped 07 00 … 00 with the base point, from another implementation. */
	static const uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES] = {
		0x2f, 0xe5, 0x7d, 0xa3, 0x47, 0xcd, 0x62, 0x43, 0x15, 0x28, 0xda,
		0xac, 0x5f, 0xbb, 0x29, 0x07, 0x30, 0xff, 0xf6, 0x84, 0xaf, 0xc4,
		0xcf, 0xc2, 0xed, 0x90, 0x99, 0x5f, 0x58, 0xcb, 0x3b, 0x74,
	};

	CHECK_STATUS(callkey_store_open(&s, NULL, NULL, 0, CALLKEY_STORE_NO_IDENTITY), CALLKEY_OK);
	memset(&identity, 0xa5, sizeof identity);
	CHECK_STATUS(callkey_store_identity(s, &identity), CALLKEY_ERR_NO_IDENTITY);
	CHECK(all_bytes(&identity, 0, sizeof identity));
	CHECK_STATUS(callkey_store_bundle(s, &bundle), CALLKEY_ERR_NO_IDENTITY);
	CHECK_STATUS(callkey_store_add_prekeys(s, &prekey, 1), CALLKEY_ERR_NO_IDENTITY);
	CHECK_STATUS(callkey_store_import_identity(s, private_key, 4242), CALLKEY_OK);
	CHECK_STATUS(callkey_store_import_identity(s, private_key, 4242), CALLKEY_OK);
	CHECK_STATUS(callkey_store_import_identity(s, other, 4242), CALLKEY_ERR_CONFLICT);
	CHECK_STATUS(callkey_store_identity(s, &identity), CALLKEY_OK);
	CHECK(identity.registration_id == 4242);
	CHECK(memcmp(identity.public_key, public_key, sizeof public_key) == 0);

	CHECK_STATUS(callkey_store_import_prekey(s, 5, private_key), CALLKEY_OK);
	CHECK_STATUS(callkey_store_import_prekey(s, 5, private_key), CALLKEY_OK);
	CHECK_STATUS(callkey_store_import_prekey(s, 5, other), CALLKEY_ERR_CONFLICT);
	CHECK_STATUS(callkey_store_import_signed_prekey(s, 6, private_key), CALLKEY_OK);
	CHECK_STATUS(callkey_store_import_signed_prekey(s, 6, other), CALLKEY_ERR_CONFLICT);
	CHECK_STATUS(callkey_store_bundle(s, &bundle), CALLKEY_OK);
	CHECK(bundle.registration_id == 4242 && bundle.signed_prekey_id == 6);
	CHECK(memcmp(bundle.signed_prekey, public_key, sizeof public_key) == 0);
	CHECK(memcmp(bundle.identity_key, public_key, sizeof public_key) == 0);
	CHECK_STATUS(callkey_store_close(s), CALLKEY_OK);
}

/* If this failed, two people would be given the same one-time prekey: the second one's call would
 * not arrive. */
static void a_one_time_prekey_is_handed_out_once(void)
{
	callkey_store s, caller;
	callkey_prekey prekeys[3];
	callkey_signed_prekey signed_prekey;
	callkey_prekey_bundle b[4];
	int i, j;
	CHECK_STATUS(callkey_store_open(&s, NULL, NULL, 0, 0), CALLKEY_OK);
	CHECK_STATUS(callkey_store_open(&caller, NULL, NULL, 0, 0), CALLKEY_OK);
	CHECK_STATUS(callkey_store_add_prekeys(s, prekeys, 3), CALLKEY_OK);
	CHECK_STATUS(callkey_store_rotate_signed_prekey(s, &signed_prekey), CALLKEY_OK);
	for (i = 0; i < 4; i++) {
		CHECK_STATUS(callkey_store_bundle(s, &b[i]), CALLKEY_OK);
		CHECK(b[i].signed_prekey_id == signed_prekey.id);
		CHECK(memcmp(b[i].signed_prekey, signed_prekey.public_key, 32) == 0);
		CHECK_STATUS(callkey_session_begin(caller, CALLEE, &b[i]), CALLKEY_OK);
		/* The published signature is as good as the bundle's own. */
		memcpy(b[i].signed_prekey_signature, signed_prekey.signature, 64);
		CHECK_STATUS(callkey_session_begin(caller, CALLEE, &b[i]), CALLKEY_OK);
		for (j = 0; j < i; j++)
			CHECK(b[i].prekey_id != b[j].prekey_id);
	}
	for (i = 0; i < 3; i++)
		CHECK(b[i].prekey_id == prekeys[i].id && memcmp(b[i].prekey, prekeys[i].public_key, 32) == 0);
	CHECK(b[3].prekey_id == 0 && all_bytes(b[3].prekey, 0, sizeof b[3].prekey));
	CHECK_STATUS(callkey_store_close(s), CALLKEY_OK);
	CHECK_STATUS(callkey_store_close(caller), CALLKEY_OK);
}

/* If this failed, a server could put itself between two people with a bundle that nobody signed. */
static void bundles_that_must_be_refused(void)
{
	accounts a = accounts_open();
	callkey_prekey prekey;
	callkey_prekey_bundle good, bad;
	uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES];
	const char *jid = "444444444444444:1@lid";
	CHECK_STATUS(callkey_store_add_prekeys(a.callee, &prekey, 1), CALLKEY_OK);
	CHECK_STATUS(callkey_store_bundle(a.callee, &good), CALLKEY_OK);
#define BAD(change) \
	bad = good; \
	change; \
	CHECK_STATUS(callkey_session_begin(a.caller, jid, &bad), CALLKEY_ERR_INVALID_KEY); \
	CHECK_STATUS(callkey_session_check(a.caller, jid), CALLKEY_ERR_NO_SESSION); \
	CHECK_STATUS(callkey_identity_get(a.caller, identity, jid), CALLKEY_ERR_NO_IDENTITY)
	BAD(bad.signed_prekey_signature[0] ^= 1);
	BAD(bad.signed_prekey_signature[63] ^= 1);
	BAD(bad.signed_prekey[0] ^= 1);
	BAD(memset(bad.signed_prekey, 0, 32));
	BAD(memset(bad.identity_key, 0, 32));
	BAD(memset(bad.prekey, 0, 32));
	BAD(memset(bad.prekey, 0xff, 32));
	CHECK_STATUS(callkey_session_begin(a.caller, jid, &good), CALLKEY_OK);
	CHECK_STATUS(callkey_identity_get(a.caller, identity, jid), CALLKEY_OK);
	CHECK(memcmp(identity, good.identity_key, sizeof identity) == 0);
	accounts_close(a);
}

/* If this failed, a person who got a new phone could not be called, or an attacker could. */
static void a_changed_identity_must_be_trusted(void)
{
	accounts a = accounts_open(), b = accounts_open();
	callkey_prekey_bundle bundle;
	callkey_identity own;
	uint8_t low_order[CALLKEY_PUBLIC_KEY_BYTES] = {1}, key[CALLKEY_KEY_BYTES] = {1}, out[512];
	size_t n = sizeof out;
	uint32_t type;
	CHECK_STATUS(callkey_store_bundle(b.callee, &bundle), CALLKEY_OK);
	CHECK_STATUS(callkey_store_identity(b.callee, &own), CALLKEY_OK);
	CHECK_STATUS(callkey_session_begin(a.caller, CALLEE, &bundle), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	CHECK_STATUS(callkey_identity_trust(a.caller, CALLEE, low_order), CALLKEY_ERR_INVALID_KEY);
	CHECK_STATUS(callkey_identity_trust(a.caller, CALLEE, own.public_key), CALLKEY_OK);
	CHECK_STATUS(callkey_enc_seal(a.caller, out, &n, &type, CALLEE, key, 32),
	             CALLKEY_ERR_UNTRUSTED_IDENTITY);
	CHECK_STATUS(callkey_session_begin(a.caller, CALLEE, &bundle), CALLKEY_OK);
	n = sizeof out;
	CHECK_STATUS(callkey_enc_seal(a.caller, out, &n, &type, CALLEE, key, 32), CALLKEY_OK);
	accounts_close(a);
	accounts_close(b);
}

/* If this failed, an account could not move to or from another program. */
static void a_session_moves_between_stores(void)
{
	accounts a = accounts_open();
	callkey_store moved;
	callkey_identity own, peer;
	uint8_t record[4096], key[CALLKEY_KEY_BYTES] = {1}, opened[CALLKEY_KEY_BYTES], out[512];
	size_t n = sizeof record, i, out_n = sizeof out;
	uint32_t type;
	uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES], private_key[CALLKEY_PRIVATE_KEY_BYTES] = {7};

	CHECK_STATUS(callkey_store_open(&moved, NULL, NULL, 0, CALLKEY_STORE_NO_IDENTITY), CALLKEY_OK);
	CHECK_STATUS(callkey_store_import_identity(moved, private_key, 1), CALLKEY_OK);
	CHECK_STATUS(callkey_session_export(a.caller, record, &n, CALLEE), CALLKEY_OK);
	for (i = 0; i < n; i += 7)
		CHECK_STATUS(callkey_session_import(moved, CALLEE, record, i), CALLKEY_ERR_MALFORMED);
	CHECK_STATUS(callkey_session_check(moved, CALLEE), CALLKEY_ERR_NO_SESSION);
	CHECK_STATUS(callkey_session_import(moved, CALLEE, record, n), CALLKEY_OK);
	CHECK_STATUS(callkey_session_check(moved, CALLEE), CALLKEY_OK);
	CHECK_STATUS(callkey_identity_get(moved, identity, CALLEE), CALLKEY_OK);
	CHECK_STATUS(callkey_store_identity(a.callee, &peer), CALLKEY_OK);
	CHECK(memcmp(identity, peer.public_key, sizeof identity) == 0);
	CHECK_STATUS(callkey_enc_seal(moved, out, &out_n, &type, CALLEE, key, 32), CALLKEY_OK);
	CHECK_STATUS(callkey_enc_open(a.callee, opened, CALLER, type, 2, out, out_n), CALLKEY_OK);
	CHECK(memcmp(opened, key, sizeof key) == 0);
	/* The message is from the session's own identity, wherever the session now lives. */
	CHECK_STATUS(callkey_store_identity(a.caller, &own), CALLKEY_OK);
	CHECK_STATUS(callkey_identity_get(a.callee, identity, CALLER), CALLKEY_OK);
	CHECK(memcmp(identity, own.public_key, sizeof identity) == 0);

	CHECK_STATUS(callkey_session_remove(moved, CALLEE), CALLKEY_OK);
	CHECK_STATUS(callkey_session_remove(moved, CALLEE), CALLKEY_OK);
	CHECK_STATUS(callkey_session_check(moved, CALLEE), CALLKEY_ERR_NO_SESSION);
	n = sizeof record;
	CHECK_STATUS(callkey_session_export(moved, record, &n, CALLEE), CALLKEY_ERR_NO_SESSION);
	CHECK(n == 0);
	CHECK_STATUS(callkey_store_close(moved), CALLKEY_OK);
	accounts_close(a);
}

/* If this failed, a person known by phone number and by LID would have two sessions on one device,
 * and one of them would break. */
static void two_names_are_one_device(void)
{
	accounts a = accounts_open();
	const char *pn = "15550002:2@s.whatsapp.net";
	CHECK_STATUS(callkey_session_check(a.caller, pn), CALLKEY_ERR_NO_SESSION);
	CHECK_STATUS(callkey_store_alias(a.caller, pn, CALLEE), CALLKEY_OK);
	CHECK_STATUS(callkey_session_check(a.caller, pn), CALLKEY_OK);
	CHECK_STATUS(callkey_session_remove(a.caller, pn), CALLKEY_OK);
	CHECK_STATUS(callkey_session_check(a.caller, CALLEE), CALLKEY_ERR_NO_SESSION);
	accounts_close(a);
}

void test_store(void)
{
	TEST(a_file_keeps_its_identity_under_its_key);
	TEST(a_file_that_is_no_store);
	TEST(identities_and_prekeys_are_imported);
	TEST(a_one_time_prekey_is_handed_out_once);
	TEST(bundles_that_must_be_refused);
	TEST(a_changed_identity_must_be_trusted);
	TEST(a_session_moves_between_stores);
	TEST(two_names_are_one_device);
}
