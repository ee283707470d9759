/* What is measured over sessions that are there: work for measure(). */
#ifndef BENCH_MESSAGES_H
#define BENCH_MESSAGES_H

#include "measure.h"
#include "sessions.h"

#define AHEAD 256 /* messages sealed before the clock starts on opening them */

/* An offer to a fan-out. */
static inline double seal_reused(void *state, long n)
{
	double start = now_ns();
	while (n-- > 0)
		seal_offer(state, CALLKEY_ENC_MSG);
	return now_ns() - start;
}

/* The same key for one device, without the stanza around it. */
static inline double seal_enc(void *state, long n)
{
	struct fan_out *f = state;
	double start = now_ns();
	while (n-- > 0) {
		uint8_t ciphertext[CIPHERTEXT_ROOM];
		size_t room = sizeof ciphertext;
		uint32_t type;
		OK(callkey.enc_seal(f->caller, ciphertext, &room, &type, f->jids[0], key, sizeof key));
	}
	return now_ns() - start;
}

struct opening {
	callkey_store caller, callee;
};

static inline double open_enc(void *state, long n)
{
	static uint8_t ciphertexts[AHEAD][CIPHERTEXT_ROOM];
	static size_t lengths[AHEAD];
	struct opening *o = state;
	double spent = 0;
	while (n > 0) {
		long batch = n < AHEAD ? n : AHEAD, i;
		uint32_t type;
		double start;
		for (i = 0; i < batch; i++) {
			lengths[i] = sizeof ciphertexts[i];
			OK(callkey.enc_seal(o->caller, ciphertexts[i], &lengths[i], &type, PARTICIPANT, key, sizeof key));
		}
		start = now_ns();
		for (i = 0; i < batch; i++)
			opens(o->callee, CALLER, CALLKEY_ENC_MSG, ciphertexts[i], lengths[i]);
		spent += now_ns() - start;
		n -= batch;
	}
	return spent;
}

#endif
