/* A whole first call, and what can go wrong with it. */
#include "check.h"

#include <string.h>

static const char *const callee_own[] = {"15550002:2@s.whatsapp.net", CALLEE};
static const char *const caller_own[] = {CALLER};

/* Seals key from one account in an offer to the device jid. */
static size_t seal(callkey_store from, uint8_t out[4096], const char *jid, const uint8_t *key,
                   uint32_t want_type)
{
	callkey_offer_options o = offer_options();
	callkey_status status = 77;
	uint32_t type = 77;
	size_t n = 4096;
	o.call_creator = strcmp(jid, CALLEE) == 0 ? CALLER : CALLEE;
	CHECK_STATUS(callkey_offer_seal(from, out, &n, &status, &type, key, 32, &jid, 1, &o), CALLKEY_OK);
	CHECK(status == CALLKEY_OK && type == want_type);
	return n;
}

/* If this failed, two people who call each other would hear noise. */
static void both_sides_have_the_same_media_keys(void)
{
	accounts a = accounts_open();
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], stanza[4096], sframe[2][32], warp[2][32];
	uint8_t fingerprint[2][CALLKEY_FINGERPRINT_BYTES];
	callkey_srtp_keys srtp[2];
	callkey_offer_info info;
	size_t n;
	int i;
	CHECK_STATUS(callkey_generate(key), CALLKEY_OK);
	n = seal(a.caller, stanza, CALLEE, key, CALLKEY_ENC_PKMSG);
	CHECK_STATUS(callkey_offer_open(a.callee, opened, &info, stanza, n, callee_own, 2, NULL), CALLKEY_OK);
	CHECK(strcmp(info.sender, CALLER) == 0 && info.enc_type == CALLKEY_ENC_PKMSG);
	for (i = 0; i < 2; i++) {
		const uint8_t *k = i == 0 ? key : opened;
		CHECK_STATUS(callkey_fingerprint(fingerprint[i], k, 32), CALLKEY_OK);
		CHECK_STATUS(callkey_derive_e2e_keys(&srtp[i], k, 32, CALLEE), CALLKEY_OK);
		CHECK_STATUS(callkey_derive_e2e_sframe_key(sframe[i], k, 32, CALLEE), CALLKEY_OK);
		CHECK_STATUS(callkey_derive_warp_auth_key(warp[i], k, 32), CALLKEY_OK);
	}
	CHECK(memcmp(fingerprint[0], fingerprint[1], sizeof fingerprint[0]) == 0);
	CHECK(memcmp(&srtp[0], &srtp[1], sizeof srtp[0]) == 0);
	CHECK(memcmp(sframe[0], sframe[1], 32) == 0 && memcmp(warp[0], warp[1], 32) == 0);
	CHECK(!all_bytes(sframe[0], 0, 32) && !all_bytes(&srtp[0], 0, sizeof srtp[0]));
	accounts_close(a);
}

/* If this failed, every call would go out as a first call, and its prekeys would run out. */
static void an_answered_session_is_reused(void)
{
	accounts a = accounts_open();
	uint8_t key[CALLKEY_KEY_BYTES] = {1}, opened[CALLKEY_KEY_BYTES], stanza[4096];
	callkey_offer_info info;
	size_t n;
	int i;
	n = seal(a.caller, stanza, CALLEE, key, CALLKEY_ENC_PKMSG);
	CHECK_STATUS(callkey_offer_open(a.callee, opened, &info, stanza, n, callee_own, 2, NULL), CALLKEY_OK);
	for (i = 0; i < 5; i++) {
		key[1] = (uint8_t)i;
		n = seal(a.callee, stanza, CALLER, key, CALLKEY_ENC_MSG);
		CHECK_STATUS(callkey_offer_open(a.caller, opened, &info, stanza, n, caller_own, 1, NULL),
		             CALLKEY_OK);
		CHECK(memcmp(opened, key, sizeof key) == 0);
		n = seal(a.caller, stanza, CALLEE, key, CALLKEY_ENC_MSG);
		CHECK_STATUS(callkey_offer_open(a.callee, opened, &info, stanza, n, callee_own, 2, CALLER),
		             CALLKEY_OK);
		CHECK(memcmp(opened, key, sizeof key) == 0);
	}
	accounts_close(a);
}

/* If this failed, a stanza that the server delivers twice would end the call or look like an attack. */
static void delivered_twice(void)
{
	accounts a = accounts_open();
	uint8_t key[CALLKEY_KEY_BYTES] = {1}, opened[CALLKEY_KEY_BYTES], stanza[4096];
	callkey_offer_info first, again;
	size_t n = seal(a.caller, stanza, CALLEE, key, CALLKEY_ENC_PKMSG);
	CHECK_STATUS(callkey_offer_open(a.callee, opened, &first, stanza, n, callee_own, 2, NULL), CALLKEY_OK);
	memset(&again, 0xa5, sizeof again);
	CHECK_STATUS(callkey_offer_open(a.callee, opened, &again, stanza, n, callee_own, 2, NULL),
	             CALLKEY_ERR_DUPLICATE);
	CHECK(all_bytes(opened, 0, sizeof opened) && memcmp(&first, &again, sizeof first) == 0);
	accounts_close(a);
}

/* If this failed, one device without a session would cost the callee the call on all others. */
static void a_device_that_fails_is_left_out(void)
{
	accounts a = accounts_open();
	char too_long[200];
	const char *jids[5];
	callkey_status statuses[5];
	callkey_offer_options o = offer_options();
	uint32_t types[5];
	uint8_t key[CALLKEY_KEY_BYTES] = {1}, opened[CALLKEY_KEY_BYTES], stanza[4096];
	callkey_offer_info info;
	char xml[8192];
	size_t n = sizeof stanza, xml_n = sizeof xml;
	memset(too_long, '1', sizeof too_long - 1);
	too_long[sizeof too_long - 1] = '\0';
	jids[0] = "222222222222222:9@lid";
	jids[1] = CALLEE;
	jids[2] = too_long;
	jids[3] = "222222222222222:2@lid";
	jids[4] = "";
	CHECK_STATUS(callkey_offer_seal(a.caller, stanza, &n, statuses, types, key, 32, jids, 5, &o),
	             CALLKEY_OK);
	CHECK(statuses[0] == CALLKEY_ERR_NO_SESSION && types[0] == CALLKEY_ENC_NONE);
	CHECK(statuses[1] == CALLKEY_OK && types[1] == CALLKEY_ENC_PKMSG);
	CHECK(statuses[2] == CALLKEY_ERR_ARGUMENT && types[2] == CALLKEY_ENC_NONE);
	CHECK(statuses[3] == CALLKEY_ERR_DUPLICATE && types[3] == CALLKEY_ENC_NONE);
	CHECK(statuses[4] == CALLKEY_ERR_ARGUMENT && types[4] == CALLKEY_ENC_NONE);
	CHECK_STATUS(callkey_stanza_to_xml(xml, &xml_n, stanza, n), CALLKEY_OK);
	CHECK(strstr(xml, "<destination>") != NULL && strstr(xml, "222222222222222:9@lid") == NULL);
	CHECK_STATUS(callkey_offer_open(a.callee, opened, &info, stanza, n, callee_own, 2, NULL), CALLKEY_OK);
	CHECK(memcmp(opened, key, sizeof key) == 0);

	jids[1] = "222222222222222:8@lid";
	n = sizeof stanza;
	CHECK_STATUS(callkey_offer_seal(a.caller, stanza, &n, statuses, types, key, 32, jids, 2, &o),
	             CALLKEY_ERR_NO_DEVICES);
	CHECK(n == 0 && statuses[0] == CALLKEY_ERR_NO_SESSION && statuses[1] == CALLKEY_ERR_NO_SESSION);
	CHECK(all_bytes(types, 0, 2 * sizeof types[0]));
	accounts_close(a);
}

/* If this failed, the server would drop an offer without saying why. */
static void a_first_message_needs_the_device_identity(void)
{
	accounts a = accounts_open();
	callkey_offer_options o = offer_options();
	callkey_status status;
	uint32_t type = 77;
	uint8_t key[CALLKEY_KEY_BYTES] = {1}, stanza[4096];
	const char *jid = CALLEE;
	size_t n = sizeof stanza;
	o.device_identity = NULL;
	o.device_identity_len = 0;
	CHECK_STATUS(callkey_offer_seal(a.caller, stanza, &n, &status, &type, key, 32, &jid, 1, &o),
	             CALLKEY_ERR_DEVICE_IDENTITY);
	CHECK(n == 0 && status == CALLKEY_ERR_DEVICE_IDENTITY && type == CALLKEY_ENC_NONE);
	accounts_close(a);
}

/* If this failed, a call key of the wrong size would be delivered, or one that was cut off. */
static void a_key_of_another_length_is_refused(void)
{
	static const size_t lengths[] = {0, 1, 16, 31, 33, 64};
	accounts a = accounts_open();
	uint8_t key[64] = {1}, stanza[4096];
	callkey_status status;
	uint32_t type;
	const char *jid = CALLEE;
	size_t i, n;
	for (i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		n = sizeof stanza;
		CHECK_STATUS(callkey_enc_seal(a.caller, stanza, &n, &type, CALLEE, key, lengths[i]),
		             CALLKEY_ERR_KEY_LENGTH);
		n = sizeof stanza;
		CHECK_STATUS(callkey_offer_seal(a.caller, stanza, &n, &status, &type, key, lengths[i], &jid, 1,
		                                NULL), CALLKEY_ERR_KEY_LENGTH);
		CHECK(status == CALLKEY_ERR_KEY_LENGTH);
	}
	accounts_close(a);
}

/* If this failed, a forged or damaged message would give a key, or would cost the session: the good
 * one that comes next must open. */
static void a_damaged_ciphertext_costs_nothing(void)
{
	accounts a = accounts_open();
	uint8_t key[CALLKEY_KEY_BYTES] = {1}, opened[CALLKEY_KEY_BYTES], good[512], bad[512];
	uint32_t type, other;
	callkey_status status;
	size_t n = sizeof good, i;
	CHECK_STATUS(callkey_enc_seal(a.caller, good, &n, &type, CALLEE, key, 32), CALLKEY_OK);
	other = type == CALLKEY_ENC_PKMSG ? CALLKEY_ENC_MSG : CALLKEY_ENC_PKMSG;
	for (i = 0; i < n; i++) {
		memcpy(bad, good, n);
		bad[i] ^= 0x10;
		memset(opened, 0xa5, sizeof opened);
		status = callkey_enc_open(a.callee, opened, CALLER, type, 2, bad, n);
		/* Nothing authenticates the registration id of a pkmsg, so a message that differs only
		 * there opens. It is used up then, so go on with new accounts. */
		if (status == CALLKEY_OK) {
			CHECK(memcmp(opened, key, sizeof key) == 0);
			accounts_close(a);
			a = accounts_open();
			n = sizeof good;
			CHECK_STATUS(callkey_enc_seal(a.caller, good, &n, &type, CALLEE, key, 32), CALLKEY_OK);
			continue;
		}
		CHECK(status != CALLKEY_ERR_INTERNAL && status != CALLKEY_ERR_DUPLICATE);
		CHECK(all_bytes(opened, 0, sizeof opened));
	}
	for (i = 0; i < n; i++)
		CHECK(callkey_enc_open(a.callee, opened, CALLER, type, 2, good, i) != CALLKEY_OK);
	CHECK(callkey_enc_open(a.callee, opened, CALLER, other, 2, good, n) != CALLKEY_OK);
	CHECK_STATUS(callkey_enc_open(a.callee, opened, CALLER, type, 1, good, n), CALLKEY_ERR_UNSUPPORTED);
	CHECK_STATUS(callkey_enc_open(a.callee, opened, CALLER, type, 2, good, n), CALLKEY_OK);
	CHECK(memcmp(opened, key, sizeof key) == 0);
	CHECK_STATUS(callkey_enc_open(a.callee, opened, CALLER, type, 2, good, n), CALLKEY_ERR_DUPLICATE);
	accounts_close(a);
}

void test_call(void)
{
	TEST(both_sides_have_the_same_media_keys);
	TEST(an_answered_session_is_reused);
	TEST(delivered_twice);
	TEST(a_device_that_fails_is_left_out);
	TEST(a_first_message_needs_the_device_identity);
	TEST(a_key_of_another_length_is_refused);
	TEST(a_damaged_ciphertext_costs_nothing);
}
