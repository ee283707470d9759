/* Stores as accounts: storage keys, files that are not stores, identities. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "pair.h"
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint8_t right[CALLKEY_STORAGE_KEY_BYTES] = {1, 2, 3},
                     wrong[CALLKEY_STORAGE_KEY_BYTES] = {1, 2, 4};
static const callkey_store_options importing = {sizeof importing, CALLKEY_STORE_NO_IDENTITY, 0};
static char path[256];

static callkey_status open_with(const uint8_t *key, size_t key_len, uint32_t flags)
{
	const callkey_store_options options = {sizeof options, flags, 0};
	callkey_store s = 9;
	callkey_status status = callkey_store_open(&s, path, key, key_len, &options);

	EXPECT((status == CALLKEY_OK) == (s != 0));
	if (status == CALLKEY_OK)
		EXPECT_OK(callkey_store_close(s));
	return status;
}

static void storage_keys(void)
{
	unsigned long mark;
	callkey_identity made, found;
	callkey_store s;

	REQUIRE(folder_make());
	folder_path(path, sizeof path, "store");
	EXPECT_STATUS(open_with(NULL, 0, 0), CALLKEY_ERR_STORE_KEY);
	EXPECT(access(path, F_OK) != 0); /* rejected before a write */
	EXPECT_STATUS(open_with(right, 32, CALLKEY_STORE_PLAINTEXT), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(open_with(right, 31, 0), CALLKEY_ERR_KEY_LENGTH);
	REQUIRE_OK(callkey_store_open(&s, path, right, 32, NULL));
	EXPECT_OK(callkey_store_identity(s, &made));
	EXPECT(made.registration_id >= 1 && made.registration_id <= 16380);
	EXPECT_OK(callkey_store_close(s));

	mark = folder_mark();
	EXPECT_STATUS(open_with(wrong, 32, 0), CALLKEY_ERR_STORE_KEY);
	EXPECT_STATUS(open_with(NULL, 0, 0), CALLKEY_ERR_STORE_KEY);
	EXPECT_STATUS(open_with(NULL, 0, CALLKEY_STORE_PLAINTEXT), CALLKEY_ERR_STORE_KEY);
	EXPECT(folder_mark() == mark);
	REQUIRE_OK(callkey_store_open(&s, path, right, 32, &importing));
	EXPECT_OK(callkey_store_identity(s, &found));
	EXPECT_BYTES(&found, &made, sizeof made);
	EXPECT_OK(callkey_store_close(s));

	folder_path(path, sizeof path, "plain");
	EXPECT_OK(open_with(NULL, 0, CALLKEY_STORE_PLAINTEXT));
	EXPECT_OK(open_with(NULL, 0, CALLKEY_STORE_PLAINTEXT));
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_STORE_KEY);
	folder_remove();
}

static void names_of_files(void)
{
	/* Each but the first has a special meaning in some syntax for paths. */
	static const char *const names[] = {
		"Schl\xc3\xbcssel \xd0\xba\xd0\xbb\xd1\x8e\xd1\x87", "a%41", "a#b", "a&b=c;d", "a+b'c", "a b",
	};
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		REQUIRE(folder_make());
		folder_path(path, sizeof path, names[i]);
		EXPECT_OK(open_with(right, 32, 0));
		EXPECT_STATUS(open_with(wrong, 32, 0), CALLKEY_ERR_STORE_KEY);
		EXPECT(folder_holds_only(names[i]));
		folder_remove();
	}
}

static void write_file(const char *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (EXPECT(f != NULL)) {
		EXPECT(fwrite(bytes, 1, n, f) == n);
		EXPECT(fclose(f) == 0);
	}
}

static void files_that_are_no_stores(void)
{
	/* Only the first 16 bytes of an SQLite database. */
	static const char stub[] = "SQLite format 3";
	static const char letter[] = "Dear Bob, this is a letter and must not become a database.\n";
	char text[4097];
	unsigned long mark;

	REQUIRE(folder_make());
	folder_path(path, sizeof path, "letter");
	write_file(letter, sizeof letter - 1);
	mark = folder_mark();
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_STORE_CORRUPT);
	EXPECT(folder_mark() == mark);
	write_file(stub, sizeof stub);
	mark = folder_mark();
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_STORE_CORRUPT);
	EXPECT(folder_mark() == mark);

	folder_path(path, sizeof path, "no/such/folder");
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_STORE);
	folder_path(path, sizeof path, "");
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_STORE);
	path[0] = 0;
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_ARGUMENT);
	strcpy(path, "\xff\xff");
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_ARGUMENT);
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = 0;
	{
		callkey_store s = 9;
		char longer[4098];
		snprintf(longer, sizeof longer, "%sa", text);
		EXPECT_STATUS(callkey_store_open(&s, longer, right, 32, NULL), CALLKEY_ERR_ARGUMENT);
		EXPECT(s == 0);
		EXPECT_STATUS(callkey_store_open(&s, text, right, 32, NULL), CALLKEY_ERR_STORE);
	}
	folder_remove();
}

/* RFC 7748 section 6.1: Alice's private key and its public key. */
static const uint8_t private_key[] = {
	0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45,
	0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
static const uint8_t public_key[] = {
	0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d, 0xdc, 0xb4, 0x3e, 0xf7, 0x5a,
	0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38, 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};

static void identities(void)
{
	callkey_store s;
	callkey_identity own;
	callkey_prekey prekey;
	callkey_signed_prekey signed_prekey;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint64_t since = 9;
	uint32_t id = 1;
	size_t n;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, &importing));
#define NO_IDENTITY(output, call) \
	do { \
		memset(output, 0x5a, sizeof *(output)); \
		EXPECT_STATUS(call, CALLKEY_ERR_NO_IDENTITY); \
		EXPECT_ZERO(output, sizeof *(output)); \
	} while (0)
	NO_IDENTITY(&own, callkey_store_identity(s, &own));
	NO_IDENTITY(&prekey, callkey_store_add_prekeys(s, &prekey, 1));
	NO_IDENTITY(&signed_prekey, callkey_store_rotate_signed_prekey(s, &signed_prekey));
	NO_IDENTITY(&signed_prekey, callkey_store_signed_prekey(s, &signed_prekey, &since));
	EXPECT(since == 0);
	NO_IDENTITY(&n, (n = 0, callkey_store_unpublished(s, NULL, &n)));
	NO_IDENTITY(&n, callkey_store_prekeys_left(s, &n));
	EXPECT_STATUS(callkey_store_published(s, &id, 1), CALLKEY_ERR_NO_IDENTITY);
	memset(&bundle, 0x5a, sizeof bundle);
	bundle.struct_size = sizeof bundle;
	EXPECT_STATUS(callkey_store_take_bundle(s, &bundle), CALLKEY_ERR_NO_IDENTITY);
	EXPECT(bundle.struct_size == sizeof bundle);
	EXPECT_ZERO(&bundle.registration_id, sizeof bundle - sizeof bundle.struct_size);
	EXPECT_STATUS(callkey_store_import_signed_prekey(s, 1, private_key), CALLKEY_ERR_NO_IDENTITY);

	EXPECT_OK(callkey_store_import_identity(s, private_key, 4711));
	EXPECT_OK(callkey_store_import_identity(s, private_key, 4711));
	EXPECT_STATUS(callkey_store_import_identity(s, public_key, 4711), CALLKEY_ERR_CONFLICT);
	EXPECT_STATUS(callkey_store_import_identity(s, private_key, 4712), CALLKEY_ERR_CONFLICT);
	EXPECT_OK(callkey_store_identity(s, &own));
	EXPECT(own.registration_id == 4711);
	EXPECT_BYTES(own.public_key, public_key, sizeof public_key);
	EXPECT_OK(callkey_store_take_bundle(s, &bundle));
	EXPECT(bundle.registration_id == 4711);
	EXPECT_BYTES(bundle.identity_key, public_key, sizeof public_key);
	EXPECT_OK(callkey_store_close(s));
}

/* Copies a store, changes the storage key of the copy and uses it. */
static void copies_and_keys(void)
{
	const callkey_store_options restored = {sizeof restored, CALLKEY_STORE_RESTORED, 0};
	uint8_t key[CALLKEY_KEY_BYTES], ciphertext[512], opened[CALLKEY_KEY_BYTES];
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store s, copy, peer;
	char copied[256];
	uint32_t type;
	size_t n;

	REQUIRE(folder_make());
	folder_path(path, sizeof path, "store");
	folder_path(copied, sizeof copied, "copy");
	REQUIRE_OK(callkey_store_open(&peer, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_open(&s, path, right, 32, NULL));
	REQUIRE_OK(callkey_generate(key));
	REQUIRE_OK(callkey_store_take_bundle(peer, &bundle));
	REQUIRE_OK(callkey_session_begin(s, BOB, &bundle));
	EXPECT_STATUS(callkey_store_copy(s, ""), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_store_copy(peer, copied), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_store_copy(s, path), CALLKEY_ERR_CONFLICT);
	EXPECT_OK(callkey_store_copy(s, copied));
	EXPECT_STATUS(callkey_store_copy(s, copied), CALLKEY_ERR_CONFLICT);

	/* The original may have sealed in this session since the copy. */
	REQUIRE_OK(callkey_store_open(&copy, copied, right, 32, &restored));
	n = sizeof ciphertext;
	EXPECT_STATUS(callkey_enc_seal(copy, ciphertext, &n, &type, BOB, key, sizeof key), CALLKEY_ERR_NO_SESSION);
	EXPECT(n == 0);
	EXPECT_STATUS(callkey_session_check(copy, BOB), CALLKEY_ERR_NO_SESSION);
	REQUIRE_OK(callkey_store_take_bundle(peer, &bundle));
	EXPECT_OK(callkey_session_begin(copy, BOB, &bundle));
	n = sizeof ciphertext;
	EXPECT_OK(callkey_enc_seal(copy, ciphertext, &n, &type, BOB, key, sizeof key));
	EXPECT_OK(callkey_enc_open(peer, opened, ALICE, type, 2, ciphertext, n));
	EXPECT_BYTES(opened, key, sizeof key);
	EXPECT_OK(callkey_store_close(copy));
	folder_path(copied, sizeof copied, "nowhere");
	EXPECT_STATUS(callkey_store_open(&copy, copied, right, 32, &restored), CALLKEY_ERR_NOT_FOUND);
	EXPECT_STATUS(callkey_store_open(&copy, NULL, NULL, 0, &restored), CALLKEY_ERR_ARGUMENT);

	EXPECT_STATUS(callkey_store_change_key(s, wrong, 31), CALLKEY_ERR_KEY_LENGTH);
	EXPECT_STATUS(callkey_store_change_key(s, NULL, 0), CALLKEY_ERR_KEY_LENGTH);
	EXPECT_STATUS(callkey_store_change_key(peer, wrong, 32), CALLKEY_ERR_ARGUMENT);
	EXPECT_OK(callkey_store_change_key(s, wrong, 32));
	EXPECT_OK(callkey_session_check(s, BOB));
	EXPECT_OK(callkey_store_close(s));
	EXPECT_STATUS(open_with(right, 32, 0), CALLKEY_ERR_STORE_KEY);
	EXPECT_OK(open_with(wrong, 32, 0));
	EXPECT_OK(callkey_store_close(peer));
	folder_remove();
}

/* Row 47. */
static void kept_until_done(void)
{
	const callkey_store_options keep = {sizeof keep, CALLKEY_STORE_KEEP_OPENED, 0};
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], ciphertext[512];
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store s, peer;
	uint32_t type;
	size_t n = sizeof ciphertext;
	int i;

	REQUIRE(folder_make());
	folder_path(path, sizeof path, "store");
	REQUIRE_OK(callkey_store_open(&peer, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_open(&s, path, right, 32, &keep));
	REQUIRE_OK(callkey_generate(key));
	REQUIRE_OK(callkey_store_take_bundle(s, &bundle));
	REQUIRE_OK(callkey_session_begin(peer, ALICE, &bundle));
	REQUIRE_OK(callkey_enc_seal(peer, ciphertext, &n, &type, ALICE, key, sizeof key));
	for (i = 0; i < 3; i++) { /* a restart each time */
		EXPECT_OK(callkey_enc_open(s, opened, BOB, type, 2, ciphertext, n));
		EXPECT_BYTES(opened, key, sizeof key);
		EXPECT_OK(callkey_store_close(s));
		REQUIRE_OK(callkey_store_open(&s, path, right, 32, &keep));
	}
	EXPECT_OK(callkey_message_done(s, CAROL, ciphertext, n)); /* not hers */
	EXPECT_OK(callkey_enc_open(s, opened, BOB, type, 2, ciphertext, n));
	EXPECT_OK(callkey_message_done(s, BOB, ciphertext, n));
	EXPECT_OK(callkey_message_done(s, BOB, ciphertext, n));
	EXPECT_OK(callkey_message_done(s, BOB, NULL, 0));
	EXPECT_STATUS(callkey_enc_open(s, opened, BOB, type, 2, ciphertext, n), CALLKEY_ERR_DUPLICATE);
	EXPECT_ZERO(opened, sizeof opened);
	EXPECT_OK(callkey_store_close(s));
	EXPECT_OK(callkey_store_close(peer));
	folder_remove();
}

/* Row 31. */
static void must_exist(void)
{
	callkey_store_options o = {sizeof o, CALLKEY_STORE_MUST_EXIST, 0};
	callkey_identity made, found;
	callkey_store s = 9;

	REQUIRE(folder_make());
	folder_path(path, sizeof path, "store");
	EXPECT_STATUS(callkey_store_open(&s, path, right, 32, &o), CALLKEY_ERR_NOT_FOUND);
	EXPECT(s == 0 && access(path, F_OK) != 0);
	write_file("", 0);
	EXPECT_STATUS(callkey_store_open(&s, path, right, 32, &o), CALLKEY_ERR_NOT_FOUND);
	EXPECT_STATUS(callkey_store_open(&s, NULL, NULL, 0, &o), CALLKEY_ERR_ARGUMENT);
	REQUIRE_OK(callkey_store_open(&s, path, right, 32, NULL));
	EXPECT_OK(callkey_store_identity(s, &made));
	EXPECT_OK(callkey_store_close(s));
	o.busy_ms = 0xffffffffu;
	REQUIRE_OK(callkey_store_open(&s, path, right, 32, &o));
	EXPECT_OK(callkey_store_identity(s, &found));
	EXPECT_BYTES(&found, &made, sizeof made);
	EXPECT_OK(callkey_store_close(s));
	folder_remove();
}

static const test tests[] = {
	{"storage keys", "a stolen file gives away an account, or a mistyped key destroys one", storage_keys},
	{"names of files", "an account in a folder of that name is lost or stored elsewhere", names_of_files},
	{"files that are no stores", "the library overwrites the user's file", files_that_are_no_stores},
	{"copies and keys", "a restored backup uses message keys twice", copies_and_keys},
	{"kept until done", "an app killed while it answers a call loses the call's key", kept_until_done},
	{"must exist", "a lost file silently becomes a new account, a stranger to all peers", must_exist},
	{"identities", "a moved account looks like a different one to all peers", identities},
};

TEST_MAIN(tests)
