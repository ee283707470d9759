#include "residue.h"

#include <stdio.h>
#include <string.h>

#define REFUSED(want, call) \
	do { callkey_status s_ = RUN(call); if (s_ != CALLKEY_ERR_##want) die(#call, s_); } while (0)

/* A caller's first message with a wrong MAC: the callee notices after it has created the session. */
void refuse_first(call *c)
{
	enum { MAC_FROM_END = 13 }; /* MAC, registration id 77, signed prekey 502 */
	uint8_t sealed[512];
	uint32_t type;
	size_t n = sizeof sealed;

	CHECK(callkey_enc_seal(c->caller, sealed, &n, &type, c->jid[1], c->s.key, sizeof c->s.key));
	if (type != CALLKEY_ENC_PKMSG)
		die("a first message looks different", CALLKEY_ERR_INTERNAL);
	sealed[n - MAC_FROM_END] ^= 1;
	REFUSED(AUTHENTICATION, callkey_enc_open(c->device[1], c->s.opened, alice, type, 2, sealed, n));
}

/* A message longer than the library ever seals, so its MAC is computed in another way: the key in
 * the wire, with 48 more blocks. */
static void refuse_long(call *c, uint32_t type, size_t n)
{
	enum { BODY = 1 + 35 + 2 + 2, MORE = 48 * 16, MAC = 8 }; /* version, ratchet key, two counters */
	static const uint8_t zeros[MORE];
	uint8_t message[2048];
	size_t body = c->wire[BODY + 1], to = BODY;

	if (c->wire[BODY] != 0x22 || BODY + 2 + body + MAC != n)
		die("a message looks different", CALLKEY_ERR_INTERNAL);
	memcpy(message, c->wire, BODY);
	message[to++] = 0x22;
	message[to++] = ((body + MORE) & 0x7f) | 0x80;
	message[to++] = (body + MORE) >> 7;
	memcpy(message + to, c->wire + BODY + 2, body);
	memcpy(message + to + body, zeros, MORE);
	memcpy(message + to + body + MORE, zeros, MAC);
	REFUSED(AUTHENTICATION, callkey_enc_open(c->device[4], c->s.opened, alice, type, 2, message,
	                                         to + body + MORE + MAC));
}

static void refuse_messages(call *c)
{
	secrets *s = &c->s;
	const char *own[1];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint32_t type;
	size_t n = 10;

	own[0] = c->jid[4];
	REFUSED(BUFFER, callkey_enc_seal(c->caller, c->wire, &n, &type, c->jid[4], s->key, sizeof s->key));
	REFUSED(DUPLICATE, callkey_offer_open(c->device[4], s->opened, &info, c->wire, c->wire_len, own, 1,
	                                      NULL));
	n = sizeof c->wire;
	CHECK(callkey_enc_seal(c->caller, c->wire, &n, &type, c->jid[4], s->key, sizeof s->key));
	refuse_long(c, type, n);
	c->wire[n - 1] ^= 1; /* in the MAC */
	REFUSED(AUTHENTICATION, callkey_enc_open(c->device[4], s->opened, alice, type, 2, c->wire, n));
	c->wire[n - 1] ^= 1;
	CHECK(callkey_enc_open(c->device[4], s->opened, alice, type, 2, c->wire, n));
	n = sizeof s->plaintext;
	CHECK(callkey_plaintext_encode(s->plaintext, &n, s->key, sizeof s->key));
	s->plaintext[n - 1] ^= 0x80; /* the padding */
	REFUSED(MALFORMED, callkey_plaintext_decode(s->opened, s->plaintext, n, 2));
}

/* A device that an offer names twice. Its session comes from a record, so that the store has to read it: one that
 * was used before is kept. */
static void refuse_second_name(call *c)
{
	secrets *s = &c->s;
	const char *twice[] = {alice, alice};
	callkey_status statuses[2];
	uint32_t types[2];
	callkey_offer_options options;

	s->record_len = sizeof s->record;
	CHECK(callkey_session_export(c->device[2], s->record, &s->record_len, alice));
	CHECK(callkey_session_import(c->device[2], alice, s->record, s->record_len));
	describe(&options, "3");
	c->wire_len = sizeof c->wire;
	CHECK(callkey_offer_seal(c->device[2], c->wire, &c->wire_len, statuses, types, s->key, sizeof s->key, twice, 2,
	                         &options));
	if (statuses[0] != CALLKEY_OK || statuses[1] != CALLKEY_ERR_DUPLICATE)
		die("a device named twice", statuses[1]);
	tell_session(s, "session", c->device[2], alice);
}

/* A prekey with a used number, a wrong storage key, a record that ends early. */
static void refuse_keys(call *c)
{
	secrets *s = &c->s;
	callkey_store none;

	CHECK(callkey_generate(s->refused));
	TELL("prekey", s->refused);
	REFUSED(CONFLICT, callkey_store_import_signed_prekey(c->device[1], 502, s->refused));
	CHECK(callkey_generate(s->refused));
	TELL("storage-key", s->refused);
	REFUSED(STORE_KEY, callkey_store_open(&none, c->path[0], s->refused, sizeof s->refused, NULL));
	s->record_len = sizeof s->record;
	CHECK(callkey_session_export(c->caller, s->record, &s->record_len, c->jid[4]));
	REFUSED(MALFORMED, callkey_session_import(c->caller, c->jid[5], s->record, s->record_len - 1));
}

/* A record in JSON, with an escape for each slash. */
void refuse_json(call *c, const uint8_t *json, size_t n)
{
	uint8_t *to = c->s.record;
	size_t i, escapes = 0;

	for (i = 0; i < n && (size_t)(to - c->s.record) + 2 < sizeof c->s.record; i++) {
		if (json[i] == '/') {
			*to++ = '\\';
			escapes++;
		}
		*to++ = json[i];
	}
	if (escapes > 0)
		REFUSED(MALFORMED, callkey_session_import(c->caller, "4444444444:1@lid", c->s.record,
		                                          (size_t)(to - c->s.record)));
}

void refuse(call *c)
{
	refuse_messages(c);
	refuse_second_name(c);
	refuse_keys(c);
}
