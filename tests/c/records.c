/* Sessions that a program keeps itself: each call makes the next record, and nothing else remembers
 * anything. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { NOW = 1700000000, ROOM = 8192 };

/* A device with rows of its own. */
typedef struct device {
	callkey_account account;
	callkey_record_keys keys;
	uint8_t prekey[CALLKEY_PRIVATE_KEY_BYTES], signed_prekey[CALLKEY_PRIVATE_KEY_BYTES];
	uint8_t trusted[CALLKEY_PUBLIC_KEY_BYTES], own[CALLKEY_PUBLIC_KEY_BYTES];
	uint8_t *record;
	size_t n;
} device;

typedef struct message {
	uint8_t bytes[512];
	size_t n;
	uint32_t type;
} message;

static void make(device *d)
{
	static const callkey_account no_account = CALLKEY_ACCOUNT_INIT;
	static const callkey_record_keys no_keys = CALLKEY_RECORD_KEYS_INIT;
	callkey_identity own;

	memset(d, 0, sizeof *d);
	d->account = no_account;
	d->keys = no_keys;
	EXPECT_OK(callkey_account_generate(&d->account));
	EXPECT_OK(callkey_account_identity(&own, &d->account));
	EXPECT(own.registration_id == d->account.registration_id && own.registration_id - 1 < 16380);
	memcpy(d->own, own.public_key, sizeof d->own);
	d->keys.account = &d->account;
}

static void publish(device *d, callkey_prekey_bundle *out)
{
	static const callkey_prekey_bundle empty = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_prekey one;
	callkey_signed_prekey two;

	*out = empty;
	EXPECT_OK(callkey_prekey_generate(&one, d->prekey, 5));
	EXPECT_OK(callkey_signed_prekey_generate(&two, d->signed_prekey, &d->account, 7));
	EXPECT(one.id == 5 && two.id == 7);
	d->keys.prekey_private = d->prekey;
	d->keys.signed_prekey_private = d->signed_prekey;
	out->registration_id = d->account.registration_id;
	out->prekey_id = one.id;
	out->signed_prekey_id = two.id;
	memcpy(out->identity_key, d->own, sizeof d->own);
	memcpy(out->prekey, one.public_key, sizeof one.public_key);
	memcpy(out->signed_prekey, two.public_key, sizeof two.public_key);
	memcpy(out->signed_prekey_signature, two.signature, sizeof two.signature);
}

static void trust(device *d, const uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES])
{
	memcpy(d->trusted, identity, sizeof d->trusted);
	d->keys.identity_key = d->trusted;
}

/* Replaces the record. */
static void commit(device *d, uint8_t *next, size_t n)
{
	free(d->record);
	d->record = next;
	d->n = n;
}

static void begin(device *d, const callkey_prekey_bundle *bundle)
{
	size_t n = d->n + CALLKEY_RECORD_SLACK_BYTES;
	uint8_t *next = malloc(n);

	REQUIRE(next != NULL);
	EXPECT_OK(callkey_record_begin(next, &n, d->record, d->n, &d->keys, bundle, NOW));
	commit(d, next, n);
	trust(d, bundle->identity_key);
}

static void seal_into(device *d, message *out, size_t more)
{
	size_t n = d->n + more;
	uint8_t *next = malloc(n);

	REQUIRE(next != NULL);
	out->n = sizeof out->bytes;
	EXPECT_OK(callkey_record_seal(next, &n, out->bytes, &out->n, &out->type, d->record, d->n, &d->keys,
	                              (const uint8_t *)"text", 4, NOW));
	commit(d, next, n);
}

static void seal(device *d, message *out)
{
	seal_into(d, out, CALLKEY_RECORD_SLACK_BYTES);
}

static callkey_status open(device *d, const message *m)
{
	uint8_t text[512], from[CALLKEY_PUBLIC_KEY_BYTES];
	size_t n = d->n + CALLKEY_RECORD_SLACK_BYTES, text_n = sizeof text;
	uint8_t *next = malloc(n);
	callkey_status status;

	if (next == NULL)
		return CALLKEY_ERR_INTERNAL;
	status = callkey_record_open(next, &n, text, &text_n, from, d->record, d->n, &d->keys, m->type,
	                             m->bytes, m->n, NOW);
	if (status != CALLKEY_OK) {
		free(next);
		return status;
	}
	EXPECT(text_n == 4);
	EXPECT_BYTES(text, "text", 4);
	commit(d, next, n);
	trust(d, from);
	return status;
}

static device caller, callee;

static void meet(void)
{
	callkey_prekey_bundle bundle;

	make(&caller);
	make(&callee);
	publish(&callee, &bundle);
	begin(&caller, &bundle);
}

static void part(void)
{
	free(caller.record);
	free(callee.record);
	callkey_wipe(&caller, sizeof caller);
	callkey_wipe(&callee, sizeof callee);
}

static void both_ways(void)
{
	callkey_message_info info = CALLKEY_MESSAGE_INFO_INIT;
	message m;
	int i;

	meet();
	seal(&caller, &m);
	EXPECT(m.type == CALLKEY_ENC_PKMSG);
	EXPECT_OK(callkey_message_parse(&info, m.type, m.bytes, m.n));
	EXPECT(info.prekey_id == 5 && info.signed_prekey_id == 7 && info.reserved == 0);
	EXPECT(info.registration_id == caller.account.registration_id);
	EXPECT_BYTES(info.identity_key, caller.own, sizeof caller.own);
	EXPECT_OK(open(&callee, &m));
	EXPECT_BYTES(callee.trusted, caller.own, sizeof caller.own);
	EXPECT_STATUS(open(&callee, &m), CALLKEY_ERR_DUPLICATE);
	for (i = 0; i < 5; i++) {
		seal(&callee, &m);
		EXPECT_OK(open(&caller, &m));
		seal(&caller, &m);
		EXPECT(m.type == CALLKEY_ENC_MSG);
		EXPECT_OK(callkey_message_parse(&info, m.type, m.bytes, m.n));
		EXPECT_ZERO(&info.prekey_id, sizeof info - sizeof info.struct_size);
		EXPECT_OK(open(&callee, &m));
	}
	part();
}

/* A record in the middle of a turn of both, with a message on the way. */
static void meet_well(message *m)
{
	meet();
	seal(&caller, m);
	EXPECT_OK(open(&callee, m));
	seal(&callee, m);
	EXPECT_OK(open(&caller, m));
	seal(&caller, m);
}

/* The second output is too small: the first must not have been written. */
static void both_sizes(void)
{
	static uint8_t next[ROOM], out[ROOM], from[CALLKEY_PUBLIC_KEY_BYTES], was[CALLKEY_PUBLIC_KEY_BYTES];
	size_t next_n, out_n, need, out_need;
	uint32_t type;
	message m;
	int which;

	meet_well(&m);
	memset(was, 0x5a, sizeof was);
	for (which = 0; which < 2; which++) {
		memset(next, 0x5a, sizeof next);
		memset(out, 0x5a, sizeof out);
		next_n = which == 0 ? sizeof next : 10;
		out_n = which == 0 ? 1 : sizeof out;
		type = 99;
		EXPECT_STATUS(callkey_record_seal(next, &next_n, out, &out_n, &type, caller.record, caller.n,
		                                  &caller.keys, (const uint8_t *)"text", 4, NOW),
		              CALLKEY_ERR_BUFFER);
		EXPECT_FILLED(next, 0x5a, sizeof next);
		EXPECT_FILLED(out, 0x5a, sizeof out);
		EXPECT(type == 99);
		need = next_n;
		out_need = out_n;
		EXPECT_OK(callkey_record_seal(next, &next_n, out, &out_n, &type, caller.record, caller.n,
		                              &caller.keys, (const uint8_t *)"text", 4, NOW));
		EXPECT(next_n <= need && out_n <= out_need && type == CALLKEY_ENC_MSG);
		EXPECT_FILLED(next + need, 0x5a, sizeof next - need);

		memset(next, 0x5a, sizeof next);
		memset(out, 0x5a, sizeof out);
		memcpy(from, was, sizeof from);
		next_n = which == 0 ? sizeof next : 10;
		out_n = which == 0 ? 1 : sizeof out;
		EXPECT_STATUS(callkey_record_open(next, &next_n, out, &out_n, from, callee.record, callee.n,
		                                  &callee.keys, m.type, m.bytes, m.n, NOW),
		              CALLKEY_ERR_BUFFER);
		EXPECT_FILLED(next, 0x5a, sizeof next);
		EXPECT_FILLED(out, 0x5a, sizeof out);
		EXPECT_BYTES(from, was, sizeof from);
		EXPECT(out_n == 4);
		EXPECT_OK(callkey_record_open(next, &next_n, out, &out_n, from, callee.record, callee.n,
		                              &callee.keys, m.type, m.bytes, m.n, NOW));
		EXPECT_BYTES(from, caller.own, sizeof from);
	}
	part();
}

/* In place, or one output in the other: the program would lose the record on which it must go on. */
static void overlaps(void)
{
	static uint8_t area[4 * ROOM], other[ROOM], before[4 * ROOM], from[CALLKEY_PUBLIC_KEY_BYTES];
	size_t n, other_n, at;
	uint32_t type;
	callkey_record_keys keys;
	message m;

	if (getenv("LENT") != NULL) /* tests/mte lends every buffer alone */
		return;
	meet_well(&m);
	for (at = 0; at <= caller.n; at += caller.n / 2) {
		memset(area, 0x5a, sizeof area);
		memcpy(area + ROOM, caller.record, caller.n);
		memcpy(before, area, sizeof area);
		n = ROOM;
		other_n = sizeof other;
		type = 99;
		EXPECT_STATUS(callkey_record_seal(area + ROOM + at, &n, other, &other_n, &type, area + ROOM,
		                                  caller.n, &caller.keys, (const uint8_t *)"text", 4, NOW),
		              at < caller.n ? CALLKEY_ERR_ARGUMENT : CALLKEY_OK);
		if (at < caller.n) {
			EXPECT_BYTES(area, before, sizeof area);
			EXPECT(n == 0 && other_n == 0 && type == CALLKEY_ENC_NONE);
		}
	}
	memset(area, 0x5a, sizeof area);
	memcpy(area, m.bytes, m.n);
	memcpy(before, area, sizeof area);
	n = ROOM;
	other_n = 100;
	EXPECT_STATUS(callkey_record_open(area + ROOM, &n, area + m.n - 3, &other_n, from, callee.record,
	                                  callee.n, &callee.keys, m.type, area, m.n, NOW),
	              CALLKEY_ERR_ARGUMENT);
	EXPECT_BYTES(area, before, sizeof area);
	EXPECT_ZERO(from, sizeof from);
	n = other_n = ROOM;
	EXPECT_STATUS(callkey_record_open(area, &n, area + 7, &other_n, from, callee.record, callee.n,
	                                  &callee.keys, m.type, m.bytes, m.n, NOW),
	              CALLKEY_ERR_ARGUMENT);
	EXPECT_BYTES(area, before, sizeof area);
	/* A forged message would clear the trusted identity: then the next one is a first contact. */
	keys = callee.keys;
	memcpy(from, keys.identity_key, sizeof from);
	keys.identity_key = from;
	n = other_n = ROOM;
	EXPECT_STATUS(callkey_record_open(area, &n, other, &other_n, from, callee.record, callee.n, &keys,
	                                  m.type, m.bytes, m.n, NOW),
	              CALLKEY_ERR_ARGUMENT);
	n = other_n = ROOM;
	EXPECT_STATUS(callkey_record_open(area, &n, other, &other_n, area + 9, callee.record, callee.n,
	                                  &callee.keys, m.type, m.bytes, m.n, NOW),
	              CALLKEY_ERR_ARGUMENT);
	memcpy(area, before, sizeof area);
	keys = caller.keys;
	memcpy(area + 5, keys.identity_key, CALLKEY_PUBLIC_KEY_BYTES);
	memcpy(before, area, sizeof area);
	keys.identity_key = area + 5;
	n = other_n = ROOM;
	EXPECT_STATUS(callkey_record_seal(area, &n, other, &other_n, &type, caller.record, caller.n, &keys,
	                                  (const uint8_t *)"text", 4, NOW),
	              CALLKEY_ERR_ARGUMENT);
	EXPECT_BYTES(area, before, sizeof area);
	part();
}

static void keys_that_lack(void)
{
	callkey_record_keys all;
	callkey_account wiped = CALLKEY_ACCOUNT_INIT;
	uint8_t zeros[CALLKEY_PRIVATE_KEY_BYTES] = {0};
	message m;

	meet();
	seal(&caller, &m);
	all = callee.keys;
#define WITHOUT(change, want) \
	do { change; EXPECT_STATUS(open(&callee, &m), want); callee.keys = all; } while (0)
	WITHOUT(callee.keys.account = NULL, CALLKEY_ERR_NO_IDENTITY);
	WITHOUT(callee.keys.prekey_private = NULL, CALLKEY_ERR_NO_PREKEY);
	WITHOUT(callee.keys.signed_prekey_private = NULL, CALLKEY_ERR_NO_PREKEY);
	WITHOUT(callee.keys.identity_key = callee.own, CALLKEY_ERR_UNTRUSTED_IDENTITY);
	WITHOUT(callee.keys.account = &wiped, CALLKEY_ERR_INVALID_KEY);
	WITHOUT(callee.keys.prekey_private = zeros, CALLKEY_ERR_INVALID_KEY);
	WITHOUT(callee.keys.prekey_private = callee.signed_prekey, CALLKEY_ERR_AUTHENTICATION);
	WITHOUT(callee.keys.signed_prekey_private = callee.prekey, CALLKEY_ERR_AUTHENTICATION);
	WITHOUT(callee.keys.account = &caller.account, CALLKEY_ERR_AUTHENTICATION);
	wiped = callee.account;
	wiped.reserved = 1;
	WITHOUT(callee.keys.account = &wiped, CALLKEY_ERR_UNSUPPORTED);
	wiped.reserved = 0;
	wiped.struct_size = sizeof wiped - 1;
	WITHOUT(callee.keys.account = &wiped, CALLKEY_ERR_ARGUMENT);
	m.type = 3;
	WITHOUT((void)0, CALLKEY_ERR_UNSUPPORTED);
	m.type = CALLKEY_ENC_MSG;
	WITHOUT((void)0, CALLKEY_ERR_MALFORMED);
	m.type = CALLKEY_ENC_PKMSG;
	EXPECT_OK(open(&callee, &m));
	seal(&callee, &m);
	caller.keys.identity_key = NULL;
	EXPECT_STATUS(open(&caller, &m), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	caller.keys.identity_key = callee.trusted;
	EXPECT_STATUS(open(&caller, &m), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	part();
}

static void bad_records(void)
{
	static uint8_t next[ROOM], out[512], large[16 << 20];
	callkey_session_info info = CALLKEY_SESSION_INFO_INIT;
	callkey_status status;
	size_t cut, n, out_n;
	uint32_t type;
	message m;

	meet_well(&m);
	for (cut = 0; cut < caller.n; cut++) {
		n = sizeof next;
		out_n = sizeof out;
		status = callkey_record_seal(next, &n, out, &out_n, &type, caller.record, cut, &caller.keys,
		                             (const uint8_t *)"text", 4, NOW);
		if (status != CALLKEY_ERR_MALFORMED && (cut > 0 || status != CALLKEY_ERR_NO_SESSION))
			test_fail(__FILE__, __LINE__, "%lu of %lu bytes: %s", (unsigned long)cut,
			          (unsigned long)caller.n, callkey_status_name(status));
		EXPECT(n == 0 && out_n == 0);
	}
	n = sizeof next;
	EXPECT_STATUS(callkey_record_merge(next, &n, large, sizeof large, caller.record, caller.n),
	              CALLKEY_ERR_MALFORMED);
	EXPECT_STATUS(callkey_record_info(&info, large, sizeof large, NULL, NOW), CALLKEY_ERR_MALFORMED);
	EXPECT_ZERO(&info.registration_id, sizeof info - sizeof info.struct_size);
	/* Of another device: it is a session, but not one with the trusted identity. */
	n = sizeof next;
	out_n = sizeof out;
	EXPECT_STATUS(callkey_record_seal(next, &n, out, &out_n, &type, callee.record, callee.n, &caller.keys,
	                                  (const uint8_t *)"text", 4, NOW),
	              CALLKEY_ERR_UNTRUSTED_IDENTITY);
	n = sizeof next;
	EXPECT_STATUS(callkey_record_merge(next, &n, caller.record, caller.n, callee.record, callee.n),
	              CALLKEY_ERR_CONFLICT);
	/* In milliseconds. */
	n = sizeof next;
	out_n = sizeof out;
	EXPECT_STATUS(callkey_record_seal(next, &n, out, &out_n, &type, caller.record, caller.n, &caller.keys,
	                                  (const uint8_t *)"text", 4, (uint64_t)NOW * 1000),
	              CALLKEY_ERR_ARGUMENT);
	part();
}

/* One call with the documented room, at the most that a message can add to a record. */
static void many_skipped(void)
{
	callkey_session_info info = CALLKEY_SESSION_INFO_INIT;
	message late, m;
	int round, i;

	meet_well(&m);
	for (round = 0; round < 4; round++) {
		EXPECT_OK(open(&callee, &m));
		seal(&callee, &m);
		EXPECT_OK(open(&caller, &m));
		/* Sealing adds little to a record, and memory that the processor tags is slow. */
		for (i = 0; i < 2000; i++)
			seal_into(&caller, round == 3 && i == 0 ? &late : &m, ROOM);
		seal(&caller, &m);
	}
	EXPECT_OK(open(&callee, &m));
	EXPECT_OK(callkey_record_info(&info, callee.record, callee.n, callee.trusted, NOW));
	EXPECT(info.kept_keys == 8000 && (info.flags & CALLKEY_SESSION_CAN_SEAL));
	EXPECT_OK(open(&callee, &late));
	seal(&callee, &m);
	EXPECT_OK(open(&caller, &m));
	part();
}

static const test tests[] = {
	{"both ways", "two programs that keep their sessions themselves cannot talk", both_ways},
	{"both sizes", "a secret is in the output that was large enough, or the sizes are not enough", both_sizes},
	{"overlaps", "a call in place destroys the record that it reads", overlaps},
	{"keys that lack", "a program fixes the wrong thing, or a session begins with a wrong key", keys_that_lack},
	{"bad records", "a damaged row crashes the server or seals with wrong keys", bad_records},
	{"many skipped", "a device that was away for long cannot be reached any more", many_skipped},
};

TEST_MAIN(tests)
