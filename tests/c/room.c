/* Variable outputs: how their sizes are asked for, and that a call whose output does not fit
 * changes nothing anywhere. */
#include "pair.h"
#include "test.h"

#include <string.h>

static pair p;
static offer whole;
static const char *const bob[] = {BOB};
static callkey_call_info info = CALLKEY_CALL_INFO_INIT;
static callkey_status device;
static uint32_t type;

#define KEY p.key, sizeof p.key
#define CALL(name) static callkey_status name(void *out, size_t *n)
#define FAIL(name) static callkey_status name(void *out, size_t *n)

CALL(participant_id) { return callkey_participant_id(out, n, BOB); }
FAIL(participant_id_fails) { return callkey_participant_id(out, n, " "); }
CALL(raw_e2e) { return callkey_raw_e2e_decode(out, n, KEY); }
FAIL(raw_e2e_fails) { return callkey_raw_e2e_decode(out, n, p.key, 31); }
CALL(seal_frame) { return callkey_sframe_seal(out, n, KEY, KEY, 300, 2); }
FAIL(seal_frame_fails) { return callkey_sframe_seal(out, n, p.key, 31, KEY, 300, 2); }
CALL(open_frame)
{
	static uint64_t counter, key_id;
	uint8_t frame[128];
	size_t frame_len = sizeof frame;
	callkey_status status = callkey_sframe_seal(frame, &frame_len, KEY, KEY, 300, 2);

	if (status != CALLKEY_OK)
		return status;
	counter = key_id = 7;
	status = callkey_sframe_open(out, n, &counter, &key_id, KEY, frame, frame_len);
	EXPECT(status == CALLKEY_OK ? counter == 300 && key_id == 2 : counter == 7 && key_id == 7);
	return status;
}
FAIL(open_frame_fails)
{
	uint64_t counter, key_id;
	return callkey_sframe_open(out, n, &counter, &key_id, KEY, p.key, 16); /* a tag's size */
}
CALL(encode) { return callkey_plaintext_encode(out, n, KEY); }
FAIL(encode_fails) { return callkey_plaintext_encode(out, n, p.key, 31); }
CALL(build)
{
	callkey_enc one = {BOB, CALLKEY_ENC_PKMSG, p.key, sizeof p.key};
	return callkey_offer_build(out, n, &one, 1, &pair_options);
}
FAIL(build_fails) { return callkey_offer_build(out, n, NULL, 0, NULL); }
CALL(parse) { return callkey_offer_parse(out, n, &info, whole.bytes, whole.n, bob, 1); }
FAIL(parse_fails) { return callkey_offer_parse(out, n, &info, whole.bytes, whole.n - 1, bob, 1); }
CALL(xml) { return callkey_stanza_to_xml(out, n, whole.bytes, whole.n); }
FAIL(xml_fails) { return callkey_stanza_to_xml(out, n, whole.bytes, whole.n - 1); }
CALL(session_export) { return callkey_session_export(p.caller, out, n, BOB); }
FAIL(session_export_fails) { return callkey_session_export(p.caller, out, n, CAROL); }
CALL(enc_seal) { return callkey_enc_seal(p.caller, out, n, &type, BOB, KEY); }
FAIL(enc_seal_fails) { return callkey_enc_seal(p.caller, out, n, &type, CAROL, KEY); }
CALL(offer_seal)
{
	return callkey_offer_seal(p.caller, out, n, &device, &type, KEY, bob, 1, &pair_options);
}
FAIL(offer_seal_fails)
{
	callkey_offer_options options = pair_options;
	options.device_identity = NULL;
	options.device_identity_len = 0;
	return callkey_offer_seal(p.caller, out, n, &device, &type, KEY, bob, 1, &options);
}
CALL(rekey_seal) { return callkey_rekey_seal(p.caller, out, n, KEY, 1, BOB, &pair_options); }
FAIL(rekey_seal_fails)
{
	callkey_offer_options options = pair_options;
	options.device_identity = NULL;
	options.device_identity_len = 0;
	return callkey_rekey_seal(p.caller, out, n, KEY, 1, BOB, &options);
}
CALL(last_error) { return callkey_last_error(out, n); }
FAIL(last_error_fails) { return *n == 0 || out == NULL ? CALLKEY_OK : callkey_last_error(NULL, n); }

static const struct {
	const char *name;
	callkey_status (*call)(void *, size_t *), (*fail)(void *, size_t *);
	callkey_status failure;
	int text;
} outputs[] = {
	{"participant_id", participant_id, participant_id_fails, CALLKEY_ERR_PARTICIPANT, 1},
	{"raw_e2e_decode", raw_e2e, raw_e2e_fails, CALLKEY_ERR_KEY_LENGTH, 0},
	{"sframe_seal", seal_frame, seal_frame_fails, CALLKEY_ERR_KEY_LENGTH, 0},
	{"sframe_open", open_frame, open_frame_fails, CALLKEY_ERR_MALFORMED, 0},
	{"plaintext_encode", encode, encode_fails, CALLKEY_ERR_KEY_LENGTH, 0},
	{"offer_build", build, build_fails, CALLKEY_ERR_NO_DEVICES, 0},
	{"offer_parse", parse, parse_fails, CALLKEY_ERR_MALFORMED, 0},
	{"stanza_to_xml", xml, xml_fails, CALLKEY_ERR_MALFORMED, 1},
	{"session_export", session_export, session_export_fails, CALLKEY_ERR_NO_SESSION, 0},
	{"enc_seal", enc_seal, enc_seal_fails, CALLKEY_ERR_NO_SESSION, 0},
	{"offer_seal", offer_seal, offer_seal_fails, CALLKEY_ERR_DEVICE_IDENTITY, 0},
	{"rekey_seal", rekey_seal, rekey_seal_fails, CALLKEY_ERR_DEVICE_IDENTITY, 0},
	{"last_error", last_error, last_error_fails, CALLKEY_ERR_ARGUMENT, 1},
};

static uint8_t room[8192];

static void one_output(size_t i)
{
	size_t need = 0, n, short_of;
	callkey_call_info untold;
	record before, after;

	memset(room, 0x5a, sizeof room);
	pair_record(p.caller, BOB, &before);
	EXPECT_STATUS(outputs[i].call(NULL, &need), CALLKEY_ERR_BUFFER);
	REQUIRE(need > 1 && need < sizeof room);

	/* From nothing to one byte short: the same size is asked for, nothing is touched. */
	for (short_of = need; short_of > 0; short_of -= short_of > 8 ? short_of / 2 : 1) {
		n = need - short_of;
		device = 7;
		type = 7;
		pair_spoil_info(&info);
		untold = info;
		EXPECT_STATUS(outputs[i].call(room, &n), CALLKEY_ERR_BUFFER);
		EXPECT(n == need);
		EXPECT(device == 7 && type == 7);
		/* But for what the stanza says, which is known by then. */
		if (outputs[i].call == parse)
			EXPECT(info.kind == CALLKEY_KIND_OFFER && strcmp(info.call_creator, ALICE) == 0);
		else
			EXPECT_BYTES(&info, &untold, sizeof info);
		EXPECT_FILLED(room, 0x5a, sizeof room);
	}
	pair_record(p.caller, BOB, &after);
	EXPECT(before.n > 0 && pair_same_record(&before, &after));

	/* Exactly enough works, and no byte behind what is used is touched. */
	n = need;
	EXPECT_OK(outputs[i].call(room, &n));
	EXPECT(n > 1 && n <= need);
	EXPECT_FILLED(room + n, 0x5a, sizeof room - n);
	if (outputs[i].text)
		EXPECT(strlen((char *)room) == n - 1 && n == need);
	/* So does a capacity that no memory has. */
	n = (size_t)-1;
	EXPECT_OK(outputs[i].call(room, &n));
	EXPECT(n > 1 && n <= need);

	/* After another failure the size is 0 and the output as it was. */
	memset(room, 0x5a, sizeof room);
	n = sizeof room;
	EXPECT_STATUS(outputs[i].fail(room, &n), outputs[i].failure);
	EXPECT(n == 0);
	EXPECT_FILLED(room, 0x5a, sizeof room);
}

static size_t current;

static void output(void)
{
	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_offer(&p, &whole));
	one_output(current);
	pair_close(&p);
}

/* A prekey that a too small output used up would make the peer's next message unreadable. */
static void nothing_is_lost(void)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	sealed enc;
	size_t n = 1;
	int i;

	REQUIRE_OK(pair_open(&p));
	for (i = 0; i < 100; i++) {
		EXPECT_STATUS(enc_seal(room, &n), CALLKEY_ERR_BUFFER);
		n = 1;
		EXPECT_STATUS(offer_seal(room, &n), CALLKEY_ERR_BUFFER);
		n = 1;
	}
	REQUIRE_OK(pair_seal(&p, &enc));
	EXPECT(enc.enc_type == CALLKEY_ENC_PKMSG);
	EXPECT_OK(callkey_enc_open(p.callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n));
	EXPECT_BYTES(key, p.key, sizeof key);
	pair_close(&p);
}

int main(int argc, char **argv)
{
	static const test lost = {"nothing is lost", "asking for a size uses up message keys",
	                          nothing_is_lost};

	(void)argc;
	test_begin(argv[0]);
	for (current = 0; current < COUNT(outputs); current++) {
		test t = {outputs[current].name,
		          "asking for a size overruns a buffer or moves a ratchet", output};
		test_run(&t);
	}
	test_run(&lost);
	return test_end();
}
