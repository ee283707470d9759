/* A host for the residue test: whole calls, from the first key to the last close. It tells the
 * searcher every secret that it knows, and its current stage (tell.h).
 *
 * residue FOLDER [THREADS]    calls one after another in one thread (0), or in THREADS at once.
 *                             Stages: open (the secrets are wiped, the stores open), closed.
 * residue FOLDER apart        the same with each call of the library in a new thread, which then
 *                             waits until the end, so no later call overwrites its leftovers. Not
 *                             on Windows.
 * residue FOLDER busy         seals and derives in two threads until stdin ends. Stage: busy.
 */
#include "residue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 8

static call calls[MAX_THREADS];
const char *folder;
const char alice[] = "111111111111111:0@lid";

void die(const char *what, callkey_status status)
{
	char words[512] = "";
	size_t n = sizeof words;

	if (callkey_last_error(words, &n) != CALLKEY_OK)
		words[0] = '\0';
	fprintf(stderr, "%s: %s: %s\n", what, callkey_status_name(status), words);
	exit(1);
}

void tell_session(secrets *s, const char *name, callkey_store store, const char *jid)
{
	s->record_len = sizeof s->record;
	CHECK(callkey_session_export(store, s->record, &s->record_len, jid));
	tell_secret(name, s->record, s->record_len);
}

static void open_stores(call *c, int id)
{
	secrets *s = &c->s;
	const callkey_store_options importing = {sizeof importing, CALLKEY_STORE_NO_IDENTITY, 0};
	const callkey_store_options keeping = {sizeof keeping, CALLKEY_STORE_KEEP_OPENED, 0};
	int i;

	CHECK(callkey_generate(s->storage_key));
	CHECK(callkey_generate(s->next_storage_key));
	CHECK(callkey_generate(s->identity));
	CHECK(callkey_generate(s->prekey));
	CHECK(callkey_generate(s->signed_prekey));
	TELL("storage-key", s->storage_key);
	TELL("storage-key", s->next_storage_key);
	TELL("identity", s->identity);
	TELL("prekey", s->prekey);
	TELL("signed-prekey", s->signed_prekey);
	for (i = 0; i < 2; i++)
		snprintf(c->path[i], sizeof c->path[i], "%s/%d-%d.db", folder, id, i);
	CHECK(callkey_store_open(&c->caller, c->path[0], s->storage_key, sizeof s->storage_key,
	                         &importing));
	CHECK(callkey_store_import_identity(c->caller, s->identity, 77));
	for (i = 0; i < DEVICES; i++) {
		snprintf(c->jid[i], sizeof c->jid[i], "2222222222%05d:%d@lid", id, i);
		c->jids[i] = c->jid[i];
		if (i == 0) /* one device of the callee has a file, the others memory */
			CHECK(callkey_store_open(&c->device[i], c->path[1], s->storage_key,
			                         sizeof s->storage_key, &keeping));
		else
			CHECK(callkey_store_open(&c->device[i], NULL, NULL, 0, i == 2 ? &keeping : NULL));
	}
	for (i = 0; i < PEOPLE; i++) {
		snprintf(c->person[i], sizeof c->person[i], "33333333%05d:%d@lid", i, id);
		c->people[i] = c->person[i];
	}
	CHECK(callkey_store_import_prekey(c->device[1], 501, s->prekey));
	CHECK(callkey_store_import_signed_prekey(c->device[1], 502, s->signed_prekey));
}

int same(const uint8_t *a, const uint8_t *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	while (n-- > 0)
		differ |= *x++ ^ *y++;
	return differ == 0;
}

void describe(callkey_offer_options *options, const char *stanza_id)
{
	static const uint8_t device_identity[] = {10, 2, 8, 1};

	memset(options, 0, sizeof *options);
	options->struct_size = sizeof *options;
	options->stanza_id = stanza_id;
	options->to = "222222222222222@lid";
	options->call_id = "00112233445566778899AABBCCDDEEFF";
	options->call_creator = alice;
	options->device_identity = device_identity;
	options->device_identity_len = sizeof device_identity;
}

/* One session begins with an offer that nobody gets. */
static void begin_with_offer(call *c, int i, const callkey_prekey_bundle *bundle)
{
	callkey_status status;
	uint32_t type;
	callkey_offer_options options;

	describe(&options, "0");
	c->wire_len = sizeof c->wire;
	CHECK(callkey_offer_begin(c->caller, c->wire, &c->wire_len, &status, &type, c->s.key, sizeof c->s.key,
	                          &c->jids[i], &bundle, 1, &options));
}

static void begin_sessions(call *c)
{
	callkey_signed_prekey rotated;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_identity own;
	int i;

	for (i = 0; i < DEVICES; i++) {
		if (i != 1)
			CHECK(callkey_store_rotate_signed_prekey(c->device[i], &rotated));
		CHECK(callkey_store_identity(c->device[i], &own));
		CHECK(callkey_store_take_bundle(c->device[i], &bundle));
		if (i == DEVICES - 1)
			begin_with_offer(c, i, &bundle);
		else
			CHECK(callkey_session_begin(c->caller, c->jid[i], &bundle));
		tell_session(&c->s, "session", c->caller, c->jid[i]);
		CHECK(callkey_session_import(c->caller, c->jid[i], c->s.record, c->s.record_len));
	}
}

static void seal_offer(call *c)
{
	callkey_status statuses[DEVICES];
	uint32_t types[DEVICES];
	callkey_offer_options options;

	describe(&options, "1");
	c->wire_len = sizeof c->wire;
	CHECK(callkey_offer_seal(c->caller, c->wire, &c->wire_len, statuses, types, c->s.key,
	                         sizeof c->s.key, c->jids, DEVICES, &options));
}

static void deliver(call *c)
{
	secrets *s = &c->s;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	int i;

	seal_offer(c);
	for (i = 0; i < DEVICES; i++) {
		const char *own[1];
		uint8_t sealed[512];
		size_t n = sizeof sealed;
		uint32_t type;

		own[0] = c->jid[i];
		CHECK(callkey_offer_open(c->device[i], s->opened, &info, c->wire, c->wire_len, own, 1,
		                         NULL));
		if (!same(s->opened, s->key, sizeof s->key))
			die("another key came out", CALLKEY_ERR_INTERNAL);
		tell_session(s, "session", c->device[i], alice);
		if (i % 2 == 0) { /* two of them have kept it until now */
			n = sizeof sealed;
			CHECK(callkey_offer_parse(sealed, &n, &info, c->wire, c->wire_len, own, 1));
			if (i == 0 || i == 2) /* it opens again until it is done */
				CHECK(callkey_offer_open(c->device[i], s->opened, &info, c->wire, c->wire_len, own,
				                         1, NULL));
			CHECK(callkey_message_done(c->device[i], alice, sealed, n));
			n = sizeof sealed;
		}
		/* An answer turns the ratchet: from then on both sides send msg. */
		CHECK(callkey_enc_seal(c->device[i], sealed, &n, &type, alice, s->reply,
		                       sizeof s->reply));
		CHECK(callkey_enc_open(c->caller, s->opened, c->jid[i], type, 2, sealed, n));
		tell_session(s, "session", c->caller, c->jid[i]);
	}
}

/* Twelve messages on a chain that is known; one arrives too early, the last earlier than the rest. */
static void read_late(call *c)
{
	enum { MESSAGES = 13 };
	static const int early = 6, last = MESSAGES - 1;
	uint8_t sealed[MESSAGES][512];
	uint32_t type[MESSAGES];
	size_t n[MESSAGES];
	int i;

	for (i = 0; i < MESSAGES; i++) {
		n[i] = sizeof sealed[i];
		CHECK(callkey_enc_seal(c->caller, sealed[i], &n[i], &type[i], c->jid[3], c->s.key,
		                       sizeof c->s.key));
	}
	CHECK(callkey_enc_open(c->device[3], c->s.opened, alice, type[0], 2, sealed[0], n[0]));
	tell_session(&c->s, "session", c->device[3], alice);
	CHECK(callkey_enc_open(c->device[3], c->s.opened, alice, type[early], 2, sealed[early], n[early]));
	CHECK(callkey_enc_open(c->device[3], c->s.opened, alice, type[last], 2, sealed[last], n[last]));
	tell_session(&c->s, "session", c->device[3], alice);
	for (i = 1; i < last; i++)
		if (i != early)
			CHECK(callkey_enc_open(c->device[3], c->s.opened, alice, type[i], 2, sealed[i], n[i]));
}

/* A session of the Go Signal library, from a file. */
static void import_json(call *c)
{
	char path[256];
	FILE *file;
	size_t n;

	snprintf(path, sizeof path, "%s/session.json", folder);
	file = fopen(path, "rb");
	if (file == NULL)
		die("no session.json", CALLKEY_ERR_INTERNAL);
	setvbuf(file, NULL, _IONBF, 0); /* a buffer would be one more copy */
	n = fread(c->s.json, 1, sizeof c->s.json, file);
	fclose(file);
	CHECK(callkey_session_import(c->caller, "4444444444:1@lid", c->s.json, n));
	refuse_json(c, c->s.json, n);
}

static void derive(call *c)
{
	secrets *s = &c->s;
	callkey_status statuses[PEOPLE];
	uint32_t ssrcs[CALLKEY_SSRC_COUNT];
	uint8_t fingerprint[CALLKEY_FINGERPRINT_BYTES];
	size_t n;
	uint32_t which;

	CHECK(callkey_fingerprint(fingerprint, s->key, sizeof s->key));
	n = sizeof s->plaintext;
	CHECK(callkey_plaintext_encode(s->plaintext, &n, s->key, sizeof s->key));
	CHECK(callkey_plaintext_decode(s->opened, s->plaintext, n, 2));
	CHECK(callkey_derive_e2e_keys(&s->srtp, s->key, sizeof s->key, alice));
	CHECK(callkey_derive_e2e_keys_batch(s->batch, statuses, s->key, sizeof s->key, c->people,
	                                    PEOPLE));
	CHECK(callkey_derive_e2e_sframe_key(s->sframe, s->key, sizeof s->key, alice));
	CHECK(callkey_derive_warp_auth_key(s->warp, s->key, sizeof s->key));
	CHECK(callkey_derive_ssrcs(ssrcs, "00112233445566778899AABBCCDDEEFF", alice));
	n = sizeof s->raw_e2e;
	CHECK(callkey_raw_e2e_decode(s->raw_e2e, &n, s->reply, sizeof s->reply));
	CHECK(callkey_derive_e2e_keys_raw(&s->raw_srtp, s->raw_e2e, n, alice));
	memcpy(s->hbh, s->key + 1, sizeof s->hbh);
	for (which = 0; which < 4; which++)
		CHECK(callkey_derive_hbh_keys(&s->hop[which], s->hbh, which));
}

/* Uses the account's key. */
static void sign(call *c)
{
	callkey_signed_prekey rotated;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint64_t since;

	CHECK(callkey_store_rotate_signed_prekey(c->caller, &rotated));
	CHECK(callkey_store_take_bundle(c->caller, &bundle));
	CHECK(callkey_store_signed_prekey(c->caller, &rotated, &since));
}

/* The steps of an app at its start. The library reads each prekey for them, including the imported one. */
static void take_stock(call *c)
{
	callkey_prekey made[4];
	callkey_signed_prekey in_use;
	uint32_t ids[4];
	uint64_t since;
	size_t i, n = 4;

	CHECK(callkey_store_add_prekeys(c->device[1], made, 4));
	CHECK(callkey_store_unpublished(c->device[1], made, &n));
	for (i = 0; i < n; i++)
		ids[i] = made[i].id;
	CHECK(callkey_store_published(c->device[1], ids, n));
	CHECK(callkey_store_prekeys_left(c->device[1], &n));
	if (n != 5)
		die("the stock is not what was published and imported", CALLKEY_ERR_INTERNAL);
	CHECK(callkey_store_signed_prekey(c->device[1], &in_use, &since));
}

/* The epoch, and the media as a message, for all devices at once. */
static void seal_for_all(call *c, const callkey_offer_options *options)
{
	const uint8_t *texts[DEVICES];
	callkey_status statuses[DEVICES];
	uint32_t types[DEVICES];
	size_t ends[DEVICES], lengths[DEVICES], n = sizeof c->wire;
	int i;

	for (i = 0; i < DEVICES; i++) {
		texts[i] = c->s.media;
		lengths[i] = 32;
	}
	CHECK(callkey_rekey_seal_batch(c->caller, c->wire, &n, ends, statuses, c->s.epoch, sizeof c->s.epoch, 6,
	                               c->jids, DEVICES, options));
	n = sizeof c->wire;
	CHECK(callkey_message_seal_batch(c->caller, c->wire, &n, ends, statuses, types, c->jids, texts, lengths,
	                                 DEVICES));
	for (i = 0; i < DEVICES; i++) {
		size_t start = i == 0 ? 0 : ends[i - 1], room = sizeof c->s.media;
		CHECK(callkey_message_open(c->device[i], c->s.media, &room, alice, types[i], c->wire + start,
		                           ends[i] - start));
	}
}

/* A media frame, the tag of a packet, and a new epoch for one device. */
static void go_on(call *c)
{
	secrets *s = &c->s;
	callkey_offer_options options;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint8_t frame[128], tag[CALLKEY_WARP_TAG_BYTES], packet[64] = {0x80};
	uint64_t counter, key_id;
	uint32_t number;
	size_t n = sizeof frame, index;

	CHECK(callkey_generate(s->media));
	CHECK(callkey_sframe_seal(frame, &n, s->sframe, sizeof s->sframe, s->media, 32, 7, 1));
	index = sizeof s->media;
	CHECK(callkey_sframe_open(s->media, &index, &counter, &key_id, s->sframe, sizeof s->sframe,
	                          frame, n));
	CHECK(callkey_warp_tag(tag, s->warp, sizeof s->warp, packet, sizeof packet, 0));
	if (RUN(callkey_select_participant(&index, s->key, sizeof s->key, c->people, PEOPLE, packet,
	                                   sizeof packet, 0, 10)) != CALLKEY_ERR_AUTHENTICATION)
		die("a packet of nobody's", CALLKEY_ERR_INTERNAL);

	CHECK(callkey_store_change_key(c->caller, s->next_storage_key, sizeof s->next_storage_key));
	CHECK(callkey_generate(s->epoch));
	describe(&options, "2");
	c->wire_len = sizeof c->wire;
	CHECK(callkey_rekey_seal(c->caller, c->wire, &c->wire_len, s->epoch, sizeof s->epoch, 5,
	                         c->jid[3], &options));
	CHECK(callkey_rekey_open(c->device[3], s->opened, &info, c->wire, c->wire_len, alice));
	seal_for_all(c, &options);
	CHECK(callkey_epochs_new(&c->epochs));
	CHECK(callkey_epochs_add(c->epochs, 5, s->opened, sizeof s->opened));
	CHECK(callkey_epochs_roster(c->epochs, 5));
	CHECK(callkey_epochs_current(c->epochs, s->opened, &number));
}

/* Other messages in the same sessions: short ones, and long ones, which are authenticated in another way.
 * Devices 0 (a file) and 2 (memory) keep each until it is done. */
static void write_messages(call *c)
{
	secrets *s = &c->s;
	uint8_t sealed[sizeof s->text + CALLKEY_MESSAGE_OVERHEAD_MAX_BYTES];
	size_t at, k, n, got, length;
	uint32_t type;
	int i;

	for (at = 0; at < sizeof s->text; at += CALLKEY_KEY_BYTES)
		CHECK(callkey_generate(s->text + at));
	for (i = 0; i < 3; i++) {
		for (length = 48; length <= sizeof s->text; length += sizeof s->text - 48) {
			n = sizeof sealed;
			CHECK(callkey_message_seal(c->caller, sealed, &n, &type, c->jid[i], s->text, length));
			got = length - 1;
			if (RUN(callkey_message_open(c->device[i], s->read, &got, alice, type, sealed, n)) != CALLKEY_ERR_BUFFER)
				die("a message fits in less than its length", CALLKEY_ERR_INTERNAL);
			for (k = 0; k < (i == 1 ? 1 : 2); k++) {
				got = sizeof s->read;
				CHECK(callkey_message_open(c->device[i], s->read, &got, alice, type, sealed, n));
				if (got != length || !same(s->read, s->text, length))
					die("another message came out", CALLKEY_ERR_INTERNAL);
			}
			CHECK(callkey_message_done(c->device[i], alice, sealed, n));
		}
	}
}

/* An account moves, and devices 0 (a file) and 2 (memory), which keep one more message, list what they know
 * of the caller and remove it. The library reads each session for the list. */
static void keep_house(call *c)
{
	secrets *s = &c->s;
	int i;

	s->account.struct_size = sizeof s->account;
	for (i = 0; i <= 2; i += 2) {
		callkey_session_info info = CALLKEY_SESSION_INFO_INIT;
		char jid[CALLKEY_JID_BYTES];
		uint8_t sealed[512];
		size_t n = sizeof sealed, room = sizeof jid;
		uint32_t type;

		CHECK(callkey_store_account(c->device[i], &s->account));
		TELL("identity", s->account.private_key);
		CHECK(callkey_enc_seal(c->caller, sealed, &n, &type, c->jid[i], s->key, sizeof s->key));
		CHECK(callkey_enc_open(c->device[i], s->opened, alice, type, 2, sealed, n));
		tell_session(s, "session", c->device[i], alice);
		CHECK(callkey_store_next(c->device[i], jid, &room, CALLKEY_LIST_SESSIONS, NULL, NULL));
		if (strcmp(jid, alice) != 0)
			die("the list has another device", CALLKEY_ERR_INTERNAL);
		room = sizeof jid;
		CHECK(callkey_store_next(c->device[i], jid, &room, CALLKEY_LIST_SESSIONS,
		                         "111111111111111@lid", NULL));
		CHECK(callkey_session_info_get(c->device[i], &info, alice));
		CHECK(callkey_user_remove(c->device[i], "111111111111111@lid"));
	}
}

static void tell_derived(secrets *s)
{
	size_t i;

	TELL("call-key", s->key);
	TELL("reply-key", s->reply);
	TELL("epoch", s->epoch);
	tell_secret("media", s->media, 32);
	TELL("message", s->text);
	TELL("plaintext", s->plaintext);
	TELL("srtp", s->srtp);
	TELL("raw-srtp", s->raw_srtp);
	TELL("hop", s->hop);
	TELL("sframe", s->sframe);
	TELL("warp", s->warp);
	for (i = 0; i < PEOPLE; i += 97)
		TELL("batch", s->batch[i]);
}

static void *whole_call(void *which)
{
	int id = *(int *)which;
	call *c = &calls[id];

	open_stores(c, id);
	CHECK(callkey_generate(c->s.key));
	begin_sessions(c);
	CHECK(callkey_generate(c->s.reply));
	refuse_first(c);
	deliver(c);
	refuse(c);
	read_late(c);
	import_json(c);
	sign(c);
	take_stock(c);
	derive(c);
	go_on(c);
	write_messages(c);
	keep_house(c);
	keep_records(c);
	tell_derived(&c->s);
	callkey_wipe(&c->s, sizeof c->s);
	return NULL;
}

static void close_stores(call *c)
{
	int i;

	if (c->epochs != 0)
		CHECK(callkey_epochs_free(c->epochs));
	CHECK(callkey_store_close(c->caller));
	for (i = 0; i < DEVICES; i++)
		CHECK(callkey_store_close(c->device[i]));
}

static atomic_int stop;

static void *keep_deriving(void *unused)
{
	static secrets s;
	call *c = &calls[0];

	(void)unused;
	while (!stop) {
		CHECK(callkey_derive_e2e_keys(&s.srtp, c->s.key, sizeof c->s.key, alice));
		CHECK(callkey_derive_e2e_sframe_key(s.sframe, c->s.key, sizeof c->s.key, alice));
	}
	return NULL;
}

static void *keep_sealing(void *unused)
{
	(void)unused;
	while (!stop)
		seal_offer(&calls[0]);
	return NULL;
}

static void busy(void)
{
	call *c = &calls[0];
	pthread_t sealing, deriving;

	open_stores(c, 0);
	begin_sessions(c);
	CHECK(callkey_generate(c->s.key));
	TELL("call-key", c->s.key);
	pthread_create(&sealing, NULL, keep_sealing, NULL);
	pthread_create(&deriving, NULL, keep_deriving, NULL);
	tell_stage("busy");
	stop = 1;
	pthread_join(sealing, NULL);
	pthread_join(deriving, NULL);
	callkey_wipe(&c->s, sizeof c->s);
	close_stores(c);
}

/* Wine's random generator keeps up to 48 of its last bytes; the library cannot change that. */
static void cover_random(void)
{
#ifdef _WIN32
	uint8_t nobodys[64];

	CHECK(callkey_generate(nobodys));
	CHECK(callkey_generate(nobodys + 32));
#endif
}

static void threads(int n)
{
	static int ids[MAX_THREADS];
	pthread_t running[MAX_THREADS];
	int i;

	if (n == 0)
		whole_call(&ids[0]);
	for (i = 0; i < n; i++) {
		ids[i] = i;
		pthread_create(&running[i], NULL, whole_call, &ids[i]);
	}
	for (i = 0; i < n; i++)
		pthread_join(running[i], NULL);
	tell_stage("open");
	for (i = 0; i < n || i == 0; i++)
		close_stores(&calls[i]);
	cover_random();
	tell_stage("closed");
}

static void one_after_another(void)
{
	threads(0);
}

int main(int argc, char **argv)
{
	int n;

	if (argc < 2)
		return 2;
	folder = argv[1];
	if (argc > 2 && strcmp(argv[2], "busy") == 0) {
		busy();
		return 0;
	}
	if (argc > 2 && strcmp(argv[2], "apart") == 0) {
		apart_run(one_after_another);
		return 2;
	}
	n = argc > 2 ? atoi(argv[2]) : 0;
	if (n > MAX_THREADS)
		return 2;
	threads(n);
	return 0;
}
