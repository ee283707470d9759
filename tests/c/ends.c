/* Inputs without a length parameter in callkey.h, or with more than one possible start. Each is at the
 * end of its own heap block, where a memory checker sees every read past it, and must give the same
 * result with other bytes behind it. trial.c tries the other inputs. */
#include "pair.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 200, OUT = 2048 };

static pair p;
static uint8_t out[OUT];
static size_t n;

/* The result of one function for an input: a status, and n bytes of out. */
#define CALL(name) static callkey_status name(const uint8_t *in, size_t in_len)
#define KEY p.key, sizeof p.key

CALL(sframe_open)
{
	uint64_t counter, id;
	n = OUT;
	return callkey_sframe_open(out, &n, &counter, &id, KEY, in, in_len);
}
CALL(record_of) { return callkey_session_import(p.caller, CAROL, in, in_len); }
CALL(built)
{
	callkey_offer_options options = pair_options;
	callkey_enc enc = {BOB, CALLKEY_ENC_PKMSG, in, in_len};
	options.capability = options.privacy_token = options.device_identity = in;
	options.capability_len = options.privacy_token_len = options.device_identity_len = in_len;
	n = OUT;
	return callkey_offer_build(out, &n, &enc, 1, &options);
}

typedef callkey_status function(const uint8_t *in, size_t in_len);

/* The same input alone in its block, and with other bytes behind it. */
static void at_the_end(const char *name, function *call, const uint8_t *in, size_t in_len)
{
	uint8_t *alone = malloc(in_len + (in_len == 0)), *followed = malloc(in_len + 64), result[OUT];
	callkey_status status;
	size_t result_n;

	if (EXPECT(alone != NULL && followed != NULL)) {
		memcpy(alone, in, in_len);
		memcpy(followed, in, in_len);
		memset(followed + in_len, '\\', 64);
		n = 0;
		memset(out, 0, sizeof out);
		status = call(alone, in_len);
		result_n = n;
		memcpy(result, out, sizeof out);
		n = 0;
		memset(out, 0, sizeof out);
		if (call(followed, in_len) != status || n != result_n || memcmp(out, result, sizeof out) != 0)
			test_fail(__FILE__, __LINE__, "%s: %lu bytes give another result with other bytes behind", name,
			          (unsigned long)in_len);
	}
	free(alone);
	free(followed);
}

/* Every length of an input that starts with the bytes of head. */
static void every_length(const char *name, function *call, const void *head, size_t head_len)
{
	uint8_t in[LONGEST];
	size_t i;

	for (i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)('0' + i % 10);
	memcpy(in, head, head_len < sizeof in ? head_len : sizeof in);
	for (i = 0; i <= sizeof in; i++)
		at_the_end(name, call, in, i);
}
#define EVERY(call, head, head_len) every_length(#call, call, head, head_len)

/* Whole frames with payloads of every length. */
static void frames(void)
{
	static const uint8_t payload[LONGEST] = {1, 2, 3};
	uint8_t frame[OUT];
	size_t frame_n, i;

	REQUIRE_OK(pair_open(&p));
	for (i = 0; i <= sizeof payload; i++) {
		frame_n = sizeof frame;
		if (!EXPECT_OK(callkey_sframe_seal(frame, &frame_n, KEY, payload, i, 7, 1)))
			break;
		at_the_end("sframe_open", sframe_open, frame, frame_n);
		EXPECT(n == i);
	}
	pair_close(&p);
}

/* The bytes in options and in a list of <enc>. */
static void stanzas(void)
{
	REQUIRE_OK(pair_open(&p));
	EVERY(built, "", 0);
	pair_close(&p);
}

/* A part of a record is not a record. */
static void records(void)
{
	record session;
	size_t i;

	REQUIRE_OK(pair_open(&p));
	pair_record(p.caller, BOB, &session);
	REQUIRE(session.n > 0);
	EVERY(record_of, "", 0);
	EVERY(record_of, "{", 1);
	for (i = 0; i < session.n; i++)
		EXPECT(record_of(session.bytes, i) != CALLKEY_OK);
	at_the_end("record", record_of, session.bytes, session.n);
	pair_close(&p);
}

static const test tests[] = {
	{"frames", "a call reads past its input, which ends an app with memory tagging", frames},
	{"stanzas", "the library reads past the end of the bytes in an app's options", stanzas},
	{"records", "the library reads past the end of an imported record, or accepts half of one", records},
};

TEST_MAIN(tests)
