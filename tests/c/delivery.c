/* Whole calls: a caller sends one key to the devices of a callee, with stores in memory and in
 * files, before and after both sides were closed. */
#include "folder.h"
#include "pair.h"
#include "test.h"

#include <string.h>

enum { NEW, OTHER_NEW, ANSWERED, UNPUBLISHED, DEVICES };

static const char *const jids[DEVICES] = {
	"222222222222222:0@lid", "222222222222222:3@lid", "222222222222222:17@lid",
	"222222222222222:99@lid",
};
/* The JIDs of each device: by phone number and by LID. */
static const char *const own[DEVICES][2] = {
	{"15550002@s.whatsapp.net", "222222222222222:0@lid"},
	{"15550002:3@s.whatsapp.net", "222222222222222:3@lid"},
	{"15550002:17@s.whatsapp.net", "222222222222222:17@lid"},
	{"15550002:99@s.whatsapp.net", "222222222222222:99@lid"},
};
static const char *const files[DEVICES] = {"phone", "tablet", NULL, "watch"}; /* NULL: in memory */
static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {5, 4, 3, 2, 1};

static callkey_store caller, callee[DEVICES];

static callkey_store open_file(const char *name)
{
	callkey_store s = 0;
	char path[256];

	EXPECT_OK(callkey_store_open(&s, folder_path(path, sizeof path, name), storage_key,
	                             sizeof storage_key, NULL));
	return s;
}

/* Restarts all accounts that have a file. */
static void restart(void)
{
	int i;

	EXPECT_OK(callkey_store_close(caller));
	caller = open_file("caller");
	for (i = 0; i < DEVICES; i++) {
		if (files[i] == NULL)
			continue;
		EXPECT_OK(callkey_store_close(callee[i]));
		callee[i] = open_file(files[i]);
	}
}

/* A device answers the caller and so acknowledges the session. */
static void answer(int i)
{
	uint8_t key[CALLKEY_KEY_BYTES] = {1}, opened[CALLKEY_KEY_BYTES], enc[512];
	size_t n = sizeof enc;
	uint32_t type = 0;

	EXPECT_OK(callkey_enc_seal(callee[i], enc, &n, &type, ALICE, key, sizeof key));
	EXPECT(type == CALLKEY_ENC_MSG);
	EXPECT_OK(callkey_enc_open(caller, opened, jids[i], type, 2, enc, n));
	EXPECT_BYTES(opened, key, sizeof key);
}

static void begin(int i)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;

	EXPECT_OK(callkey_store_take_bundle(callee[i], &bundle));
	EXPECT_OK(callkey_session_begin(caller, jids[i], &bundle));
}

typedef struct sent {
	uint8_t key[CALLKEY_KEY_BYTES], offer[4096];
	size_t n;
	callkey_status statuses[DEVICES];
	uint32_t types[DEVICES];
} sent;

static void call(sent *s)
{
	s->n = sizeof s->offer;
	EXPECT_OK(callkey_generate(s->key));
	EXPECT_OK(callkey_offer_seal(caller, s->offer, &s->n, s->statuses, s->types, s->key,
	                             sizeof s->key, jids, DEVICES, &pair_options));
}

/* The device opens the offer and derives the caller's media keys; they must be the caller's. */
static void receive(int i, const sent *s, uint32_t type, callkey_status want)
{
	uint8_t key[CALLKEY_KEY_BYTES], ours[64], theirs[64];
	callkey_srtp_keys a, b;
	callkey_identity identity;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;

	EXPECT_STATUS(callkey_offer_open(callee[i], key, &info, s->offer, s->n, own[i], 2, NULL), want);
	/* A device without a key for the call can also tell which call it is. */
	EXPECT(strcmp(info.call_id, "00112233445566778899AABBCCDDEEFF") == 0);
	EXPECT(strcmp(info.call_creator, ALICE) == 0 && strcmp(info.sender, ALICE) == 0);
	EXPECT(info.kind == CALLKEY_KIND_OFFER && info.keygen == 2 && info.enc_type == type);
	EXPECT(info.enc_version == (type == 0 ? 0 : 2) && info.from[0] == 0);
	EXPECT(info.flags == 0 && info.transaction_id == 0);
	EXPECT_OK(callkey_store_identity(caller, &identity));
	if (type != CALLKEY_ENC_PKMSG)
		memset(identity.public_key, 0, sizeof identity.public_key);
	EXPECT_BYTES(info.sender_identity, identity.public_key, sizeof identity.public_key);
	if (want != CALLKEY_OK) {
		EXPECT_ZERO(key, sizeof key);
		return;
	}
	EXPECT_BYTES(key, s->key, sizeof key);
	EXPECT_OK(callkey_derive_e2e_keys(&a, s->key, sizeof s->key, ALICE));
	EXPECT_OK(callkey_derive_e2e_keys(&b, key, sizeof key, info.sender));
	EXPECT_BYTES(&b, &a, sizeof a);
	EXPECT_OK(callkey_derive_e2e_sframe_key(ours, s->key, sizeof s->key, jids[i]));
	EXPECT_OK(callkey_derive_e2e_sframe_key(theirs, key, sizeof key, own[i][1]));
	EXPECT_OK(callkey_derive_warp_auth_key(ours + 32, s->key, sizeof s->key));
	EXPECT_OK(callkey_derive_warp_auth_key(theirs + 32, key, sizeof key));
	EXPECT_BYTES(theirs, ours, sizeof ours);
}

static void two_calls(void)
{
	sent first, second;
	int i;

	REQUIRE(folder_make());
	caller = open_file("caller");
	for (i = 0; i < DEVICES; i++) {
		if (files[i] != NULL)
			callee[i] = open_file(files[i]);
		else
			EXPECT_OK(callkey_store_open(&callee[i], NULL, NULL, 0, NULL));
		if (i != UNPUBLISHED)
			begin(i);
	}
	call(&first); /* so one device has a session to answer in */
	receive(ANSWERED, &first, CALLKEY_ENC_PKMSG, CALLKEY_OK);
	answer(ANSWERED);

	call(&first);
	EXPECT(first.statuses[NEW] == CALLKEY_OK && first.types[NEW] == CALLKEY_ENC_PKMSG);
	EXPECT(first.statuses[OTHER_NEW] == CALLKEY_OK && first.types[OTHER_NEW] == CALLKEY_ENC_PKMSG);
	EXPECT(first.statuses[ANSWERED] == CALLKEY_OK && first.types[ANSWERED] == CALLKEY_ENC_MSG);
	EXPECT(first.statuses[UNPUBLISHED] == CALLKEY_ERR_NO_SESSION);
	EXPECT(first.types[UNPUBLISHED] == CALLKEY_ENC_NONE);
	restart();
	receive(NEW, &first, CALLKEY_ENC_PKMSG, CALLKEY_OK);
	receive(OTHER_NEW, &first, CALLKEY_ENC_PKMSG, CALLKEY_OK);
	receive(ANSWERED, &first, CALLKEY_ENC_MSG, CALLKEY_OK);
	receive(UNPUBLISHED, &first, 0, CALLKEY_ERR_NOT_FOR_THIS_DEVICE);

	/* The server delivers again, before a restart and after it. */
	receive(NEW, &first, CALLKEY_ENC_PKMSG, CALLKEY_ERR_DUPLICATE);
	receive(ANSWERED, &first, CALLKEY_ENC_MSG, CALLKEY_ERR_DUPLICATE);
	restart();
	receive(NEW, &first, CALLKEY_ENC_PKMSG, CALLKEY_ERR_DUPLICATE);
	receive(ANSWERED, &first, CALLKEY_ENC_MSG, CALLKEY_ERR_DUPLICATE);

	answer(NEW);
	answer(OTHER_NEW);
	restart();
	call(&second);
	EXPECT(memcmp(first.key, second.key, sizeof first.key) != 0);
	for (i = 0; i < UNPUBLISHED; i++) {
		EXPECT(second.statuses[i] == CALLKEY_OK && second.types[i] == CALLKEY_ENC_MSG);
		receive(i, &second, CALLKEY_ENC_MSG, CALLKEY_OK);
	}
	EXPECT_OK(callkey_store_close(caller));
	for (i = 0; i < DEVICES; i++)
		EXPECT_OK(callkey_store_close(callee[i]));
	folder_remove();
}

static void bad_devices(void)
{
	const char *list[] = {"222222222222222:99@lid", BOB, "222222222222222@lid", "nobody",
	                      "222222222222222:3@lid"};
	callkey_status statuses[5];
	uint32_t types[5];
	uint8_t out[4096], key[CALLKEY_KEY_BYTES];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	size_t n = sizeof out;
	pair p;

	REQUIRE_OK(pair_open(&p));
	EXPECT_OK(callkey_offer_seal(p.caller, out, &n, statuses, types, p.key, sizeof p.key, list, 5,
	                             NULL));
	EXPECT(statuses[0] == CALLKEY_ERR_NO_SESSION && types[0] == CALLKEY_ENC_NONE);
	EXPECT(statuses[1] == CALLKEY_OK && types[1] == CALLKEY_ENC_PKMSG);
	EXPECT(statuses[2] == CALLKEY_ERR_DUPLICATE && types[2] == CALLKEY_ENC_NONE);
	EXPECT(statuses[3] == CALLKEY_ERR_ARGUMENT && types[3] == CALLKEY_ENC_NONE);
	EXPECT(statuses[4] == CALLKEY_ERR_NO_SESSION && types[4] == CALLKEY_ENC_NONE);
	/* Only the key node, which does not name the creator: the app names the sender. */
	EXPECT_STATUS(callkey_offer_open(p.callee, key, &info, out, n, list + 1, 1, NULL),
	              CALLKEY_ERR_ARGUMENT);
	EXPECT(info.kind == CALLKEY_KIND_NONE && info.enc_type == CALLKEY_ENC_PKMSG);
	EXPECT_OK(callkey_offer_open(p.callee, key, &info, out, n, list + 1, 1, ALICE));
	EXPECT_BYTES(key, p.key, sizeof key);
	EXPECT(strcmp(info.sender, ALICE) == 0 && info.call_id[0] == 0);

	n = sizeof out;
	EXPECT_STATUS(callkey_offer_seal(p.caller, out, &n, statuses, types, p.key, sizeof p.key,
	                                 list + 3, 2, NULL), CALLKEY_ERR_NO_DEVICES);
	EXPECT(n == 0 && statuses[0] == CALLKEY_ERR_ARGUMENT && statuses[1] == CALLKEY_ERR_NO_SESSION);
	EXPECT(types[0] == CALLKEY_ENC_NONE && types[1] == CALLKEY_ENC_NONE);
	pair_close(&p);
}

/* A device that is known, a new one with its bundle, one whose bundle is forged, and one without. */
static void begun_with_an_offer(void)
{
	const char *list[] = {BOB, CAROL, "444444444444444:1@lid", "555555555555555:1@lid"};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT, forged;
	const callkey_prekey_bundle *bundles[] = {NULL, &bundle, &forged, NULL};
	callkey_offer_options without = pair_options;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	callkey_store carol;
	callkey_status statuses[4];
	uint32_t types[4];
	uint8_t out[4096], key[CALLKEY_KEY_BYTES];
	size_t n, need = 0;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_acknowledge(&p));
	REQUIRE_OK(callkey_store_open(&carol, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_take_bundle(carol, &bundle));
	forged = bundle;
	forged.signed_prekey_signature[0] ^= 1;

	without.device_identity = NULL;
	without.device_identity_len = 0;
	n = sizeof out;
	EXPECT_STATUS(callkey_offer_begin(p.caller, out, &n, statuses, types, p.key, sizeof p.key, list, bundles, 4,
	                                  &without), CALLKEY_ERR_DEVICE_IDENTITY);
	EXPECT(n == 0 && statuses[0] == CALLKEY_ERR_DEVICE_IDENTITY && types[1] == CALLKEY_ENC_NONE);
	EXPECT_STATUS(callkey_offer_begin(p.caller, NULL, &need, statuses, types, p.key, sizeof p.key, list, bundles,
	                                  4, &pair_options), CALLKEY_ERR_BUFFER);
	EXPECT_STATUS(callkey_session_check(p.caller, CAROL), CALLKEY_ERR_NO_SESSION);
	n = need;
	REQUIRE(need <= sizeof out);
	EXPECT_OK(callkey_offer_begin(p.caller, out, &n, statuses, types, p.key, sizeof p.key, list, bundles, 4,
	                              &pair_options));
	EXPECT(n > 0 && n <= need);
	EXPECT(statuses[0] == CALLKEY_OK && types[0] == CALLKEY_ENC_MSG);
	EXPECT(statuses[1] == CALLKEY_OK && types[1] == CALLKEY_ENC_PKMSG);
	EXPECT(statuses[2] == CALLKEY_ERR_INVALID_KEY && types[2] == CALLKEY_ENC_NONE);
	EXPECT(statuses[3] == CALLKEY_ERR_NO_SESSION && types[3] == CALLKEY_ENC_NONE);
	EXPECT_OK(callkey_offer_open(p.callee, key, &info, out, n, list, 1, NULL));
	EXPECT_BYTES(key, p.key, sizeof key);
	memset(key, 0, sizeof key);
	EXPECT_OK(callkey_offer_open(carol, key, &info, out, n, list + 1, 1, NULL));
	EXPECT_BYTES(key, p.key, sizeof key);
	EXPECT_STATUS(callkey_session_check(p.caller, list[2]), CALLKEY_ERR_NO_SESSION);

	n = sizeof out;
	EXPECT_STATUS(callkey_offer_begin(p.caller, out, &n, statuses, types, p.key, sizeof p.key, list + 2,
	                                  bundles + 2, 2, NULL), CALLKEY_ERR_NO_DEVICES);
	EXPECT(n == 0 && statuses[0] == CALLKEY_ERR_INVALID_KEY && statuses[1] == CALLKEY_ERR_NO_SESSION);
	EXPECT_OK(callkey_store_close(carol));
	pair_close(&p);
}

static void stacks_of_their_own(void)
{
	static const char *const bob[] = {BOB}, *const carol[] = {CAROL};
	uint8_t plaintext[CALLKEY_PLAINTEXT_MAX_BYTES], stanza[2048], back[512], key[CALLKEY_KEY_BYTES];
	callkey_enc encs[2] = {{CAROL, CALLKEY_ENC_PKMSG, (const uint8_t *)"other", 5},
	                       {BOB, CALLKEY_ENC_MSG, plaintext, 0}};
	callkey_offer_options options = pair_options;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	size_t n = sizeof plaintext, stanza_len = sizeof stanza, back_len = sizeof back;

	options.flags = CALLKEY_OFFER_VIDEO;
	REQUIRE_OK(callkey_generate(key));
	REQUIRE_OK(callkey_plaintext_encode(plaintext, &n, key, sizeof key));
	encs[1].ciphertext_len = n; /* as if sealed by the app's own Signal session */
	REQUIRE_OK(callkey_offer_build(stanza, &stanza_len, encs, 2, &options));
	REQUIRE_OK(callkey_offer_parse(back, &back_len, &info, stanza, stanza_len, bob, 1));
	EXPECT(back_len == n && info.enc_type == CALLKEY_ENC_MSG && info.flags == CALLKEY_INFO_VIDEO);
	memset(key, 0, sizeof key);
	EXPECT_OK(callkey_plaintext_decode(key, back, back_len, info.enc_version));
	back_len = sizeof back;
	EXPECT_OK(callkey_offer_parse(back, &back_len, &info, stanza, stanza_len, carol, 1));
	EXPECT(back_len == 5 && info.enc_type == CALLKEY_ENC_PKMSG);
	EXPECT_BYTES(back, "other", 5);
}

/* A group's epoch in a new session and in an answered one. */
static void rekeys(void)
{
	uint8_t epoch[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES];
	static const char *const bob[] = {BOB};
	callkey_call_info info = CALLKEY_CALL_INFO_INIT, again = CALLKEY_CALL_INFO_INIT;
	sealed_rekey r;
	offer o;
	pair p;
	uint32_t type;

	REQUIRE_OK(pair_open(&p));
	for (type = CALLKEY_ENC_PKMSG; type >= CALLKEY_ENC_MSG; type--) {
		REQUIRE_OK(callkey_generate(epoch));
		r.n = sizeof r.bytes;
		EXPECT_STATUS(callkey_rekey_seal(p.caller, r.bytes, &r.n, epoch, sizeof epoch, 0, BOB,
		                                 &pair_options), CALLKEY_ERR_ARGUMENT);
		r.n = sizeof r.bytes;
		EXPECT_STATUS(callkey_rekey_seal(p.caller, r.bytes, &r.n, epoch, sizeof epoch, 1, CAROL,
		                                 &pair_options), CALLKEY_ERR_NO_SESSION);
		r.n = sizeof r.bytes;
		REQUIRE_OK(callkey_rekey_seal(p.caller, r.bytes, &r.n, epoch, sizeof epoch, 0xffffffffu,
		                              BOB, &pair_options));
		EXPECT_OK(callkey_rekey_open(p.callee, opened, &info, r.bytes, r.n, NULL));
		EXPECT_BYTES(opened, epoch, sizeof epoch);
		EXPECT(info.transaction_id == 0xffffffffu && info.keygen == 2 && info.enc_version == 2);
		EXPECT(info.enc_type == type && info.flags == CALLKEY_INFO_GROUP);
		EXPECT(strcmp(info.call_id, pair_options.call_id) == 0);
		EXPECT(strcmp(info.call_creator, ALICE) == 0 && strcmp(info.sender, ALICE) == 0);
		memset(opened, 0x5a, sizeof opened);
		EXPECT_STATUS(callkey_rekey_open(p.callee, opened, &again, r.bytes, r.n, NULL),
		              CALLKEY_ERR_DUPLICATE);
		EXPECT_ZERO(opened, sizeof opened);
		EXPECT_BYTES(&again, &info, sizeof info);
		EXPECT_OK(pair_acknowledge(&p));
	}
	/* An offer is not an enc_rekey, and the mistake does not use it up. */
	REQUIRE_OK(pair_offer(&p, &o));
	EXPECT_STATUS(callkey_rekey_open(p.callee, opened, &info, o.bytes, o.n, NULL),
	              CALLKEY_ERR_MALFORMED);
	EXPECT(info.kind == CALLKEY_KIND_OFFER && strcmp(info.sender, ALICE) == 0);
	EXPECT_OK(callkey_offer_open(p.callee, opened, &info, o.bytes, o.n, bob, 1, NULL));
	EXPECT_BYTES(opened, p.key, sizeof opened);
	pair_close(&p);
}

/* Clients write device 0 without its number and look for exactly that. */
static void device_zero(void)
{
	static const char *const spelled[] = {"222222222222222@lid", "222222222222222:0@lid"};
	static const char *const creators[] = {"111111111111111:0@lid", "111111111111111@lid"};
	callkey_offer_options options = pair_options;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint8_t wire[4096], opened[CALLKEY_KEY_BYTES];
	char xml[8192];
	callkey_status device;
	size_t i, n, xml_len;
	uint32_t type;
	pair p;

	REQUIRE_OK(pair_open(&p));
	for (i = 0; i < 4; i++) {
		options.call_creator = creators[i % 2];
		options.to = spelled[i / 2];
		options.flags = CALLKEY_OFFER_MULTI_DEVICE;
		n = sizeof wire;
		REQUIRE_OK(callkey_offer_seal(p.caller, wire, &n, &device, &type, p.key, sizeof p.key,
		                              &spelled[i / 2], 1, &options));
		xml_len = sizeof xml;
		REQUIRE_OK(callkey_stanza_to_xml(xml, &xml_len, wire, n));
		EXPECT(strstr(xml, "<call to=\"222222222222222@lid\"") != NULL);
		EXPECT(strstr(xml, "call-creator=\"111111111111111@lid\"") != NULL);
		EXPECT(strstr(xml, "<to jid=\"222222222222222@lid\"") != NULL);
		REQUIRE_OK(callkey_offer_open(p.callee, opened, &info, wire, n, &spelled[1 - i / 2], 1, NULL));
		EXPECT_BYTES(opened, p.key, sizeof opened);
		EXPECT(strcmp(info.call_creator, ALICE) == 0 && strcmp(info.sender, ALICE) == 0);

		n = sizeof wire;
		REQUIRE_OK(callkey_rekey_seal(p.caller, wire, &n, p.key, sizeof p.key, 1, spelled[i / 2],
		                              &options));
		xml_len = sizeof xml;
		REQUIRE_OK(callkey_stanza_to_xml(xml, &xml_len, wire, n));
		EXPECT(strstr(xml, "<call to=\"222222222222222@lid\"") != NULL);
		EXPECT(strstr(xml, "call-creator=\"111111111111111@lid\"") != NULL);
		EXPECT_OK(callkey_rekey_open(p.callee, opened, &info, wire, n, NULL));
		EXPECT(strcmp(info.call_creator, ALICE) == 0 && strcmp(info.sender, ALICE) == 0);
	}
	pair_close(&p);
}

/* An accept may have a key of the answering side, sealed in the session of the device that
 * answered: <call from><accept call-id call-creator><enc/></accept></call>. */
static void accept_with_a_key(void)
{
	static const uint8_t before[] = {
		0x00, 0xf8, 0x04, 0x64, 0x06, /* call, from */
		0xf7, 0x01, 0x00, 0xff, 0x88, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x2f, /* BOB */
		0xf8, 0x01, 0xf8, 0x06, 0xec, 0x62, 0x68, 0xfb, 0x02, 0xab, 0x12, /* accept, call-id AB12 */
		0x47, 0xf7, 0x01, 0x00, 0xff, 0x88, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1f, /* ALICE */
		0xf8, 0x01, 0xf8, 0x08, 0x1d, 0x51, 0x45, 0x04, 0x4d, 0x41, 0x2d, 0xfc, /* enc, msg */
	};
	static const char *const alice[] = {ALICE};
	uint8_t theirs[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], wire[1024];
	uint8_t *enc = wire + sizeof before + 1;
	size_t n = 255;
	uint32_t type;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_acknowledge(&p));
	REQUIRE_OK(callkey_generate(theirs));
	memcpy(wire, before, sizeof before);
	REQUIRE_OK(callkey_enc_seal(p.callee, enc, &n, &type, ALICE, theirs, sizeof theirs));
	EXPECT(type == CALLKEY_ENC_MSG);
	enc[-1] = (uint8_t)n;
	REQUIRE_OK(callkey_offer_open(p.caller, opened, &info, wire, sizeof before + 1 + n, alice, 1,
	                              NULL));
	EXPECT_BYTES(opened, theirs, sizeof theirs);
	EXPECT(info.flags == CALLKEY_INFO_ACCEPT && strcmp(info.call_id, "AB12") == 0);
	EXPECT(info.kind == CALLKEY_KIND_ACCEPT && strcmp(info.from, BOB) == 0);
	EXPECT(strcmp(info.sender, BOB) == 0 && strcmp(info.call_creator, ALICE) == 0);
	pair_close(&p);
}

static const test tests[] = {
	{"two calls", "a call has no audio on some device, or only until the next restart", two_calls},
	{"bad devices", "one broken device of the callee stops the others from ringing", bad_devices},
	{"begun with an offer", "a first call stops at one device, or leaves a session without its first message",
	 begun_with_an_offer},
	{"device zero", "a phone finds no key under a name that no client writes", device_zero},
	{"accept with a key", "a call is noise in one direction if the peer answers with its own key",
	 accept_with_a_key},
	{"rekeys", "a group's new secret does not arrive, or another key is mistaken for it", rekeys},
	{"stacks of their own", "an app with its own Signal sessions cannot take part",
	 stacks_of_their_own},
};

TEST_MAIN(tests)
