/* Texts that are not a device JID, and the longest one that is, in each function with a JID parameter.
 * trial.c tries texts that every function rejects. */
#include "pair.h"
#include "test.h"

#include <string.h>

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

CALL(alias) { return callkey_store_alias(p.caller, text, CAROL); }
CALL(alias_of) { return callkey_store_alias(p.caller, "1555@s.whatsapp.net", text); }
CALL(unalias) { return callkey_store_unalias(p.caller, text); }
CALL(begin) { return callkey_session_begin(p.caller, text, &bundle); }
CALL(check) { return callkey_session_check(p.caller, text); }
CALL(remove_session) { return callkey_session_remove(p.caller, text); }
CALL(export_session) { n = sizeof out; return callkey_session_export(p.caller, out, &n, text); }
CALL(import_session) { return callkey_session_import(p.caller, text, p.key, 32); }
CALL(identity) { return callkey_identity_get(p.caller, fixed, text); }
CALL(remove_identity) { return callkey_identity_remove(p.caller, text); }
CALL(about_session)
{
	callkey_session_info about = CALLKEY_SESSION_INFO_INIT;
	return callkey_session_info_get(p.caller, &about, text);
}
CALL(after)
{
	n = sizeof out;
	return callkey_store_next(p.caller, (char *)out, &n, CALLKEY_LIST_SESSIONS, NULL, text);
}
CALL(trust) { return callkey_identity_trust(p.caller, text, bundle.identity_key); }
CALL(seal) { n = sizeof out; return callkey_enc_seal(p.caller, out, &n, &type, text, KEY); }
CALL(open)
{
	return callkey_enc_open(p.callee, fixed, text, CALLKEY_ENC_MSG, 2, enc.bytes, enc.n);
}
CALL(seal_message) { n = sizeof out; return callkey_message_seal(p.caller, out, &n, &type, text, KEY); }
CALL(open_message)
{
	n = sizeof out;
	return callkey_message_open(p.callee, out, &n, text, CALLKEY_ENC_MSG, enc.bytes, enc.n);
}
CALL(begin_batch)
{
	const callkey_prekey_bundle *one = &bundle;
	callkey_status status = 7, all = callkey_session_begin_batch(p.caller, &status, &text, &one, 1);
	return all == CALLKEY_ERR_NO_DEVICES ? status : all;
}
CALL(seal_batch)
{
	const uint8_t *one = p.key;
	size_t end = 7, length = 3;
	callkey_status status = 7, all;
	n = sizeof out;
	all = callkey_message_seal_batch(p.caller, out, &n, &end, &status, &type, &text, &one, &length, 1);
	return all == CALLKEY_ERR_NO_DEVICES && end == 0 ? status : all;
}
CALL(rekey_batch)
{
	size_t end = 7;
	callkey_status status = 7, all;
	n = sizeof out;
	all = callkey_rekey_seal_batch(p.caller, out, &n, &end, &status, KEY, 1, &text, 1, &pair_options);
	return all == CALLKEY_ERR_NO_DEVICES && end == 0 ? status : all;
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
CALL(begin_offer)
{
	const callkey_prekey_bundle *one = &bundle;
	callkey_status status = 7, all;
	n = sizeof out;
	all = callkey_offer_begin(p.caller, out, &n, &status, &type, KEY, &text, &one, 1, NULL);
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
} rows[] = {
	{"store_alias alias", alias},
	{"store_alias jid", alias_of},
	{"store_unalias", unalias},
	{"session_begin", begin},
	{"session_check", check},
	{"session_remove", remove_session},
	{"session_export", export_session},
	{"session_import", import_session},
	{"identity_get", identity},
	{"identity_trust", trust},
	{"identity_remove", remove_identity},
	{"session_info_get", about_session},
	{"store_next after", after},
	{"enc_seal", seal},
	{"enc_open", open},
	{"message_seal", seal_message},
	{"message_open", open_message},
	{"session_begin_batch", begin_batch},
	{"message_seal_batch", seal_batch},
	{"rekey_seal_batch", rekey_batch},
	{"message_done", done},
	{"offer_open sender", sender},
	{"offer_seal", seal_offer},
	{"offer_begin", begin_offer},
	{"rekey_seal", seal_rekey},
	{"rekey_open sender", rekey_sender},
	{"offer_parse own", own},
};

static const struct row *row;

static void refused(const char *text)
{
	callkey_status got;

	memset(fixed, 0, sizeof fixed);
	n = 0;
	got = row->call(text);
	if (got != CALLKEY_ERR_ARGUMENT)
		test_fail(__FILE__, __LINE__, "%s of \"%.40s\" is %s", row->name, text,
		          callkey_status_name(got));
	EXPECT_ZERO(fixed, sizeof fixed);
	EXPECT(n == 0);
}

static void one_function(void)
{
	static const char *const no_device[] = {
		"222", "@lid", "222@", "222@nowhere", "222:256@lid", "222:-1@lid", "222:01@lid",
		"222:@lid", "2 2@lid", "222@lid ", "222@g.us", "222:1:2@lid", "222@lid@lid",
	};
	char longest[128];
	size_t i;

	REQUIRE_OK(pair_open(&p));
	REQUIRE_OK(callkey_store_take_bundle(p.callee, &bundle));
	REQUIRE_OK(pair_seal(&p, &enc));
	REQUIRE_OK(pair_offer(&p, &whole));
	REQUIRE_OK(pair_rekey(&p, &rekey));
	for (i = 0; i < COUNT(no_device); i++)
		if (row->call != own)
			refused(no_device[i]);

	/* 127 bytes are allowed, though the text may be invalid for another reason. */
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
