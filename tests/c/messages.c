/* The app's other messages, in the session that its calls use. trial.c tries the arguments. */
#include "pair.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 24 }; /* the longest plaintext */

typedef struct message {
	uint8_t bytes[1024];
	size_t n;
	uint32_t enc_type;
} message;

static pair p;

static void seal(callkey_store from, const char *to, const void *text, size_t n, message *out)
{
	out->n = sizeof out->bytes;
	EXPECT_OK(callkey_message_seal(from, out->bytes, &out->n, &out->enc_type, to, text, n));
	EXPECT(out->n > n && out->n <= n + CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES);
}

static void opens(callkey_store at, const char *from, const message *m, const void *text, size_t n)
{
	uint8_t out[1024];
	size_t got = m->n;

	memset(out, 0x5a, sizeof out);
	EXPECT_OK(callkey_message_open(at, out, &got, from, m->enc_type, m->bytes, m->n));
	EXPECT(got == n);
	EXPECT_BYTES(out, text, n);
	EXPECT_FILLED(out + n, 0x5a, sizeof out - n);
}

static void refused(callkey_store at, const char *from, const message *m, callkey_status want)
{
	uint8_t out[1024];
	size_t n = sizeof out;

	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_message_open(at, out, &n, from, m->enc_type, m->bytes, m->n), want);
	EXPECT(n == 0);
	EXPECT_FILLED(out, 0x5a, sizeof out);
}

static void no_key(callkey_store at, const char *from, const message *m, callkey_status want)
{
	uint8_t key[CALLKEY_KEY_BYTES];

	memset(key, 0x5a, sizeof key);
	EXPECT_STATUS(callkey_enc_open(at, key, from, m->enc_type, 2, m->bytes, m->n), want);
	EXPECT_ZERO(key, sizeof key);
}

/* Messages and keys of both sides in one session; some are overtaken. */
static void one_session(void)
{
	static const uint8_t text[300] = "a message";
	uint8_t key[CALLKEY_KEY_BYTES];
	message late, m, answer;
	sealed enc;
	int i;

	REQUIRE_OK(pair_open(&p));
	for (i = 0; i < 20; i++) {
		size_t n = (size_t)i * 15;
		seal(p.caller, BOB, text, sizeof text, &late);
		seal(p.caller, BOB, text, n, &m);
		EXPECT(m.enc_type == (i == 0 ? CALLKEY_ENC_PKMSG : CALLKEY_ENC_MSG));
		REQUIRE_OK(pair_seal(&p, &enc));
		EXPECT_OK(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n));
		EXPECT_BYTES(key, p.key, sizeof key);
		opens(p.callee, ALICE, &m, text, n);
		seal(p.callee, ALICE, text, n, &answer);
		opens(p.caller, BOB, &answer, text, n);
		refused(p.caller, BOB, &answer, CALLKEY_ERR_DUPLICATE);
		refused(p.callee, ALICE, &m, CALLKEY_ERR_DUPLICATE);
		no_key(p.callee, ALICE, &m, CALLKEY_ERR_DUPLICATE);
		opens(p.callee, ALICE, &late, text, sizeof text);
	}
	pair_close(&p);
}

/* An app may try to open everything as a call first, or a key as a message. */
static void one_or_the_other(void)
{
	static const uint8_t text[] = "no key at all";
	callkey_store keeping;
	callkey_store_options options = CALLKEY_STORE_OPTIONS_INIT;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint8_t plaintext[CALLKEY_PLAINTEXT_MAX_BYTES], key[CALLKEY_KEY_BYTES];
	message m, as_key;
	sealed enc;
	size_t n = sizeof plaintext;
	int i;

	REQUIRE_OK(pair_open(&p));
	seal(p.caller, BOB, text, sizeof text, &m);
	no_key(p.callee, ALICE, &m, CALLKEY_ERR_MALFORMED);
	opens(p.callee, ALICE, &m, text, sizeof text);
	REQUIRE_OK(pair_seal(&p, &enc));
	REQUIRE_OK(callkey_message_open(p.callee, plaintext, &n, ALICE, enc.enc_type, enc.bytes, enc.n));
	REQUIRE_OK(callkey_plaintext_decode(key, plaintext, n, 2));
	EXPECT_BYTES(key, p.key, sizeof key);
	EXPECT_STATUS(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n),
	              CALLKEY_ERR_DUPLICATE);

	/* Kept messages remember which they were. */
	options.flags = CALLKEY_STORE_KEEP_OPENED;
	REQUIRE_OK(callkey_store_open(&keeping, NULL, NULL, 0, &options));
	REQUIRE_OK(callkey_store_take_bundle(keeping, &bundle));
	REQUIRE_OK(callkey_session_begin(p.caller, CAROL, &bundle));
	seal(p.caller, CAROL, plaintext, n, &m); /* what a key's message has inside */
	as_key.n = sizeof as_key.bytes;
	REQUIRE_OK(callkey_enc_seal(p.caller, as_key.bytes, &as_key.n, &as_key.enc_type, CAROL, p.key,
	                            sizeof p.key));
	for (i = 0; i < 3; i++) {
		opens(keeping, ALICE, &m, plaintext, n);
		no_key(keeping, ALICE, &m, CALLKEY_ERR_DUPLICATE);
		EXPECT_OK(callkey_enc_open(keeping, key, ALICE, as_key.enc_type, 2, as_key.bytes, as_key.n));
		EXPECT_BYTES(key, p.key, sizeof key);
		refused(keeping, ALICE, &as_key, CALLKEY_ERR_DUPLICATE);
	}
	EXPECT_OK(callkey_message_done(keeping, ALICE, m.bytes, m.n));
	refused(keeping, ALICE, &m, CALLKEY_ERR_DUPLICATE);
	EXPECT_OK(callkey_message_done(keeping, ALICE, as_key.bytes, as_key.n));
	EXPECT_OK(callkey_store_close(keeping));
	pair_close(&p);
}

static void longest(void)
{
	size_t n = 0, room = MOST + CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES, got;
	uint8_t *text = malloc(MOST + 1), *ciphertext = malloc(room + 1);
	uint32_t type;

	if (!EXPECT(text != NULL && ciphertext != NULL))
		return;
	memset(text, 0xa5, MOST + 1);
	REQUIRE_OK(pair_open(&p));
	EXPECT_STATUS(callkey_message_seal(p.caller, NULL, &n, &type, BOB, text, MOST), CALLKEY_ERR_BUFFER);
	EXPECT(n > MOST && n <= room);
	EXPECT_OK(callkey_message_seal(p.caller, ciphertext, &n, &type, BOB, text, MOST));
	memset(text, 0, MOST);
	got = n;
	EXPECT_OK(callkey_message_open(p.callee, text, &got, ALICE, type, ciphertext, n));
	EXPECT(got == MOST);
	EXPECT_FILLED(text, 0xa5, MOST);

	n = room;
	EXPECT_STATUS(callkey_message_seal(p.caller, ciphertext, &n, &type, BOB, text, MOST + 1),
	              CALLKEY_ERR_ARGUMENT);
	EXPECT(n == 0 && type == CALLKEY_ENC_NONE);
	got = MOST;
	EXPECT_STATUS(callkey_message_open(p.callee, text, &got, ALICE, CALLKEY_ENC_MSG, ciphertext, room + 1),
	              CALLKEY_ERR_MALFORMED);
	EXPECT(got == 0);
	pair_close(&p);
	free(text);
	free(ciphertext);
}

static void bad_types(void)
{
	message m;

	REQUIRE_OK(pair_open(&p));
	seal(p.caller, BOB, "x", 1, &m);
	m.enc_type = CALLKEY_ENC_NONE;
	refused(p.callee, ALICE, &m, CALLKEY_ERR_UNSUPPORTED);
	m.enc_type = 3;
	refused(p.callee, ALICE, &m, CALLKEY_ERR_UNSUPPORTED);
	m.enc_type = CALLKEY_ENC_MSG;
	refused(p.callee, ALICE, &m, CALLKEY_ERR_MALFORMED);
	m.enc_type = CALLKEY_ENC_PKMSG;
	m.bytes[m.n - 12] ^= 1; /* in the MAC */
	refused(p.callee, ALICE, &m, CALLKEY_ERR_AUTHENTICATION);
	m.bytes[m.n - 12] ^= 1;
	opens(p.callee, ALICE, &m, "x", 1);
	pair_close(&p);
}

enum { DEVICES = 20 };

static callkey_store device[DEVICES];
static char jids[DEVICES][CALLKEY_JID_BYTES];
static const char *list[DEVICES + 3];
static callkey_status statuses[DEVICES + 3];
static size_t ends[DEVICES + 3];

/* DEVICES with a session, and then one named twice, one without a session, and no device. */
static void devices_open(void)
{
	const callkey_prekey_bundle *pointers[DEVICES + 3];
	callkey_prekey_bundle bundles[DEVICES];
	size_t i;

	REQUIRE_OK(pair_open(&p));
	for (i = 0; i < DEVICES; i++) {
		sprintf(jids[i], "4444444444444%02d:1@lid", (int)i);
		list[i] = jids[i];
		bundles[i].struct_size = sizeof bundles[i];
		REQUIRE_OK(callkey_store_open(&device[i], NULL, NULL, 0, NULL));
		REQUIRE_OK(callkey_store_take_bundle(device[i], &bundles[i]));
		pointers[i] = &bundles[i];
	}
	list[DEVICES] = "444444444444405:1@lid";
	list[DEVICES + 1] = "999999999999999:9@lid";
	list[DEVICES + 2] = "nobody";
	bundles[3].signed_prekey_signature[0] ^= 1;
	pointers[DEVICES] = pointers[DEVICES + 1] = pointers[DEVICES + 2] = &bundles[3];
	REQUIRE_OK(callkey_session_begin_batch(p.caller, statuses, list, pointers, DEVICES + 3));
	for (i = 0; i < DEVICES + 3; i++)
		EXPECT_STATUS(statuses[i], i == 3 || i == DEVICES || i == DEVICES + 1 ? CALLKEY_ERR_INVALID_KEY :
		              i == DEVICES + 2 ? CALLKEY_ERR_ARGUMENT : CALLKEY_OK);
	bundles[3].signed_prekey_signature[0] ^= 1;
	list[0] = jids[3];
	list[1] = jids[3];
	REQUIRE_OK(callkey_session_begin_batch(p.caller, statuses, list, pointers + 3, 1));
	EXPECT_STATUS(callkey_session_begin_batch(p.caller, statuses, list + 1, pointers + 4, 1), CALLKEY_ERR_NO_DEVICES);
	EXPECT_STATUS(statuses[0], CALLKEY_ERR_UNTRUSTED_IDENTITY);
	list[0] = jids[0];
	list[1] = jids[1];
}

static void devices_close(void)
{
	size_t i;

	for (i = 0; i < DEVICES; i++)
		EXPECT_OK(callkey_store_close(device[i]));
	pair_close(&p);
}

static void expect_failures(void)
{
	size_t i;

	for (i = 0; i < DEVICES; i++)
		EXPECT_OK(statuses[i]);
	EXPECT_STATUS(statuses[DEVICES], CALLKEY_ERR_DUPLICATE);
	EXPECT_STATUS(statuses[DEVICES + 1], CALLKEY_ERR_NO_SESSION);
	EXPECT_STATUS(statuses[DEVICES + 2], CALLKEY_ERR_ARGUMENT);
	for (i = DEVICES; i < DEVICES + 3; i++)
		EXPECT(ends[i] == ends[DEVICES - 1]);
}

static void batches(void)
{
	static const uint8_t text[DEVICES + 3] = "one text, many lengths";
	static uint8_t out[DEVICES * 1024];
	const uint8_t *texts[DEVICES + 3];
	uint8_t read[DEVICES + 3], epoch[CALLKEY_KEY_BYTES];
	size_t lengths[DEVICES + 3], n, got, i, need = 0;
	uint32_t types[DEVICES + 3];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;

	devices_open();
	for (i = 0; i < DEVICES + 3; i++) {
		texts[i] = i == 0 ? NULL : text;
		lengths[i] = i;
		need += i < DEVICES ? i + CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES : 0;
	}
	n = need - 1;
	memset(ends, 0x5a, sizeof ends);
	memset(statuses, 0x5a, sizeof statuses);
	EXPECT_STATUS(callkey_message_seal_batch(p.caller, out, &n, ends, statuses, types, list, texts, lengths, DEVICES + 3),
	              CALLKEY_ERR_BUFFER);
	EXPECT(n == need);
	EXPECT_FILLED(ends, 0x5a, sizeof ends);
	EXPECT_FILLED(statuses, 0x5a, sizeof statuses);
	REQUIRE_OK(callkey_message_seal_batch(p.caller, out, &n, ends, statuses, types, list, texts, lengths, DEVICES + 3));
	expect_failures();
	EXPECT(n == ends[DEVICES - 1] && n <= need);
	for (i = 0; i < DEVICES; i++) {
		size_t start = i == 0 ? 0 : ends[i - 1];
		got = sizeof read;
		EXPECT_OK(callkey_message_open(device[i], read, &got, ALICE, types[i], out + start, ends[i] - start));
		EXPECT(got == i);
		EXPECT_BYTES(read, text, i);
	}

	n = sizeof out;
	REQUIRE_OK(callkey_rekey_seal_batch(p.caller, out, &n, ends, statuses, p.key, sizeof p.key, 9, list, DEVICES + 3, &pair_options));
	expect_failures();
	EXPECT(n == ends[DEVICES - 1]);
	for (i = 0; i < DEVICES; i++) {
		size_t start = i == 0 ? 0 : ends[i - 1];
		EXPECT_OK(callkey_rekey_open(device[i], epoch, &info, out + start, ends[i] - start, NULL));
		EXPECT_BYTES(epoch, p.key, sizeof epoch);
		EXPECT(info.transaction_id == 9);
	}

	n = sizeof out;
	EXPECT_STATUS(callkey_message_seal_batch(p.caller, out, &n, ends, statuses, types, list + DEVICES + 1, texts, lengths, 2),
	              CALLKEY_ERR_NO_DEVICES);
	EXPECT(n == 0 && ends[0] == 0 && ends[1] == 0 && types[0] == CALLKEY_ENC_NONE && types[1] == CALLKEY_ENC_NONE);
	EXPECT(statuses[0] == CALLKEY_ERR_NO_SESSION && statuses[1] == CALLKEY_ERR_ARGUMENT);
	devices_close();
}

static const test tests[] = {
	{"one session", "an app's messages need a session of their own, which its peers do not have", one_session},
	{"one or the other", "a message is opened twice, or is lost because it was taken for a call", one_or_the_other},
	{"batches", "one device stops the others, or one gets what is another's", batches},
	{"longest", "a long message is cut, or a hostile one exhausts memory", longest},
	{"bad types", "a damaged message costs the session", bad_types},
};

TEST_MAIN(tests)
