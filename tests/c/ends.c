/* Inputs of every length, each at the end of a heap block of its own: the same result, whatever comes
 * behind. A checker of memory sees each read beyond. */
#include "pair.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 200, OUT = 2048 };

static pair p;
static uint8_t out[OUT];
static size_t n;
static callkey_call_info info = CALLKEY_CALL_INFO_INIT;
static const char *const bob[] = {BOB};

/* What one function makes of an input: a status, and n bytes of out. */
#define CALL(name) static callkey_status name(const uint8_t *in, size_t in_len)
#define KEY p.key, sizeof p.key

CALL(check) { return callkey_check(in, in_len); }
CALL(raw_e2e) { n = OUT; return callkey_raw_e2e_decode(out, &n, in, in_len); }
CALL(raw_keys)
{
	n = sizeof(callkey_srtp_keys);
	return callkey_derive_e2e_keys_raw((void *)out, in, in_len, BOB);
}
CALL(tag)
{
	n = CALLKEY_WARP_TAG_BYTES;
	return callkey_warp_tag(out, KEY, in, in_len, 1);
}
CALL(select_participant)
{
	size_t index;
	return callkey_select_participant(&index, KEY, bob, 1, in, in_len, 0, 4);
}
CALL(sframe_seal) { n = OUT; return callkey_sframe_seal(out, &n, KEY, in, in_len, 7, 1); }
CALL(sframe_open)
{
	uint64_t counter, id;
	n = OUT;
	return callkey_sframe_open(out, &n, &counter, &id, KEY, in, in_len);
}
CALL(plaintext)
{
	n = CALLKEY_KEY_BYTES;
	return callkey_plaintext_decode(out, in, in_len, 2);
}
CALL(parse) { n = OUT; return callkey_offer_parse(out, &n, &info, in, in_len, bob, 1); }
CALL(xml) { n = OUT; return callkey_stanza_to_xml((char *)out, &n, in, in_len); }
CALL(opened) { return callkey_offer_open(p.callee, out, &info, in, in_len, bob, 1, ALICE); }
CALL(rekey_opened) { return callkey_rekey_open(p.callee, out, &info, in, in_len, ALICE); }
CALL(enc_opened) { return callkey_enc_open(p.callee, out, ALICE, CALLKEY_ENC_PKMSG, 2, in, in_len); }
CALL(done) { return callkey_message_done(p.callee, ALICE, in, in_len); }
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

/* One input alone in its block, and the same in front of other bytes. */
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

static void keys_and_media(void)
{
	uint8_t frame[OUT];
	size_t frame_n = sizeof frame, i;
	static const uint8_t rtp[] = {0x80, 0x78, 0x12, 0x34}, payload[LONGEST] = {1, 2, 3};

	REQUIRE_OK(pair_open(&p));
	EVERY(check, "", 0);
	EVERY(raw_e2e, "", 0);
	EVERY(raw_keys, "", 0);
	EVERY(tag, rtp, sizeof rtp);
	EVERY(select_participant, rtp, sizeof rtp);
	EVERY(sframe_seal, "", 0);
	EVERY(plaintext, "\012\042", 2);
	/* Whole frames, of every length of a payload. */
	for (i = 0; i <= sizeof payload; i++) {
		frame_n = sizeof frame;
		if (!EXPECT_OK(callkey_sframe_seal(frame, &frame_n, KEY, payload, i, 7, 1)))
			break;
		at_the_end("sframe_open", sframe_open, frame, frame_n);
		EXPECT(n == i);
	}
	pair_close(&p);
}

static void stanzas(void)
{
	offer whole;
	sealed_rekey rekey;
	sealed enc;
	size_t i;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_offer(&p, &whole));
	REQUIRE_OK(pair_rekey(&p, &rekey));
	REQUIRE_OK(pair_seal(&p, &enc));
	EVERY(built, "", 0);
	for (i = 0; i <= whole.n; i++) {
		at_the_end("parse", parse, whole.bytes, i);
		at_the_end("xml", xml, whole.bytes, i);
	}
	/* One that opens would be a DUPLICATE the second time. */
	for (i = 0; i < whole.n; i += 1 + (i > 64 && i + 32 < whole.n) * 6)
		at_the_end("opened", opened, whole.bytes, i);
	for (i = 0; i < rekey.n; i += 1 + (i > 64 && i + 32 < rekey.n) * 6)
		at_the_end("rekey_opened", rekey_opened, rekey.bytes, i);
	for (i = 0; i < enc.n; i += 1 + (i > 64 && i + 32 < enc.n) * 6) {
		at_the_end("enc_opened", enc_opened, enc.bytes, i);
		at_the_end("done", done, enc.bytes, i);
	}
	pair_close(&p);
}

static void records(void)
{
	record session;
	size_t i;

	REQUIRE_OK(pair_open(&p));
	pair_record(p.caller, BOB, &session);
	REQUIRE(session.n > 0);
	EVERY(record_of, "", 0);
	EVERY(record_of, "{", 1);
	for (i = 0; i < session.n; i += 7)
		at_the_end("record", record_of, session.bytes, i);
	at_the_end("record", record_of, session.bytes, session.n);
	pair_close(&p);
}

static const test tests[] = {
	{"keys and media", "a call reads memory that it was not given, which ends an app with memory tagging", keys_and_media},
	{"stanzas", "a stanza that the server cut is read past its end", stanzas},
	{"records", "an imported record is read past its end", records},
};

TEST_MAIN(tests)
