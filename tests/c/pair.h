/* A caller and a callee for the tests: two accounts in memory, with the callee's bundle fetched
 * and a session begun. */
#ifndef PAIR_H
#define PAIR_H

#include "callkey.h"

#define ALICE "111111111111111:0@lid"
#define BOB "222222222222222:0@lid"
#define CAROL "333333333333333:7@lid" /* there is no session with this device */

typedef struct pair {
	callkey_store caller, callee;
	uint8_t key[CALLKEY_KEY_BYTES];
} pair;

/* CALLKEY_OK, or the first failure; the session is new, so the first ciphertext is a pkmsg. */
callkey_status pair_open(pair *p);
void pair_close(pair *p);

/* Each side seals for the other once, so both have an answered session and every later ciphertext is
 * a msg. */
callkey_status pair_acknowledge(pair *p);

/* An <enc> of p->key from the caller for the callee. */
typedef struct sealed {
	uint8_t bytes[512];
	size_t n;
	uint32_t enc_type;
} sealed;
callkey_status pair_seal(const pair *p, sealed *out);

/* Sets everything but struct_size to garbage, which a call must replace. */
void pair_spoil_info(callkey_call_info *info);
/* Not 0 if the info is empty and still has its struct_size. */
int pair_empty_info(const callkey_call_info *info);

/* A whole offer of p->key from the caller to the callee's one device. */
typedef struct offer {
	uint8_t bytes[1024];
	size_t n;
	uint32_t enc_type;
} offer;
callkey_status pair_offer(const pair *p, offer *out);

/* The caller gets sessions with n devices of the callee, at most PAIR_DEVICES, and offers p->key to
 * all. */
enum { PAIR_DEVICES = 1000 };
callkey_status pair_fan_out(const pair *p, size_t devices);

/* p->key as epoch 7 of a group, from the caller for the callee. */
typedef struct sealed_rekey {
	uint8_t bytes[1024];
	size_t n;
} sealed_rekey;
callkey_status pair_rekey(const pair *p, sealed_rekey *out);

/* Valid options of an offer from ALICE to BOB, with a device identity. */
extern const callkey_offer_options pair_options;

/* The store's session with a device, or n = 0. Equal records: the ratchet has not moved. */
typedef struct record {
	uint8_t bytes[8192];
	size_t n;
} record;
void pair_record(callkey_store s, const char *jid, record *out);
int pair_same_record(const record *a, const record *b);

#endif
