/* Texts: empty, as long as allowed, longer, not UTF-8, at the very end of readable memory; in
 * each function that takes a JID. */
#define _DEFAULT_SOURCE
#include "pair.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#  include <windows.h>
#else
#  include <sys/mman.h>
#  include <unistd.h>
#endif

static pair p;
static callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
static uint8_t out[512], fixed[256];
static size_t n;
static uint32_t type;
static sealed enc;
static offer whole;
static sealed_rekey rekey;
static const char *const bob[] = {BOB};
static callkey_call_info info = CALLKEY_CALL_INFO_INIT;

#define KEY p.key, sizeof p.key
#define CALL(name) static callkey_status name(const char *text)

CALL(participant_id) { n = sizeof out; return callkey_participant_id((char *)out, &n, text); }
CALL(e2e_keys) { return callkey_derive_e2e_keys((void *)fixed, KEY, text); }
CALL(e2e_keys_raw) { return callkey_derive_e2e_keys_raw((void *)fixed, KEY, text); }
CALL(sframe) { return callkey_derive_e2e_sframe_key(fixed, KEY, text); }
CALL(ssrcs) { return callkey_derive_ssrcs((void *)fixed, "C0FFEE", text); }
CALL(batch)
{
	callkey_status status = 7;
	callkey_status all = callkey_derive_e2e_keys_batch((void *)fixed, &status, KEY, &text, 1);
	return all != CALLKEY_OK ? all : status;
}
CALL(call_id) { return callkey_derive_ssrcs((void *)fixed, text, BOB); }

CALL(alias) { return callkey_store_alias(p.caller, text, CAROL); }
CALL(alias_of) { return callkey_store_alias(p.caller, "1555@s.whatsapp.net", text); }
CALL(unalias) { return callkey_store_unalias(p.caller, text); }
CALL(begin) { return callkey_session_begin(p.caller, text, &bundle); }
CALL(check) { return callkey_session_check(p.caller, text); }
CALL(remove_session) { return callkey_session_remove(p.caller, text); }
CALL(export_session) { n = sizeof out; return callkey_session_export(p.caller, out, &n, text); }
CALL(import_session) { return callkey_session_import(p.caller, text, p.key, 32); }
CALL(identity) { return callkey_identity_get(p.caller, fixed, text); }
CALL(trust) { return callkey_identity_trust(p.caller, text, bundle.identity_key); }
CALL(seal) { n = sizeof out; return callkey_enc_seal(p.caller, out, &n, &type, text, KEY); }
CALL(open)
{
	return callkey_enc_open(p.callee, fixed, text, CALLKEY_ENC_MSG, 2, enc.bytes, enc.n);
}
CALL(done) { return callkey_message_done(p.callee, text, enc.bytes, enc.n); }
CALL(sender)
{
	return callkey_offer_open(p.callee, fixed, &info, whole.bytes, whole.n, bob, 1, text);
}
CALL(seal_offer)
{
	callkey_status status = 7, all;
	n = sizeof out;
	all = callkey_offer_seal(p.caller, out, &n, &status, &type, KEY, &text, 1, NULL);
	return all == CALLKEY_ERR_NO_DEVICES ? status : all;
}
CALL(seal_rekey)
{
	n = sizeof out;
	return callkey_rekey_seal(p.caller, out, &n, KEY, 1, text, &pair_options);
}
CALL(rekey_sender)
{
	return callkey_rekey_open(p.callee, fixed, &info, rekey.bytes, rekey.n, text);
}
CALL(own)
{
	n = sizeof out;
	return callkey_offer_parse(out, &n, &info, whole.bytes, whole.n, &text, 1);
}

static const struct row {
	const char *name;
	callkey_status (*call)(const char *);
	callkey_status empty;
	int device; /* the text must be a device's JID */
} rows[] = {
	{"participant_id", participant_id, CALLKEY_ERR_PARTICIPANT, 0},
	{"derive_e2e_keys", e2e_keys, CALLKEY_ERR_PARTICIPANT, 0},
	{"derive_e2e_keys_raw", e2e_keys_raw, CALLKEY_ERR_PARTICIPANT, 0},
	{"derive_e2e_keys_batch", batch, CALLKEY_ERR_PARTICIPANT, 0},
	{"derive_e2e_sframe_key", sframe, CALLKEY_ERR_PARTICIPANT, 0},
	{"derive_ssrcs participant", ssrcs, CALLKEY_ERR_PARTICIPANT, 0},
	{"derive_ssrcs call_id", call_id, CALLKEY_ERR_ARGUMENT, 0},
	{"store_alias alias", alias, CALLKEY_ERR_ARGUMENT, 1},
	{"store_alias jid", alias_of, CALLKEY_ERR_ARGUMENT, 1},
	{"store_unalias", unalias, CALLKEY_ERR_ARGUMENT, 1},
	{"session_begin", begin, CALLKEY_ERR_ARGUMENT, 1},
	{"session_check", check, CALLKEY_ERR_ARGUMENT, 1},
	{"session_remove", remove_session, CALLKEY_ERR_ARGUMENT, 1},
	{"session_export", export_session, CALLKEY_ERR_ARGUMENT, 1},
	{"session_import", import_session, CALLKEY_ERR_ARGUMENT, 1},
	{"identity_get", identity, CALLKEY_ERR_ARGUMENT, 1},
	{"identity_trust", trust, CALLKEY_ERR_ARGUMENT, 1},
	{"enc_seal", seal, CALLKEY_ERR_ARGUMENT, 1},
	{"enc_open", open, CALLKEY_ERR_ARGUMENT, 1},
	{"message_done", done, CALLKEY_ERR_ARGUMENT, 1},
	{"offer_open sender", sender, CALLKEY_ERR_ARGUMENT, 1},
	{"offer_seal", seal_offer, CALLKEY_ERR_ARGUMENT, 1},
	{"rekey_seal", seal_rekey, CALLKEY_ERR_ARGUMENT, 1},
	{"rekey_open sender", rekey_sender, CALLKEY_ERR_ARGUMENT, 1},
	{"offer_parse own", own, CALLKEY_ERR_ARGUMENT, 1},
};

static const struct row *row;

static void expect(const char *text, callkey_status want)
{
	callkey_status got;

	memset(fixed, 0, sizeof fixed);
	n = 0;
	got = row->call(text);
	if (got != want)
		test_fail(__FILE__, __LINE__, "%s of \"%.40s\" is %s, not %s", row->name, text,
		          callkey_status_name(got), callkey_status_name(want));
	EXPECT_ZERO(fixed, sizeof fixed);
	EXPECT(n == 0);
}

/* The size of a page on any processor that is in use. */
#define PAGE ((size_t)65536)

/* The text's last byte is the last of its page; the next page cannot be read. */
static char *at_the_edge(size_t size)
{
	static char *pages;

	if (pages == NULL) {
#ifdef _WIN32
		DWORD before;
		pages = VirtualAlloc(NULL, 2 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
		if (pages == NULL || !VirtualProtect(pages + PAGE, PAGE, PAGE_NOACCESS, &before))
			exit(2);
#else
		pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE) != 0)
			exit(2);
#endif
	}
	return pages + PAGE - size;
}

static void one_function(void)
{
	static const char *const no_device[] = {
		"222", "@lid", "222@", "222@nowhere", "222:256@lid", "222:-1@lid", "222:01@lid",
		"222:@lid", "2 2@lid", "222@lid ", "222@g.us", "222:1:2@lid", "222@lid@lid",
	};
	char longest[128], *edge;
	size_t i;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	REQUIRE_OK(pair_seal(&p, &enc));
	REQUIRE_OK(pair_offer(&p, &whole));
	REQUIRE_OK(pair_rekey(&p, &rekey));
	expect("", row->empty);
	expect("\xff@lid", CALLKEY_ERR_ARGUMENT);
	expect("222\xc3@lid", CALLKEY_ERR_ARGUMENT);         /* cut short */
	expect("\xc0\xb2@lid", CALLKEY_ERR_ARGUMENT);        /* over-long */
	expect("\xed\xa0\x80@lid", CALLKEY_ERR_ARGUMENT);    /* a surrogate */
	expect("\xf4\x90\x80\x80@lid", CALLKEY_ERR_ARGUMENT); /* beyond U+10FFFF */
	for (i = 0; row->device && i < COUNT(no_device); i++)
		if (row->call != own)
			expect(no_device[i], CALLKEY_ERR_ARGUMENT);

	/* 128 bytes, without a NUL in readable memory: the byte after them must not be read. */
	edge = at_the_edge(128);
	memset(edge, '2', 128);
	expect(edge, CALLKEY_ERR_ARGUMENT);
	edge = at_the_edge(129);
	memset(edge, '2', 128);
	memcpy(edge + 122, ":0@lid", 7);
	expect(edge, CALLKEY_ERR_ARGUMENT);

	/* 127 bytes are allowed; what they then say is another matter. */
	memset(longest, '2', 127);
	memcpy(longest + 121, ":7@lid", 7);
	EXPECT(row->call(longest) != CALLKEY_ERR_ARGUMENT);
	pair_close(&p);
}

int main(int argc, char **argv)
{
	(void)argc;
	test_begin(argv[0]);
	for (row = rows; row < rows + COUNT(rows); row++) {
		test t = {row->name, "a JID from the network crashes the app or names someone else",
		          one_function};
		test_run(&t);
	}
	return test_end();
}
