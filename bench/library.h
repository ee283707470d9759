/* The library, through pointers as dlsym gives them: a benchmark loads it like a program that uses it. */
#ifndef BENCH_LIBRARY_H
#define BENCH_LIBRARY_H

#include "callkey.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(f) \
	f(generate) f(check) f(key_bytes) f(last_error) f(derive_e2e_keys) f(derive_e2e_keys_batch) \
	f(derive_e2e_sframe_key) f(derive_warp_auth_key) f(derive_hbh_keys) f(derive_ssrcs) \
	f(participant_id) f(select_participant) f(warp_tag) f(sframe_seal) f(sframe_open) \
	f(offer_build) f(offer_parse) f(stanza_to_xml) f(stanza_from_xml) f(store_open) f(store_close) f(store_take_bundle) \
	f(epochs_new) f(epochs_free) f(epochs_add) f(epochs_roster) f(epochs_current) \
	f(session_begin) f(session_begin_batch) f(session_remove) f(session_export) f(session_import) \
	f(identity_remove) f(enc_seal) f(enc_open) f(offer_seal) f(offer_begin) f(offer_open)

static struct {
#define MEMBER(name) __typeof__(callkey_##name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} callkey;

static inline void *must(void *found)
{
	if (found == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return found;
}

static inline void resolve(void *library)
{
/* ISO C has no conversion from object to function pointer; POSIX has, of these bytes. */
#define FIND(name) \
	do { void *found = must(dlsym(library, "callkey_" #name)); \
		memcpy(&callkey.name, &found, sizeof found); } while (0);
	FUNCTIONS(FIND)
#undef FIND
}

#define OK(call) \
	do { callkey_status status_ = (call); if (status_ != CALLKEY_OK) failed(#call, status_); } while (0)

static inline void failed(const char *call, callkey_status status)
{
	char words[512] = "";
	size_t n = sizeof words;
	if (callkey.last_error != NULL && callkey.last_error(words, &n) != CALLKEY_OK)
		words[0] = '\0';
	fprintf(stderr, "%s: %ld: %s\n", call, (long)status, words);
	exit(1);
}

#endif
