/* Prekeys: handing out, publishing, and recovery after a crash. */
#include "folder.h"
#include "pair.h"
#include "test.h"

#include <string.h>
#include <time.h>

/* RFC 7748 section 6.1: Alice's private key and its public key. */
static const uint8_t private_key[] = {
	0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45,
	0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
static const uint8_t public_key[] = {
	0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d, 0xdc, 0xb4, 0x3e, 0xf7, 0x5a,
	0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38, 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a};

static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {1, 2, 3};
static callkey_store s;

/* A new device begins a session from a bundle. Returns the result of opening its first message here. */
static callkey_status first_message(const callkey_prekey_bundle *bundle, const char *from)
{
	callkey_store peer;
	uint8_t enc[512], opened[CALLKEY_KEY_BYTES];
	uint32_t type;
	size_t n = sizeof enc;
	callkey_status status;

	EXPECT_OK(callkey_store_open(&peer, NULL, NULL, 0, NULL));
	EXPECT_OK(callkey_session_begin(peer, BOB, bundle));
	EXPECT_OK(callkey_enc_seal(peer, enc, &n, &type, BOB, private_key, sizeof private_key));
	status = callkey_enc_open(s, opened, from, type, 2, enc, n);
	if (status == CALLKEY_OK)
		EXPECT_BYTES(opened, private_key, sizeof opened);
	EXPECT_OK(callkey_store_close(peer));
	return status;
}

/* Builds a bundle from a published prekey, as a server does. */
static callkey_prekey_bundle with_published(const callkey_prekey *prekey)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;

	EXPECT_OK(callkey_store_take_bundle(s, &bundle));
	bundle.prekey_id = prekey->id;
	memcpy(bundle.prekey, prekey->public_key, sizeof bundle.prekey);
	return bundle;
}

/* Row 29. */
static void one_hand_each(void)
{
	static const char *const peers[] = {ALICE, CAROL, "4:1@lid", "5:1@lid", "6:1@lid", "7:1@lid"};
	callkey_prekey made[3];
	callkey_prekey_bundle bundles[6];
	size_t i, k;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_add_prekeys(s, made, 3));
	for (i = 0; i < 3; i++) {
		EXPECT(made[i].id >= 1 && made[i].id <= 16777215);
		bundles[i] = with_published(&made[i]);
		bundles[3 + i].struct_size = sizeof bundles[i];
		REQUIRE_OK(callkey_store_take_bundle(s, &bundles[3 + i]));
	}
	for (i = 0; i < COUNT(bundles); i++)
		for (k = 0; k < i; k++)
			EXPECT(bundles[i].prekey_id != bundles[k].prekey_id &&
			       memcmp(bundles[i].prekey, bundles[k].prekey, 32) != 0);
	for (i = 0; i < COUNT(bundles); i++)
		EXPECT_OK(first_message(&bundles[i], peers[i]));
	for (i = 0; i < COUNT(bundles); i++) /* and only once */
		EXPECT_STATUS(first_message(&bundles[i], "9:9@lid"), CALLKEY_ERR_NO_PREKEY);
	EXPECT_OK(callkey_store_close(s));
}

static void stock(size_t left, const callkey_prekey *unpublished, size_t n)
{
	callkey_prekey found[8];
	size_t count = 99, short_of;

	EXPECT_OK(callkey_store_prekeys_left(s, &count));
	EXPECT(count == left);
	for (short_of = 1; short_of <= n; short_of++) {
		memset(found, 0x5a, sizeof found);
		count = n - short_of;
		EXPECT_STATUS(callkey_store_unpublished(s, count == 0 ? NULL : found, &count),
		              CALLKEY_ERR_BUFFER);
		EXPECT(count == n);
		EXPECT_FILLED(found, 0x5a, sizeof found);
	}
	memset(found, 0x5a, sizeof found);
	count = n;
	EXPECT_OK(callkey_store_unpublished(s, n == 0 ? NULL : found, &count));
	EXPECT(count == n);
	if (n > 0)
		EXPECT_BYTES(found, unpublished, n * sizeof *found);
	EXPECT_FILLED(found + n, 0x5a, (COUNT(found) - n) * sizeof *found);
	count = (size_t)-1;
	EXPECT_OK(callkey_store_unpublished(s, found, &count));
	EXPECT(count == n);
}

static void crash(const char *path)
{
	EXPECT_OK(callkey_store_close(s));
	REQUIRE_OK(callkey_store_open(&s, path, storage_key, sizeof storage_key, NULL));
}

/* Row 29: a crash between creating, uploading and recording. */
static void after_a_crash(void)
{
	callkey_prekey made[5];
	callkey_prekey_bundle bundle;
	uint32_t ids[5];
	char path[256];
	size_t i;

	REQUIRE(folder_make());
	folder_path(path, sizeof path, "store");
	REQUIRE_OK(callkey_store_open(&s, path, storage_key, sizeof storage_key, NULL));
	stock(0, NULL, 0);
	REQUIRE_OK(callkey_store_add_prekeys(s, made, 5));
	for (i = 0; i < 5; i++)
		ids[i] = made[i].id;
	crash(path);
	stock(0, made, 5);
	EXPECT_OK(callkey_store_published(s, ids, 2));
	crash(path);
	stock(2, made + 2, 3);
	EXPECT_OK(callkey_store_published(s, ids, 2));
	stock(2, made + 2, 3);

	bundle = with_published(&made[0]);
	EXPECT_OK(first_message(&bundle, ALICE));
	stock(1, made + 2, 3);
	/* Uploaded, and used before the upload was recorded: it must not be uploaded again. */
	bundle = with_published(&made[2]);
	EXPECT_OK(first_message(&bundle, CAROL));
	stock(1, made + 3, 2);
	EXPECT_OK(callkey_store_published(s, ids, 5));
	stock(3, NULL, 0);
	EXPECT_OK(callkey_store_published(s, ids, 5));
	stock(3, NULL, 0);
	EXPECT_OK(callkey_store_close(s));
	folder_remove();
}

/* A list with one wrong id must not count as published. */
static void refused_ids(void)
{
	callkey_prekey made[2];
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	struct { uint32_t id; callkey_status want; } wrong[] = {
		{0, CALLKEY_ERR_ARGUMENT}, {16777216, CALLKEY_ERR_ARGUMENT},
		{0xffffffffu, CALLKEY_ERR_ARGUMENT}, {16777215, CALLKEY_ERR_NOT_FOUND},
		{0, CALLKEY_ERR_NOT_FOUND}, {0, CALLKEY_ERR_NOT_FOUND},
	};
	uint32_t ids[3];
	size_t i, at;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_add_prekeys(s, made, 2));
	REQUIRE_OK(callkey_store_take_bundle(s, &bundle));
	wrong[4].id = bundle.prekey_id;
	wrong[5].id = bundle.prekey_id + 1;
	for (i = 0; i < COUNT(wrong); i++) {
		for (at = 0; at < 3; at++) {
			ids[(at + 1) % 3] = made[0].id;
			ids[(at + 2) % 3] = made[1].id;
			ids[at] = wrong[i].id;
			EXPECT_STATUS(callkey_store_published(s, ids, 3), wrong[i].want);
			stock(0, made, 2);
		}
	}
	EXPECT_STATUS(callkey_store_published(s, ids, 65537), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_store_add_prekeys(s, made, 65537), CALLKEY_ERR_ARGUMENT);
	stock(0, made, 2);
	EXPECT_OK(callkey_store_close(s));
}

static void imported(void)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	EXPECT_OK(callkey_store_import_signed_prekey(s, 9, private_key));
	EXPECT_OK(callkey_store_import_signed_prekey(s, 9, private_key));
	EXPECT_STATUS(callkey_store_import_signed_prekey(s, 9, public_key), CALLKEY_ERR_CONFLICT);
	EXPECT_OK(callkey_store_import_prekey(s, 16777215, private_key));
	EXPECT_OK(callkey_store_import_prekey(s, 16777215, private_key));
	EXPECT_STATUS(callkey_store_import_prekey(s, 16777215, public_key), CALLKEY_ERR_CONFLICT);
	EXPECT_STATUS(callkey_store_import_prekey(s, 0, private_key), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_store_import_prekey(s, 16777216, private_key), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_store_import_signed_prekey(s, 0, private_key), CALLKEY_ERR_ARGUMENT);
	EXPECT_STATUS(callkey_store_import_signed_prekey(s, 16777216, private_key),
	              CALLKEY_ERR_ARGUMENT);

	/* Its old store has published it: it is kept, not published again and in no bundle, and a message
	 * that names it opens. */
	stock(1, NULL, 0);
	REQUIRE_OK(callkey_store_take_bundle(s, &bundle));
	EXPECT(bundle.prekey_id != 16777215 && bundle.prekey_id != 0 && bundle.signed_prekey_id == 9);
	EXPECT_BYTES(bundle.signed_prekey, public_key, 32);
	bundle.prekey_id = 16777215;
	memcpy(bundle.prekey, public_key, 32);
	EXPECT_OK(first_message(&bundle, ALICE));
	stock(0, NULL, 0);
	EXPECT_OK(callkey_store_close(s));
}

/* The server must have the signed prekey that bundles have. */
static void signed_prekeys(void)
{
	callkey_signed_prekey made, found;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint64_t since = 9, now = (uint64_t)time(NULL);

	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	memset(&found, 0x5a, sizeof found);
	EXPECT_STATUS(callkey_store_signed_prekey(s, &found, &since), CALLKEY_ERR_NOT_FOUND);
	EXPECT(since == 0);
	EXPECT_ZERO(&found, sizeof found);

	/* The first bundle creates one. */
	REQUIRE_OK(callkey_store_take_bundle(s, &bundle));
	EXPECT_OK(callkey_store_signed_prekey(s, &found, &since));
	EXPECT(found.id == bundle.signed_prekey_id && since + 60 > now && since < now + 60);
	EXPECT_BYTES(found.public_key, bundle.signed_prekey, 32);

	/* A new one is in the next bundle. Each signature is the identity's. */
	EXPECT_OK(callkey_store_rotate_signed_prekey(s, &made));
	EXPECT(made.id != found.id);
	EXPECT_OK(callkey_store_signed_prekey(s, &found, &since));
	EXPECT(found.id == made.id);
	EXPECT_BYTES(found.public_key, made.public_key, 32);
	EXPECT_OK(first_message(&bundle, ALICE)); /* with the old signed prekey */
	REQUIRE_OK(callkey_store_take_bundle(s, &bundle));
	EXPECT(bundle.signed_prekey_id == made.id);
	EXPECT_BYTES(bundle.signed_prekey, made.public_key, 32);
	memcpy(bundle.signed_prekey_signature, made.signature, sizeof made.signature);
	EXPECT_OK(first_message(&bundle, CAROL));
	REQUIRE_OK(callkey_store_take_bundle(s, &bundle));
	memcpy(bundle.signed_prekey_signature, found.signature, sizeof found.signature);
	EXPECT_OK(first_message(&bundle, "4:1@lid"));
	EXPECT_OK(callkey_store_close(s));
}

static const test tests[] = {
	{"one hand each", "two callers get the same prekey, and the second call never arrives",
	 one_hand_each},
	{"after a crash", "new prekeys are never uploaded, or are uploaded twice",
	 after_a_crash},
	{"refused ids", "an app marks prekeys as uploaded that are not", refused_ids},
	{"imported", "peers with an old prekey of a moved account cannot call it", imported},
	{"signed prekeys", "the server gives out a signed prekey that the app does not have",
	 signed_prekeys},
};

TEST_MAIN(tests)
