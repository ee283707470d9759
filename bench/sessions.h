/* Stores with sessions, and offers over them. */
#ifndef BENCH_SESSIONS_H
#define BENCH_SESSIONS_H

#include "library.h"
#include "measure.h"

#include <stdint.h>
#include <unistd.h>

#define JID_ROOM 48
#define STANZA_ROOM(devices) ((size_t)1024 + (devices) * 512)
#define CIPHERTEXT_ROOM 512
#define CALLER "111111111111111:2@lid"
#define PARTICIPANT "222222222222222:3@lid"

static uint8_t key[CALLKEY_KEY_BYTES];
static const char *directory; /* for SQLite stores */

static inline callkey_store open_store(int in_file)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {7};
	static int made;
	char path[4096];
	callkey_store store;
	if (!in_file) {
		OK(callkey.store_open(&store, NULL, NULL, 0, NULL));
		return store;
	}
	snprintf(path, sizeof path, "%s/c-%ld-%d.db", directory, (long)getpid(), made++);
	OK(callkey.store_open(&store, path, storage_key, sizeof storage_key, NULL));
	return store;
}

/* The stores for a fan-out: the caller, and n devices of the callee. */
struct fan_out {
	callkey_store caller;
	size_t n;
	char (*names)[JID_ROOM];
	const char **jids;
	callkey_prekey_bundle *bundles;
	const callkey_prekey_bundle **of_each;
	callkey_offer_options options;
	uint8_t *stanza; /* the last offer */
	size_t stanza_len;
	callkey_status *statuses;
	uint32_t *types;
};

static inline void *zeroed(size_t n, size_t size)
{
	void *made = calloc(n, size);
	if (made == NULL) {
		perror("calloc");
		exit(1);
	}
	return made;
}

static inline void offer_options(callkey_offer_options *options)
{
	memset(options, 0, sizeof *options);
	options->struct_size = sizeof *options;
	options->stanza_id = "1";
	options->to = "222222222222222@lid";
	options->call_id = "00112233445566778899AABBCCDDEEFF";
	options->call_creator = CALLER;
	options->device_identity = (const uint8_t *)"device identity";
	options->device_identity_len = sizeof "device identity" - 1;
}

/* The devices are those from first on, 100 of each user. */
static inline void fan_out(struct fan_out *f, callkey_store caller, size_t n, size_t first)
{
	size_t i;
	f->caller = caller;
	f->n = n;
	f->names = zeroed(n, sizeof *f->names);
	f->jids = zeroed(n, sizeof *f->jids);
	f->bundles = zeroed(n, sizeof *f->bundles);
	f->of_each = zeroed(n, sizeof *f->of_each);
	f->stanza = zeroed(1, STANZA_ROOM(n));
	f->statuses = zeroed(n, sizeof *f->statuses);
	f->types = zeroed(n, sizeof *f->types);
	for (i = 0; i < n; i++) {
		snprintf(f->names[i], JID_ROOM, "2222222222222%02d:%d@lid", 22 + (int)((first + i) / 100), (int)((first + i) % 100));
		f->jids[i] = f->names[i];
		f->of_each[i] = &f->bundles[i];
	}
	offer_options(&f->options);
}

static inline void free_fan_out(struct fan_out *f)
{
	free(f->names);
	free(f->jids);
	free(f->bundles);
	free(f->of_each);
	free(f->stanza);
	free(f->statuses);
	free(f->types);
}

static inline void publish(callkey_store store, callkey_prekey_bundle *bundle)
{
	bundle->struct_size = sizeof *bundle;
	OK(callkey.store_take_bundle(store, bundle));
}

static inline void opens(callkey_store to, const char *from_jid, uint32_t type, const uint8_t *ciphertext, size_t n)
{
	uint8_t opened[CALLKEY_KEY_BYTES];
	OK(callkey.enc_open(to, opened, from_jid, type, 2, ciphertext, n));
	if (memcmp(opened, key, sizeof key) != 0)
		failed("another key came out", CALLKEY_OK);
}

/* One key from one store to the other. */
static inline void pass(callkey_store from, callkey_store to, const char *from_jid, const char *to_jid)
{
	uint8_t ciphertext[CIPHERTEXT_ROOM];
	size_t n = sizeof ciphertext;
	uint32_t type;
	OK(callkey.enc_seal(from, ciphertext, &n, &type, to_jid, key, sizeof key));
	opens(to, from_jid, type, ciphertext, n);
}

/* Sessions in both directions with the owner of peer. */
static inline void acknowledged(callkey_store caller, callkey_store peer, const char *jid)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	publish(peer, &bundle);
	OK(callkey.session_begin(caller, jid, &bundle));
	pass(caller, peer, CALLER, jid);
	pass(peer, caller, jid, CALLER);
}

/* Sessions in both directions with every device of a fan-out. */
static inline void acknowledged_all(struct fan_out *f)
{
	size_t i;
	for (i = 0; i < f->n; i++) {
		callkey_store peer = open_store(0);
		acknowledged(f->caller, peer, f->jids[i]);
		OK(callkey.store_close(peer));
	}
}

/* An offer in f->stanza, in which every message has the type want. */
static inline void seal_offer(struct fan_out *f, uint32_t want)
{
	size_t i;
	f->stanza_len = STANZA_ROOM(f->n);
	OK(callkey.offer_seal(f->caller, f->stanza, &f->stanza_len, f->statuses, f->types, key, sizeof key, f->jids, f->n,
	                      &f->options));
	for (i = 0; i < f->n; i++)
		if (f->types[i] != want)
			failed("a device was not sealed for as it should be", f->statuses[i]);
}

/* Likewise, with sessions that begin in the same commit. */
static inline void begin_offer(struct fan_out *f)
{
	size_t i;
	f->stanza_len = STANZA_ROOM(f->n);
	OK(callkey.offer_begin(f->caller, f->stanza, &f->stanza_len, f->statuses, f->types, key, sizeof key, f->jids,
	                       f->of_each, f->n, &f->options));
	for (i = 0; i < f->n; i++)
		if (f->types[i] != CALLKEY_ENC_PKMSG)
			failed("no session began with a device", f->statuses[i]);
}

static inline double begin_and_seal(void *state, long n)
{
	struct fan_out *f = state;
	double spent = 0;
	while (n-- > 0) {
		double start = now_ns();
		size_t i;
		begin_offer(f);
		spent += now_ns() - start;
		for (i = 0; i < f->n; i++)
			OK(callkey.session_remove(f->caller, f->jids[i]));
	}
	return spent;
}

#endif
