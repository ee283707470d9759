/* callkey_call_info: an older or newer program's struct, its contents if nothing opens, and the
 * accepted sender of a first message. */
#include "pair.h"
#include "test.h"

#include <string.h>

static const char *const bob[] = {BOB}, *const carol[] = {CAROL};

#define STRANGER "666666666666666:0@lid"

/* Writes the sender, as the server names it, into an offer: <call from="DDDDDDDDDDDDDDD:0@lid">, D a
 * digit. */
static void sent_from(offer *o, uint8_t digit)
{
	uint8_t from[] = {0x06, 0xf7, 0x01, 0x00, 0xff, 0x88, 0, 0, 0, 0, 0, 0, 0, 0};

	memset(from + 6, digit << 4 | digit, 7);
	from[13] = (uint8_t)(digit << 4 | 0x0f);
	REQUIRE(o->n + sizeof from <= sizeof o->bytes && o->bytes[1] == 0xf8 && o->bytes[3] == 0x64);
	memmove(o->bytes + 4 + sizeof from, o->bytes + 4, o->n - 4);
	memcpy(o->bytes + 4, from, sizeof from);
	o->n += sizeof from;
	o->bytes[2] += 2; /* the name and the value, in the length of the node */
}

/* A struct with space for members of a later version. */
typedef struct later {
	callkey_call_info known;
	unsigned char added[64];
} later;

static void versions(void)
{
	uint8_t out[512], key[CALLKEY_KEY_BYTES];
	union {
		callkey_call_info info;
		unsigned char bytes[8192];
	} big;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	static const size_t bad[] = {0, 1, sizeof(size_t), sizeof(callkey_call_info) - sizeof(size_t),
	                             sizeof(callkey_call_info) - 1,
	                             4096 + sizeof(size_t), (size_t)-1};
	offer o;
	sealed_rekey r;
	later l;
	pair p;
	size_t i, k, n = sizeof out;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_offer(&p, &o));
	REQUIRE_OK(pair_rekey(&p, &r));
	EXPECT_OK(callkey_offer_parse(out, &n, &info, o.bytes, o.n, bob, 1));
	EXPECT(info.struct_size == sizeof info);

	/* A newer program's struct: the same, and zero in members that this library lacks. */
	memset(&l, 0x5a, sizeof l);
	l.known.struct_size = sizeof l - 8;
	n = sizeof out;
	EXPECT_OK(callkey_offer_parse(out, &n, &l.known, o.bytes, o.n, bob, 1));
	EXPECT(l.known.struct_size == sizeof l - 8);
	l.known.struct_size = sizeof info;
	EXPECT_BYTES(&l.known, &info, sizeof info);
	EXPECT_ZERO(l.added, sizeof l.added - 8);
	EXPECT_FILLED(l.added + sizeof l.added - 8, 0x5a, 8);
	memset(&big, 0x5a, sizeof big);
	big.info.struct_size = 4096;
	EXPECT_STATUS(callkey_offer_open(p.callee, key, &big.info, o.bytes, 4, bob, 1, NULL),
	              CALLKEY_ERR_MALFORMED);
	EXPECT_ZERO(big.bytes + sizeof(size_t), 4096 - sizeof(size_t));
	EXPECT_FILLED(big.bytes + 4096, 0x5a, sizeof big - 4096);

	/* An impossible struct_size: nothing is opened or written. */
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		for (k = 0; k < 3; k++) {
			memset(&big, 0x5a, sizeof big);
			big.info.struct_size = bad[i];
			n = sizeof out;
			memset(key, 0x5a, sizeof key);
			if (k == 0)
				EXPECT_STATUS(callkey_offer_parse(out, &n, &big.info, o.bytes, o.n, bob, 1),
				              CALLKEY_ERR_ARGUMENT);
			else if (k == 1)
				EXPECT_STATUS(callkey_offer_open(p.callee, key, &big.info, o.bytes, o.n, bob, 1, NULL),
				              CALLKEY_ERR_ARGUMENT);
			else
				EXPECT_STATUS(callkey_rekey_open(p.callee, key, &big.info, r.bytes, r.n, NULL),
				              CALLKEY_ERR_ARGUMENT);
			EXPECT(k == 0 ? n == 0 : key[0] == 0);
			EXPECT(big.info.struct_size == bad[i]);
			EXPECT_FILLED(big.bytes + sizeof(size_t), 0x5a, sizeof big - sizeof(size_t));
		}
	}
	EXPECT_OK(callkey_offer_open(p.callee, key, &info, o.bytes, o.n, bob, 1, NULL));
	EXPECT_OK(callkey_rekey_open(p.callee, key, &info, r.bytes, r.n, NULL));
	pair_close(&p);
}

static callkey_status opened(callkey_store s, callkey_call_info *info, const offer *o,
                             const char *const *own, const char *sender)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_status status;

	pair_spoil_info(info);
	memset(key, 0x5a, sizeof key);
	status = callkey_offer_open(s, key, info, o->bytes, o->n, own, 1, sender);
	if (status != CALLKEY_OK)
		EXPECT_ZERO(key, sizeof key);
	return status;
}

/* The info is of the pair's first offer, from ALICE for BOB. */
static void told(const callkey_call_info *info, const uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES])
{
	EXPECT(info->struct_size == sizeof *info && info->kind == CALLKEY_KIND_OFFER);
	EXPECT(strcmp(info->call_id, pair_options.call_id) == 0 && info->keygen == 2);
	EXPECT(strcmp(info->call_creator, ALICE) == 0 && strcmp(info->sender, ALICE) == 0);
	EXPECT(info->from[0] == 0 && info->flags == 0);
	EXPECT_BYTES(info->sender_identity, identity, CALLKEY_PUBLIC_KEY_BYTES);
}

static void whatever_comes_after(void)
{
	static const callkey_store_options importing = {sizeof importing, CALLKEY_STORE_NO_IDENTITY, 0};
	static const uint8_t nobody[CALLKEY_PUBLIC_KEY_BYTES] = {0};
	uint8_t out[512];
	callkey_call_info info;
	callkey_identity alice;
	callkey_store other;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	offer o, damaged;
	pair p;
	size_t n = 0;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_offer(&p, &o));
	REQUIRE_OK(callkey_store_identity(p.caller, &alice));

	/* Asking for the size also fills the info. */
	pair_spoil_info(&info);
	EXPECT_STATUS(callkey_offer_parse(NULL, &n, &info, o.bytes, o.n, bob, 1), CALLKEY_ERR_BUFFER);
	told(&info, alice.public_key);
	pair_spoil_info(&info);
	n = sizeof out;
	EXPECT_STATUS(callkey_offer_parse(out, &n, &info, o.bytes, o.n - 1, bob, 1),
	              CALLKEY_ERR_MALFORMED);
	EXPECT(pair_empty_info(&info));

	EXPECT_STATUS(opened(p.callee, &info, &o, carol, NULL), CALLKEY_OK); /* the lone <enc> */
	told(&info, alice.public_key);
	EXPECT_STATUS(opened(p.callee, &info, &o, bob, NULL), CALLKEY_ERR_DUPLICATE);
	told(&info, alice.public_key);

	/* The prekey belongs to another store. */
	REQUIRE_OK(callkey_store_open(&other, NULL, NULL, 0, NULL));
	EXPECT_STATUS(opened(other, &info, &o, bob, NULL), CALLKEY_ERR_NO_PREKEY);
	told(&info, alice.public_key);
	/* The store knows another identity of ALICE. */
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	REQUIRE_OK(callkey_identity_trust(other, ALICE, bundle.identity_key));
	EXPECT_STATUS(opened(other, &info, &o, bob, NULL), CALLKEY_ERR_UNTRUSTED_IDENTITY);
	told(&info, alice.public_key);
	REQUIRE_OK(callkey_store_close(other));
	EXPECT_STATUS(opened(other, &info, &o, bob, NULL), CALLKEY_ERR_HANDLE);
	EXPECT(pair_empty_info(&info)); /* the stanza was not read */
	REQUIRE_OK(callkey_store_open(&other, NULL, NULL, 0, &importing));
	EXPECT_STATUS(opened(other, &info, &o, bob, NULL), CALLKEY_ERR_NO_IDENTITY);
	told(&info, alice.public_key);
	EXPECT_STATUS(opened(other, &info, &o, bob, "not a device"), CALLKEY_ERR_ARGUMENT);
	EXPECT(pair_empty_info(&info));

	/* From here on these are messages of the session. */
	REQUIRE_OK(pair_acknowledge(&p));
	REQUIRE_OK(pair_offer(&p, &o));
	EXPECT_STATUS(opened(other, &info, &o, bob, NULL), CALLKEY_ERR_NO_SESSION);
	told(&info, nobody);
	damaged = o;
	damaged.bytes[damaged.n - 20] ^= 1; /* <encopt> comes behind the MAC */
	EXPECT_STATUS(opened(p.callee, &info, &damaged, bob, NULL), CALLKEY_ERR_AUTHENTICATION);
	told(&info, nobody);
	EXPECT_OK(opened(p.callee, &info, &o, bob, NULL));
	told(&info, nobody);
	REQUIRE_OK(callkey_store_close(other));
	pair_close(&p);
}

/* A ciphertext that does not match its type is MALFORMED, one of an unknown type is UNSUPPORTED. */
static void types(void)
{
	static const uint32_t unknown[] = {0, 3, 4, 0xffffffffu};
	uint8_t key[CALLKEY_KEY_BYTES];
	sealed e;
	pair p;
	size_t i;
	int answered;

	REQUIRE_OK(pair_open(&p));
	for (answered = 0; answered < 2; answered++) {
		REQUIRE_OK(pair_seal(&p, &e));
		for (i = 0; i < sizeof unknown / sizeof *unknown; i++)
			EXPECT_STATUS(callkey_enc_open(p.callee, key, ALICE, unknown[i], 2, e.bytes, e.n),
			              CALLKEY_ERR_UNSUPPORTED);
		EXPECT_STATUS(callkey_enc_open(p.callee, key, ALICE, CALLKEY_ENC_MSG + CALLKEY_ENC_PKMSG -
		                               e.enc_type, 2, e.bytes, e.n), CALLKEY_ERR_MALFORMED);
		EXPECT_OK(callkey_enc_open(p.callee, key, ALICE, e.enc_type, 2, e.bytes, e.n));
		REQUIRE_OK(pair_acknowledge(&p));
	}
	pair_close(&p);
}

/* Hardening row 28. STRANGER calls first, and writes ALICE as the creator. */
static void first_contact_under_anothers_name(void)
{
	uint8_t known[CALLKEY_PUBLIC_KEY_BYTES];
	callkey_call_info info;
	callkey_identity stranger;
	record nothing;
	offer o;
	pair p;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_identity(p.caller, &stranger));
	REQUIRE_OK(pair_offer(&p, &o));
	sent_from(&o, 6);
	EXPECT_STATUS(opened(p.callee, &info, &o, bob, NULL), CALLKEY_ERR_CONFLICT);
	EXPECT(strcmp(info.call_creator, ALICE) == 0 && strcmp(info.from, STRANGER) == 0);
	EXPECT(strcmp(info.sender, STRANGER) == 0 && info.kind == CALLKEY_KIND_OFFER);
	EXPECT_BYTES(info.sender_identity, stranger.public_key, sizeof stranger.public_key);
	EXPECT(callkey_identity_get(p.callee, known, ALICE) != CALLKEY_OK);
	EXPECT(callkey_identity_get(p.callee, known, STRANGER) != CALLKEY_OK);

	/* After the app accepts the stranger, its identity is known under its own JID only. */
	EXPECT_OK(opened(p.callee, &info, &o, bob, STRANGER));
	REQUIRE_OK(pair_offer(&p, &o));
	sent_from(&o, 6);
	EXPECT_OK(opened(p.callee, &info, &o, bob, NULL));
	EXPECT(strcmp(info.sender, STRANGER) == 0 && strcmp(info.call_creator, ALICE) == 0);
	EXPECT_STATUS(opened(p.callee, &info, &o, bob, NULL), CALLKEY_ERR_DUPLICATE);
	EXPECT(strcmp(info.sender, STRANGER) == 0);
	EXPECT(callkey_identity_get(p.callee, known, ALICE) != CALLKEY_OK);
	pair_record(p.callee, ALICE, &nothing);
	EXPECT(nothing.n == 0);
	pair_close(&p);

	/* The server names the creator as the sender: the app need not decide. */
	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(pair_offer(&p, &o));
	sent_from(&o, 1);
	EXPECT_OK(opened(p.callee, &info, &o, bob, NULL));
	EXPECT(strcmp(info.from, ALICE) == 0 && strcmp(info.sender, ALICE) == 0);
	pair_close(&p);

	/* An alias: for the app both are one device. */
	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_alias(p.callee, STRANGER, ALICE));
	REQUIRE_OK(pair_offer(&p, &o));
	sent_from(&o, 6);
	EXPECT_OK(opened(p.callee, &info, &o, bob, NULL));
	EXPECT(strcmp(info.from, STRANGER) == 0 && strcmp(info.sender, ALICE) == 0);
	pair_close(&p);
}

static const test tests[] = {
	{"versions", "a program built against another version reads garbage, or the library writes past its struct",
	 versions},
	{"whatever comes after", "an app cannot tell which call it could not take part in, or who has a new identity",
	 whatever_comes_after},
	{"types", "an app asks its user to update because of its own bug, or rejects a newer type", types},
	{"first contact under another's name", "a stranger who calls in another's name is that person from then on",
	 first_contact_under_anothers_name},
};
TEST_MAIN(tests)
