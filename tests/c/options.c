/* callkey_offer_options, callkey_store_options: an older or newer program's struct, unknown flags,
 * missing parts. */
#include "pair.h"
#include "test.h"

#include <string.h>

static const uint8_t ciphertext[33] = {0x33};
static const callkey_enc one = {BOB, CALLKEY_ENC_MSG, ciphertext, sizeof ciphertext};
static const callkey_enc first = {BOB, CALLKEY_ENC_PKMSG, ciphertext, sizeof ciphertext};
static uint8_t out[4096];
static size_t n;

static callkey_status build(const void *options)
{
	n = sizeof out;
	return callkey_offer_build(out, &n, &one, 1, options);
}

static void refused(const callkey_offer_options *options, callkey_status want)
{
	const char *const bob[] = {BOB};
	callkey_status device = 7;
	uint32_t type = 7;
	pair p;

	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(build(options), want);
	EXPECT(n == 0);
	REQUIRE_OK(pair_open(&p));
	n = sizeof out;
	EXPECT_STATUS(callkey_offer_seal(p.caller, out, &n, &device, &type, p.key, sizeof p.key, bob,
	                                 1, options), want);
	EXPECT(n == 0 && device == want && type == CALLKEY_ENC_NONE);
	EXPECT_FILLED(out, 0x5a, sizeof out);
	pair_close(&p);
}

/* A struct with space for members of a later version. */
typedef struct later {
	callkey_offer_options known;
	unsigned char added[64];
} later;

static void versions(void)
{
	uint8_t known[4096];
	size_t known_len;
	later l;

	REQUIRE_OK(build(&pair_options));
	known_len = n;
	memcpy(known, out, n);

	memset(&l, 0, sizeof l);
	l.known = pair_options;
	l.known.struct_size = sizeof l;
	EXPECT_OK(build(&l));
	if (EXPECT(n == known_len))
		EXPECT_BYTES(out, known, n);
	l.added[0] = 1;
	refused(&l.known, CALLKEY_ERR_UNSUPPORTED);
	l.added[0] = 0;
	l.added[63] = 1;
	refused(&l.known, CALLKEY_ERR_UNSUPPORTED);
	/* Memory behind struct_size does not belong to the struct. */
	l.known.struct_size = sizeof l - 1;
	EXPECT_OK(build(&l));

	/* If the struct ended within a pointer, half of it would be read as an address. */
	l.known.struct_size = offsetof(callkey_offer_options, call_id) + 4;
	refused(&l.known, CALLKEY_ERR_ARGUMENT);
	l.known.struct_size = sizeof l.known;

	/* A struct from before device_identity has none; the bytes behind it do not matter. */
	n = sizeof out;
	EXPECT_OK(callkey_offer_build(out, &n, &first, 1, &l.known));
	l.known.struct_size = offsetof(callkey_offer_options, device_identity);
	n = sizeof out;
	EXPECT_STATUS(callkey_offer_build(out, &n, &first, 1, &l.known), CALLKEY_ERR_DEVICE_IDENTITY);
}

static void flags(void)
{
	callkey_offer_options o = pair_options;

	o.flags = 4 | CALLKEY_OFFER_VIDEO;
	refused(&o, CALLKEY_ERR_ARGUMENT);
	o.flags = CALLKEY_OFFER_VIDEO | CALLKEY_OFFER_MULTI_DEVICE;
	EXPECT_OK(build(&o));
}

static void texts(void)
{
	char longest[128], longer[129];
	callkey_offer_options o;
	size_t i;
	static const struct { size_t at; int required; } members[] = {
		{offsetof(callkey_offer_options, stanza_id), 0},
		{offsetof(callkey_offer_options, to), 1},
		{offsetof(callkey_offer_options, call_id), 1},
		{offsetof(callkey_offer_options, call_creator), 1},
	};

	memset(longest, 'A', 127);
	longest[127] = 0;
	memset(longer, 'A', 128);
	longer[128] = 0;
	for (i = 0; i < COUNT(members); i++) {
		const char **member = (const char **)(void *)((char *)&o + members[i].at);
		o = pair_options;
		*member = NULL;
		if (members[i].required)
			refused(&o, CALLKEY_ERR_ARGUMENT);
		else
			EXPECT_OK(build(&o));
		*member = "";
		if (members[i].required)
			refused(&o, CALLKEY_ERR_ARGUMENT);
		else
			EXPECT_OK(build(&o));
		*member = longer;
		refused(&o, CALLKEY_ERR_ARGUMENT);
		*member = "\xff\xfe@lid";
		refused(&o, CALLKEY_ERR_ARGUMENT);
	}
	o = pair_options;
	o.call_id = longest;
	EXPECT_OK(build(&o));
	o = pair_options;
	o.to = "nobody";
	refused(&o, CALLKEY_ERR_ARGUMENT);
	o = pair_options;
	o.call_creator = "nobody";
	refused(&o, CALLKEY_ERR_ARGUMENT);
}

static void blobs(void)
{
	callkey_offer_options o = pair_options;
	size_t without;

	REQUIRE_OK(build(&o));
	without = n;
	o.capability_len = 1;
	refused(&o, CALLKEY_ERR_ARGUMENT);
	o = pair_options;
	o.privacy_token_len = (size_t)-1;
	refused(&o, CALLKEY_ERR_ARGUMENT);
	o = pair_options;
	o.device_identity = NULL;
	refused(&o, CALLKEY_ERR_ARGUMENT);
	o.device_identity = ciphertext;
	o.device_identity_len = ((size_t)1 << 30) + 1;
	refused(&o, CALLKEY_ERR_ARGUMENT);
	o = pair_options;
	o.privacy_token = ciphertext;
	o.privacy_token_len = 20;
	EXPECT_OK(build(&o));
	EXPECT(n > without + 20);
	o = pair_options;
	o.capability = ciphertext;
	o.capability_len = 8;
	EXPECT_OK(build(&o));
	EXPECT(n == without + 1); /* the default has 7 bytes */
}

/* An offer without video must have no attribute of <video>; a text must not be empty. */
static void video(void)
{
	char longest[128], longer[129];
	static const size_t texts_at[] = {offsetof(callkey_offer_options, video_enc), offsetof(callkey_offer_options, video_dec)};
	static const size_t numbers_at[] = {
		offsetof(callkey_offer_options, video_width), offsetof(callkey_offer_options, video_height),
		offsetof(callkey_offer_options, video_device_orientation),
	};
	callkey_offer_options o = pair_options;
	uint8_t audio[4096];
	char xml[4096];
	size_t i, audio_len, xml_len = sizeof xml;

	REQUIRE_OK(build(&o));
	memcpy(audio, out, n);
	audio_len = n;
	o.flags = CALLKEY_OFFER_VIDEO;
	EXPECT_OK(build(&o));
	EXPECT(n > audio_len);
	o.video_enc = "vp8";
	o.video_dec = "";
	refused(&o, CALLKEY_ERR_ARGUMENT);
	o.video_dec = "AV1";
	o.video_width = 640;
	o.video_height = 480;
	o.video_device_orientation = 4294967295u;
	REQUIRE_OK(build(&o));
	REQUIRE_OK(callkey_stanza_to_xml(xml, &xml_len, out, n));
	EXPECT(strstr(xml, "<video enc=\"vp8\" dec=\"AV1\" device_orientation=\"4294967295\" "
	                   "screen_width=\"640\" screen_height=\"480\"/>") != NULL);

	memset(longest, 'A', 127);
	longest[127] = 0;
	memset(longer, 'A', 128);
	longer[128] = 0;
	for (i = 0; i < COUNT(texts_at); i++) {
		const char **member = (const char **)(void *)((char *)&o + texts_at[i]);
		o = pair_options;
		*member = "vp8";
		refused(&o, CALLKEY_ERR_ARGUMENT);
		o.flags = CALLKEY_OFFER_VIDEO;
		EXPECT_OK(build(&o));
		*member = longest;
		EXPECT_OK(build(&o));
		*member = longer;
		refused(&o, CALLKEY_ERR_ARGUMENT);
		*member = "\xff";
		refused(&o, CALLKEY_ERR_ARGUMENT);
		*member = "";
		refused(&o, CALLKEY_ERR_ARGUMENT);
	}
	for (i = 0; i < COUNT(numbers_at); i++) {
		o = pair_options;
		*(uint32_t *)(void *)((char *)&o + numbers_at[i]) = 1;
		refused(&o, CALLKEY_ERR_ARGUMENT);
		o.flags = CALLKEY_OFFER_VIDEO;
		EXPECT_OK(build(&o));
	}
	o.reserved = 1;
	refused(&o, CALLKEY_ERR_UNSUPPORTED);

	/* A program that was compiled before video_enc has an audio offer without a byte more. */
	o = pair_options;
	o.struct_size = offsetof(callkey_offer_options, video_enc);
	o.video_enc = "vp8";
	o.video_width = o.reserved = 7;
	EXPECT_OK(build(&o));
	if (EXPECT(n == audio_len))
		EXPECT_BYTES(out, audio, n);
}

static void device_identity(void)
{
	callkey_offer_options o = pair_options;

	o.device_identity = NULL;
	o.device_identity_len = 0;
	EXPECT_OK(build(&o));
	n = sizeof out;
	EXPECT_STATUS(callkey_offer_build(out, &n, &first, 1, &o), CALLKEY_ERR_DEVICE_IDENTITY);
	EXPECT(n == 0);
	n = sizeof out;
	EXPECT_OK(callkey_offer_build(out, &n, &first, 1, NULL));
}

/* An enc_rekey uses four of the members. */
static void rekeys(void)
{
	callkey_offer_options o = pair_options;
	pair p;

#define REKEY() (n = sizeof out, callkey_rekey_seal(p.caller, out, &n, p.key, sizeof p.key, 1, BOB, &o))
#define REKEY_REFUSED(want) \
	do { EXPECT_STATUS(REKEY(), want); EXPECT(n == 0); o = pair_options; } while (0)

	REQUIRE_OK(pair_open(&p));
	o.call_id = NULL;
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT);
	o.call_id = "";
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT);
	o.call_creator = NULL;
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT);
	o.call_creator = "nobody";
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT);
	o.stanza_id = "\xff";
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT);
	o.flags = 4;
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT);
	o.reserved = 1;
	REKEY_REFUSED(CALLKEY_ERR_UNSUPPORTED);
	o.struct_size = 0;
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT);
	o.device_identity = NULL;
	REKEY_REFUSED(CALLKEY_ERR_ARGUMENT); /* its length is still there */
	o.device_identity = NULL;
	o.device_identity_len = 0;
	REKEY_REFUSED(CALLKEY_ERR_DEVICE_IDENTITY);
	o.to = "nobody"; /* these are ignored too */
	o.capability_len = 9;
	o.privacy_token_len = (size_t)-1;
	o.video_enc = "";
	o.video_width = 640;
	o.stanza_id = NULL;
	o.flags = CALLKEY_OFFER_MULTI_DEVICE;
	EXPECT_OK(REKEY());
	pair_close(&p);
}

static void encs(void)
{
	static const uint32_t types[] = {CALLKEY_ENC_NONE, 3, 0xffffffffu};
	callkey_enc two[2] = {one, one};
	callkey_enc e;
	size_t i;

#define REFUSED(count) \
	do { \
		n = sizeof out; \
		EXPECT_STATUS(callkey_offer_build(out, &n, two, count, NULL), CALLKEY_ERR_ARGUMENT); \
		EXPECT(n == 0); \
	} while (0)

	for (i = 0; i < COUNT(types); i++) {
		two[0].enc_type = types[i];
		REFUSED(1);
	}
	two[0] = one;
	two[0].ciphertext_len = 0;
	REFUSED(1);
	two[0].ciphertext_len = (size_t)-1;
	REFUSED(1);
	two[0].ciphertext = NULL;
	two[0].ciphertext_len = 16;
	REFUSED(1);
	two[0] = one;
	two[0].jid = NULL; /* only a lone <enc> has no address */
	REFUSED(2);
	two[0].jid = "";
	REFUSED(2);
	two[0].jid = "222@nowhere";
	REFUSED(2);
	e = one;
	e.jid = NULL;
	n = sizeof out;
	EXPECT_OK(callkey_offer_build(out, &n, &e, 1, NULL));
}

/* The enc of an enc_rekey: it always goes to a device. */
static void rekeyed(void)
{
	callkey_enc e = one;

#define ENC_REFUSED() \
	do { \
		n = sizeof out; \
		EXPECT_STATUS(callkey_rekey_build(out, &n, &e, 1, &pair_options), CALLKEY_ERR_ARGUMENT); \
		EXPECT(n == 0); \
		e = one; \
	} while (0)

	e.jid = NULL;
	ENC_REFUSED();
	e.jid = "";
	ENC_REFUSED();
	e.jid = "222@nowhere";
	ENC_REFUSED();
	e.jid = "\xff@lid";
	ENC_REFUSED();
	e.enc_type = 3;
	ENC_REFUSED();
	e.ciphertext_len = 0;
	ENC_REFUSED();
	e.ciphertext_len = (size_t)-1;
	ENC_REFUSED();
	e.ciphertext = NULL;
	ENC_REFUSED();
	n = sizeof out;
	EXPECT_OK(callkey_rekey_build(out, &n, &e, 1, &pair_options));
}

static void stores(void)
{
	static const size_t wrong[] = {0, 1, 4, sizeof(callkey_store_options) - 1, 4097, (size_t)-1};
	struct { callkey_store_options known; unsigned char added[64]; } later;
	callkey_store s;
	size_t i;
	int bit;

	memset(&later, 0, sizeof later);
	later.known.struct_size = sizeof later;
	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, &later.known));
	EXPECT_OK(callkey_store_close(s));
	/* A struct from before busy_ms has none; the bytes behind it do not matter. */
	memset(&later.known.busy_ms, 0xff, sizeof later - offsetof(callkey_store_options, busy_ms));
	later.known.struct_size = offsetof(callkey_store_options, busy_ms);
	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, &later.known));
	EXPECT_OK(callkey_store_close(s));
#define OPEN_REFUSED(want) \
	do { s = 9; EXPECT_STATUS(callkey_store_open(&s, NULL, NULL, 0, &later.known), want); EXPECT(s == 0); } while (0)
	later.known.struct_size = sizeof later;
	OPEN_REFUSED(CALLKEY_ERR_UNSUPPORTED);
	for (i = 0; i < COUNT(wrong); i++) {
		later.known.struct_size = wrong[i];
		OPEN_REFUSED(CALLKEY_ERR_ARGUMENT);
	}
	memset(&later, 0, sizeof later);
	later.known.struct_size = sizeof later.known;
	for (bit = 5; bit < 32; bit++) {
		later.known.flags = 1u << bit;
		OPEN_REFUSED(CALLKEY_ERR_ARGUMENT);
	}
}

static const test tests[] = {
	{"versions", "a program compiled with another header gets a wrong offer",
	 versions},
	{"flags", "a feature that this library lacks is silently ignored", flags},
	{"texts", "the server gets a stanza without an address or a call id", texts},
	{"blobs", "a length without bytes makes the library read from NULL", blobs},
	{"video", "the callee's phone does not ring, or rings for an audio call", video},
	{"device identity", "the server drops the offer without a reason", device_identity},
	{"rekeys", "a group's new secret does not reach a member, or has no call id",
	 rekeys},
	{"stores", "a program compiled with another header opens a store with wrong options",
	 stores},
	{"encs", "a device gets a key node that it cannot read", encs},
	{"rekeyed", "a member of a group gets an epoch that it cannot read", rekeyed},
};

TEST_MAIN(tests)
