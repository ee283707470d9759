#include "work.h"
#include "pair.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KINDS = 4, DEVICES = 300 };

struct work {
	int number; /* in this process */
	pair accounts;
	int devices; /* that the caller has a session with */
	char names[DEVICES][CALLKEY_JID_BYTES];
	const char *jids[DEVICES];
	uint8_t offer[DEVICES * 512];
};

/* Of testdata/vectors/e2e_keys.json: the call key 00 01 02 ... 1f, for BOB. */
static const uint8_t counting[CALLKEY_KEY_BYTES] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
};
static const uint8_t master_key[16] = {
	0x3f, 0x54, 0x23, 0xfb, 0x6f, 0x67, 0xe4, 0xc5, 0x88, 0xbf, 0x57, 0x41, 0xa3, 0xa4, 0xe9, 0x2c,
};

work *work_begin(void)
{
	static atomic_int begun;
	work *w = calloc(1, sizeof *w);

	if (w != NULL && pair_open(&w->accounts) != CALLKEY_OK) {
		free(w);
		return NULL;
	}
	if (w != NULL)
		w->number = begun++;
	return w;
}

void work_end(work *w)
{
	pair_close(&w->accounts);
	free(w);
}

static int derive(void)
{
	callkey_srtp_keys keys;

	return callkey_derive_e2e_keys(&keys, counting, sizeof counting, BOB) == CALLKEY_OK &&
	       memcmp(keys.master_key, master_key, sizeof master_key) == 0;
}

static int refuse(void)
{
	uint8_t fingerprint[CALLKEY_FINGERPRINT_BYTES];
	char text[512];
	size_t n = sizeof text;

	return callkey_fingerprint(fingerprint, counting, 31) == CALLKEY_ERR_KEY_LENGTH &&
	       callkey_last_error(text, &n) == CALLKEY_OK && n > 10;
}

static int deliver(work *w)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	sealed enc;

	return pair_seal(&w->accounts, &enc) == CALLKEY_OK &&
	       callkey_enc_open(w->accounts.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n) ==
	           CALLKEY_OK &&
	       memcmp(key, w->accounts.key, sizeof key) == 0;
}

static int make_account(void)
{
	callkey_store made;
	callkey_identity own;

	return callkey_store_open(&made, NULL, NULL, 0, NULL) == CALLKEY_OK &&
	       callkey_store_identity(made, &own) == CALLKEY_OK && own.registration_id != 0 &&
	       callkey_store_close(made) == CALLKEY_OK;
}

int work_call(work *w, unsigned kind)
{
	switch (kind % KINDS) {
	case 0: return derive();
	case 1: return refuse();
	case 2: return deliver(w);
	default: return make_account();
	}
}

int work_fan_out(work *w)
{
	callkey_status statuses[DEVICES];
	uint32_t types[DEVICES];
	size_t n = sizeof w->offer;
	int i;

	for (; w->devices < DEVICES; w->devices++) {
		callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
		char *name = w->names[w->devices];

		snprintf(name, CALLKEY_JID_BYTES, "%d:1@lid", 500000 + w->devices);
		w->jids[w->devices] = name;
		if (callkey_store_take_bundle(w->accounts.callee, &bundle) != CALLKEY_OK ||
		    callkey_session_begin(w->accounts.caller, name, &bundle) != CALLKEY_OK)
			return 0;
	}
	if (callkey_offer_seal(w->accounts.caller, w->offer, &n, statuses, types, w->accounts.key,
	                       sizeof w->accounts.key, w->jids, DEVICES, &pair_options) != CALLKEY_OK)
		return 0;
	for (i = 0; i < DEVICES; i++)
		if (statuses[i] != CALLKEY_OK)
			return 0;
	return n > DEVICES * 100;
}

int work_file(work *w, const char *folder)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint8_t key[CALLKEY_KEY_BYTES];
	char path[512];
	callkey_store file;
	pair to = w->accounts;
	sealed enc;
	int right;

	snprintf(path, sizeof path, "%s/%d.%d", folder, (int)getpid(), w->number);
	if (callkey_store_open(&file, path, w->accounts.key, sizeof w->accounts.key, NULL) != CALLKEY_OK)
		return 0;
	to.caller = file;
	right = callkey_store_take_bundle(w->accounts.callee, &bundle) == CALLKEY_OK &&
	        callkey_session_begin(file, BOB, &bundle) == CALLKEY_OK &&
	        pair_seal(&to, &enc) == CALLKEY_OK &&
	        callkey_enc_open(w->accounts.callee, key, CAROL, enc.enc_type, 2, enc.bytes, enc.n) ==
	            CALLKEY_OK &&
	        memcmp(key, w->accounts.key, sizeof key) == 0;
	return callkey_store_close(file) == CALLKEY_OK && right;
}

int work_bug(const char *says)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	char text[512];
	size_t n = sizeof text;

	return callkey_selftest() == CALLKEY_ERR_INTERNAL && callkey_last_error(text, &n) == CALLKEY_OK &&
	       strstr(text, says) != NULL && callkey_generate(key) == CALLKEY_ERR_INTERNAL;
}
