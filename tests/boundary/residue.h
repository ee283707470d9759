/* Shared by the source files of the residue test's host. */
#ifndef RESIDUE_H
#define RESIDUE_H

#include "apart.h"
#include "callkey.h"
#include "tell.h"

#define DEVICES 10
#define PEOPLE 600 /* enough that a batch uses several threads */

/* RUN is one call of the library. */
#define RUN(call) (apart_hop(), (call))
#define CHECK(call) \
	do { callkey_status s_ = RUN(call); if (s_ != CALLKEY_OK) die(#call, s_); } while (0)

/* A device that keeps its keys and its record itself. */
typedef struct kept {
	callkey_account account;
	callkey_record_keys keys;
	uint8_t prekey[CALLKEY_PRIVATE_KEY_BYTES], signed_prekey[CALLKEY_PRIVATE_KEY_BYTES];
	uint8_t trusted[CALLKEY_PUBLIC_KEY_BYTES];
	uint8_t room[2][4096], *record, *next; /* a record, and room for the next one */
	size_t n;
} kept;

/* All secrets of the host itself, in one place that it can wipe. */
typedef struct secrets {
	uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES], next_storage_key[CALLKEY_STORAGE_KEY_BYTES];
	uint8_t identity[CALLKEY_PRIVATE_KEY_BYTES];
	uint8_t prekey[CALLKEY_PRIVATE_KEY_BYTES], signed_prekey[CALLKEY_PRIVATE_KEY_BYTES];
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], reply[CALLKEY_KEY_BYTES];
	uint8_t plaintext[CALLKEY_PLAINTEXT_MAX_BYTES], raw_e2e[32], hbh[CALLKEY_HBH_KEY_BYTES];
	uint8_t sframe[CALLKEY_SFRAME_KEY_BYTES], warp[CALLKEY_WARP_AUTH_KEY_BYTES];
	uint8_t epoch[CALLKEY_KEY_BYTES], media[64];
	uint8_t text[64 * CALLKEY_KEY_BYTES], read[64 * CALLKEY_KEY_BYTES]; /* of a message */
	callkey_account account;
	kept kept[2];
	uint8_t plain[8 * CALLKEY_KEY_BYTES], plain_opened[1024];
	callkey_srtp_keys srtp, raw_srtp, hop[4], batch[PEOPLE];
	uint8_t record[16384], json[8192], refused[32];
	size_t record_len;
} secrets;

typedef struct call {
	secrets s;
	callkey_store caller, device[DEVICES];
	callkey_epochs epochs;
	char jid[DEVICES][64], person[PEOPLE][64], path[2][256];
	const char *jids[DEVICES], *people[PEOPLE];
	uint8_t wire[16384];
	size_t wire_len;
} call;

extern const char *folder; /* for files */
extern const char alice[]; /* the caller */

/* Prints the failed step and the reason on stderr, and ends the process. */
void die(const char *what, callkey_status status);

/* Whether two secrets are the same, read byte by byte: memcmp would leave eight of them in a register,
 * which an emulator keeps in its memory. */
int same(const uint8_t *a, const uint8_t *b, size_t n);

/* An offer's options. */
void describe(callkey_offer_options *options, const char *stanza_id);

/* Tells the session that a store has with a device. */
void tell_session(secrets *s, const char *name, callkey_store store, const char *jid);

/* Accounts, prekeys and sessions that no store keeps. */
void keep_records(call *c);

/* Rejected inputs leave no more behind than accepted ones: from a new caller, from a known one, and a
 * record in JSON. */
void refuse_first(call *c);
void refuse(call *c);
void refuse_json(call *c, const uint8_t *json, size_t n);

#endif
