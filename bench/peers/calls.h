/* Sealing, opening and beginning: the tasks over sessions. */
#ifndef BENCH_PEERS_CALLS_H
#define BENCH_PEERS_CALLS_H

#include "../measure.h"
#include "../messages.h"
#include "../sessions.h"

#include <pthread.h>

#define KEPT 1000 /* message keys kept for messages that did not come */
#define NEW_CALLERS 16
#define RECORD_ROOM ((size_t)4096)

/* Opens the first messages of new callers. */
static double open_new(void *state, long n)
{
	static uint8_t ciphertexts[NEW_CALLERS][CIPHERTEXT_ROOM];
	static size_t lengths[NEW_CALLERS];
	callkey_store callee = *(callkey_store *)state;
	char from[JID_ROOM];
	double spent = 0;
	while (n > 0) {
		long batch = n < NEW_CALLERS ? n : NEW_CALLERS, i;
		double start;
		uint32_t type;
		for (i = 0; i < batch; i++) {
			callkey_store caller = open_store(0);
			callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
			publish(callee, &bundle);
			OK(callkey.session_begin(caller, PARTICIPANT, &bundle));
			lengths[i] = sizeof ciphertexts[i];
			OK(callkey.enc_seal(caller, ciphertexts[i], &lengths[i], &type, PARTICIPANT, key, sizeof key));
			OK(callkey.store_close(caller));
		}
		for (i = 0; i < batch; i++) {
			snprintf(from, sizeof from, "3333333333333%02d:1@lid", (int)i);
			start = now_ns();
			opens(callee, from, CALLKEY_ENC_PKMSG, ciphertexts[i], lengths[i]);
			spent += now_ns() - start;
			OK(callkey.session_remove(callee, from));
			OK(callkey.identity_remove(callee, from));
		}
		n -= batch;
	}
	return spent;
}

struct ahead {
	callkey_store callee;
	uint8_t record[RECORD_ROOM], ciphertext[CIPHERTEXT_ROOM]; /* the session before, and the message far ahead */
	size_t record_len, ciphertext_len;
};

/* Puts the session back, and opens a message KEPT ahead of it. */
static double open_ahead(void *state, long n)
{
	struct ahead *a = state;
	double spent = 0;
	while (n-- > 0) {
		double start;
		OK(callkey.session_import(a->callee, CALLER, a->record, a->record_len));
		start = now_ns();
		opens(a->callee, CALLER, CALLKEY_ENC_MSG, a->ciphertext, a->ciphertext_len);
		spent += now_ns() - start;
	}
	return spent;
}

static double session_import(void *state, long n)
{
	struct ahead *a = state;
	double start = now_ns();
	while (n-- > 0)
		OK(callkey.session_import(a->callee, CALLER, a->record, a->record_len));
	return now_ns() - start;
}

static double session_export(void *state, long n)
{
	struct ahead *a = state;
	double start = now_ns();
	while (n-- > 0) {
		a->record_len = sizeof a->record;
		OK(callkey.session_export(a->callee, a->record, &a->record_len, CALLER));
	}
	return now_ns() - start;
}

/* The callee seals beside the keys that it keeps. */
static double seal_beside(void *state, long n)
{
	struct opening *o = state;
	double start = now_ns();
	while (n-- > 0) {
		uint8_t ciphertext[CIPHERTEXT_ROOM];
		size_t room = sizeof ciphertext;
		uint32_t type;
		OK(callkey.enc_seal(o->callee, ciphertext, &room, &type, CALLER, key, sizeof key));
	}
	return now_ns() - start;
}

static void measure_kept(void)
{
	static struct ahead a;
	struct opening o = {open_store(0), open_store(0)};
	uint32_t type;
	int i;
	acknowledged(o.caller, o.callee, PARTICIPANT);
	a.callee = o.callee;
	session_export(&a, 1);
	for (i = 0; i <= KEPT; i++) {
		a.ciphertext_len = sizeof a.ciphertext;
		OK(callkey.enc_seal(o.caller, a.ciphertext, &a.ciphertext_len, &type, PARTICIPANT, key, sizeof key));
	}
	measure("OpenAhead", open_ahead, &a);
	open_ahead(&a, 1);
	measure("SealBesideKept", seal_beside, &o);
	measure("OpenBesideKept", open_enc, &o);
	OK(callkey.session_import(a.callee, CALLER, a.record, a.record_len));
	measure("SessionImport", session_import, &a);
	measure("SessionExport", session_export, &a);
	OK(callkey.store_close(o.caller));
	OK(callkey.store_close(o.callee));
}

static void measure_offer(const char *name, int in_file, size_t n)
{
	struct fan_out f;
	if (!wanted(name))
		return;
	fan_out(&f, open_store(in_file), n, 0);
	acknowledged_all(&f);
	measure(name, seal_reused, &f);
	OK(callkey.store_close(f.caller));
	free_fan_out(&f);
}

static void measure_begin(const char *name, int in_file, size_t n)
{
	struct fan_out f;
	callkey_store peer;
	size_t i;
	if (!wanted(name))
		return;
	peer = open_store(0);
	fan_out(&f, open_store(in_file), n, 0);
	for (i = 0; i < n; i++)
		publish(peer, &f.bundles[i]);
	measure(name, begin_and_seal, &f);
	OK(callkey.store_close(f.caller));
	OK(callkey.store_close(peer));
	free_fan_out(&f);
}

static void measure_calls(void)
{
	struct fan_out one;
	struct opening o = {open_store(0), open_store(0)};
	callkey_store callee = open_store(0);
	fan_out(&one, open_store(0), 1, 0);
	acknowledged_all(&one);
	measure("Seal", seal_enc, &one);
	OK(callkey.store_close(one.caller));
	free_fan_out(&one);
	acknowledged(o.caller, o.callee, PARTICIPANT);
	measure("Open", open_enc, &o);
	OK(callkey.store_close(o.caller));
	OK(callkey.store_close(o.callee));
	measure("OpenNew", open_new, &callee);
	OK(callkey.store_close(callee));
	measure_kept();
	measure_offer("Offer/memory/100", 0, 100);
	measure_offer("Offer/SQLite/100", 1, 100);
	measure_offer("Offer/SQLite/1000", 1, 1000);
	measure_begin("Begin/memory/1", 0, 1);
	measure_begin("Begin/memory/100", 0, 100);
	measure_begin("Begin/SQLite/4", 1, 4);
	measure_begin("Begin/SQLite/100", 1, 100);
}

/* ---- Two calls to different devices over one store -------------------------------------------- */

struct call {
	struct fan_out *f;
	long n;
};

static void *in_thread(void *argument)
{
	struct call *call = argument;
	seal_reused(call->f, call->n);
	return NULL;
}

static double one_after_the_other(void *state, long n)
{
	struct fan_out *both = state;
	return seal_reused(&both[0], n) + seal_reused(&both[1], n);
}

static double at_once(void *state, long n)
{
	struct fan_out *both = state;
	struct call second = {&both[1], n};
	double start = now_ns();
	pthread_t thread;
	if (pthread_create(&thread, NULL, in_thread, &second) != 0)
		failed("pthread_create", CALLKEY_OK);
	seal_reused(&both[0], n);
	pthread_join(thread, NULL);
	return now_ns() - start;
}

static void measure_two_calls(void)
{
	struct fan_out both[2];
	callkey_store caller = open_store(0);
	fan_out(&both[0], caller, 100, 0);
	fan_out(&both[1], caller, 100, 100);
	acknowledged_all(&both[0]);
	acknowledged_all(&both[1]);
	measure("TwoCalls/one", one_after_the_other, both);
	measure("TwoCalls/two", at_once, both);
	OK(callkey.store_close(caller));
	free_fan_out(&both[0]);
	free_fan_out(&both[1]);
}

#endif
