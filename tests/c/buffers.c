/* Variable outputs: the size query, one byte too few, exactly enough, more than enough. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t key[CALLKEY_KEY_BYTES] = {1, 2, 3};
static const char *const callee[] = {CALLEE};

/* What writes an output: each function of that kind, with everything else fixed. */
typedef callkey_status (*writer)(void *out, size_t *out_len);

static accounts a;
static uint8_t stanza[1024];
static size_t stanza_len;
static callkey_offer_info info, info_before;

static callkey_status participant_id(void *out, size_t *n)
{
	return callkey_participant_id(out, n, "222222222222222@lid");
}
static callkey_status raw_e2e(void *out, size_t *n)
{
	return callkey_raw_e2e_decode(out, n, key, sizeof key);
}
static callkey_status offer_build(void *out, size_t *n)
{
	callkey_enc enc = {CALLEE, CALLKEY_ENC_MSG, key, sizeof key};
	callkey_offer_options o = offer_options();
	return callkey_offer_build(out, n, &enc, 1, &o);
}
static callkey_status offer_parse(void *out, size_t *n)
{
	memset(&info, 0xa5, sizeof info);
	return callkey_offer_parse(out, n, &info, stanza, stanza_len, callee, 1);
}
static callkey_status stanza_to_xml(void *out, size_t *n)
{
	return callkey_stanza_to_xml(out, n, stanza, stanza_len);
}
static callkey_status session_export(void *out, size_t *n)
{
	return callkey_session_export(a.caller, out, n, CALLEE);
}

static void check_writer(const char *name, writer write)
{
	size_t need = 0, n;
	uint8_t *out;
	check_context(name);
	CHECK_STATUS(write(NULL, &need), CALLKEY_ERR_BUFFER);
	CHECK(need > 0 && need < 4096);
	out = malloc(need + 16);
	memset(out, 0xa5, need + 16);
	n = 0;
	CHECK_STATUS(write(out, &n), CALLKEY_ERR_BUFFER);
	CHECK(n == need);
	n = need - 1;
	CHECK_STATUS(write(out, &n), CALLKEY_ERR_BUFFER);
	CHECK(n == need && all_bytes(out, 0xa5, need + 16));
	n = need;
	CHECK_STATUS(write(out, &n), CALLKEY_OK);
	CHECK(n == need && all_bytes(out + need, 0xa5, 16));
	n = need + 16;
	CHECK_STATUS(write(out, &n), CALLKEY_OK);
	CHECK(n == need && all_bytes(out + need, 0xa5, 16));
	free(out);
	check_context(NULL);
}

/* If this failed, a program that asks for the size first would write beyond its memory or never
 * get its output. */
static void every_variable_output(void)
{
	callkey_enc enc = {CALLEE, CALLKEY_ENC_PKMSG, key, sizeof key};
	callkey_offer_options o = offer_options();
	a = accounts_open();
	stanza_len = sizeof stanza;
	CHECK_STATUS(callkey_offer_build(stanza, &stanza_len, &enc, 1, &o), CALLKEY_OK);
	check_writer("participant_id", participant_id);
	check_writer("raw_e2e_decode", raw_e2e);
	check_writer("offer_build", offer_build);
	check_writer("offer_parse", offer_parse);
	check_writer("stanza_to_xml", stanza_to_xml);
	check_writer("session_export", session_export);
	accounts_close(a);
}

/* If this failed, a buffer that is too small would cost the caller what it had in info. */
static void a_small_buffer_leaves_info_alone(void)
{
	callkey_enc enc = {CALLEE, CALLKEY_ENC_PKMSG, key, sizeof key};
	callkey_offer_options o = offer_options();
	uint8_t out[64];
	size_t n = 10;
	stanza_len = sizeof stanza;
	CHECK_STATUS(callkey_offer_build(stanza, &stanza_len, &enc, 1, &o), CALLKEY_OK);
	memset(&info_before, 0x5a, sizeof info_before);
	info = info_before;
	CHECK_STATUS(callkey_offer_parse(out, &n, &info, stanza, stanza_len, callee, 1),
	             CALLKEY_ERR_BUFFER);
	CHECK(n == sizeof key && memcmp(&info, &info_before, sizeof info) == 0);
}

/* If this failed, the size that was asked for would not suffice for the next padding. */
static void a_plaintext_always_fits_its_size(void)
{
	uint8_t out[CALLKEY_PLAINTEXT_MAX_BYTES];
	size_t n = 0;
	int i;
	CHECK_STATUS(callkey_plaintext_encode(NULL, &n, key, sizeof key), CALLKEY_ERR_BUFFER);
	CHECK(n == CALLKEY_PLAINTEXT_MAX_BYTES);
	for (i = 0; i < 200; i++) {
		n = sizeof out - 1;
		memset(out, 0xa5, sizeof out);
		CHECK_STATUS(callkey_plaintext_encode(out, &n, key, sizeof key), CALLKEY_ERR_BUFFER);
		CHECK(n == sizeof out && all_bytes(out, 0xa5, sizeof out));
		CHECK_STATUS(callkey_plaintext_encode(out, &n, key, sizeof key), CALLKEY_OK);
		CHECK(n >= 37 && n <= sizeof out);
	}
}

static size_t record(callkey_store s, uint8_t out[4096])
{
	size_t n = 4096;
	CHECK_STATUS(callkey_session_export(s, out, &n, CALLEE), CALLKEY_OK);
	return n;
}

/* If this failed, asking for a size would use up message keys: after enough questions the peer
 * could open nothing any more. */
static void a_small_buffer_moves_no_ratchet(void)
{
	static uint8_t before[4096], after[4096];
	uint8_t out[2048];
	callkey_offer_options o = offer_options();
	callkey_status status = 77;
	uint32_t type = 77;
	size_t before_n, n, need = 0, offer_need = 0;

	a = accounts_open();
	before_n = record(a.caller, before);
	CHECK_STATUS(callkey_enc_seal(a.caller, NULL, &need, &type, CALLEE, key, 32), CALLKEY_ERR_BUFFER);
	CHECK(need > 0 && need < sizeof out && type == 77);
	n = need - 1;
	memset(out, 0xa5, sizeof out);
	CHECK_STATUS(callkey_enc_seal(a.caller, out, &n, &type, CALLEE, key, 32), CALLKEY_ERR_BUFFER);
	CHECK(n == need && type == 77 && all_bytes(out, 0xa5, sizeof out));
	CHECK_STATUS(callkey_offer_seal(a.caller, NULL, &offer_need, &status, &type, key, 32, callee, 1, &o),
	             CALLKEY_ERR_BUFFER);
	CHECK(offer_need > need && offer_need < sizeof out && status == 77 && type == 77);
	n = offer_need - 1;
	CHECK_STATUS(callkey_offer_seal(a.caller, out, &n, &status, &type, key, 32, callee, 1, &o),
	             CALLKEY_ERR_BUFFER);
	CHECK(n == offer_need && status == 77 && type == 77 && all_bytes(out, 0xa5, sizeof out));
	CHECK(record(a.caller, after) == before_n && memcmp(before, after, before_n) == 0);

	n = need;
	CHECK_STATUS(callkey_enc_seal(a.caller, out, &n, &type, CALLEE, key, 32), CALLKEY_OK);
	CHECK(n <= need && type == CALLKEY_ENC_PKMSG);
	n = offer_need;
	CHECK_STATUS(callkey_offer_seal(a.caller, out, &n, &status, &type, key, 32, callee, 1, &o),
	             CALLKEY_OK);
	CHECK(n <= offer_need && status == CALLKEY_OK && type == CALLKEY_ENC_PKMSG);
	CHECK(record(a.caller, after) != before_n || memcmp(before, after, before_n) != 0);
	accounts_close(a);
}

void test_buffers(void)
{
	TEST(every_variable_output);
	TEST(a_small_buffer_leaves_info_alone);
	TEST(a_plaintext_always_fits_its_size);
	TEST(a_small_buffer_moves_no_ratchet);
}
