/* A conversation with another implementation over standard input and output, so that each opens what the other sealed.
 *
 * The callee sends its bundle: three numbers of 4 bytes (registration, prekey, signed prekey), identity key, signed
 * prekey, signature, prekey. A message is its type in one byte, its length in two, and the ciphertext. Numbers are
 * little-endian. talk.rs is the other side. */
#ifndef BENCH_PEERS_TALK_H
#define BENCH_PEERS_TALK_H

#include "../sessions.h"

static void say(const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, stdout) != n || fflush(stdout) != 0)
		failed("the other side does not listen", CALLKEY_OK);
}

static void hear(void *bytes, size_t n)
{
	if (fread(bytes, 1, n, stdin) != n)
		failed("the other side ended", CALLKEY_OK);
}

static void say_number(uint32_t number, size_t n)
{
	uint8_t b[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24)};
	say(b, n);
}

static uint32_t hear_number(size_t n)
{
	uint8_t b[4] = {0};
	hear(b, n);
	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void say_bundle(callkey_store store)
{
	callkey_prekey_bundle b = CALLKEY_PREKEY_BUNDLE_INIT;
	publish(store, &b);
	say_number(b.registration_id, 4);
	say_number(b.prekey_id, 4);
	say_number(b.signed_prekey_id, 4);
	say(b.identity_key, sizeof b.identity_key);
	say(b.signed_prekey, sizeof b.signed_prekey);
	say(b.signed_prekey_signature, sizeof b.signed_prekey_signature);
	say(b.prekey, sizeof b.prekey);
}

static void hear_bundle(callkey_store store, const char *jid)
{
	callkey_prekey_bundle b = CALLKEY_PREKEY_BUNDLE_INIT;
	b.registration_id = hear_number(4);
	b.prekey_id = hear_number(4);
	b.signed_prekey_id = hear_number(4);
	hear(b.identity_key, sizeof b.identity_key);
	hear(b.signed_prekey, sizeof b.signed_prekey);
	hear(b.signed_prekey_signature, sizeof b.signed_prekey_signature);
	hear(b.prekey, sizeof b.prekey);
	OK(callkey.session_begin(store, jid, &b));
}

struct message {
	uint32_t type;
	size_t n;
	uint8_t ciphertext[CIPHERTEXT_ROOM];
};

static struct message sealed_for(callkey_store store, const char *jid)
{
	struct message m = {0, CIPHERTEXT_ROOM, {0}};
	OK(callkey.enc_seal(store, m.ciphertext, &m.n, &m.type, jid, key, sizeof key));
	return m;
}

static void say_message(const struct message *m)
{
	say_number(m->type, 1);
	say_number((uint32_t)m->n, 2);
	say(m->ciphertext, m->n);
}

static void hear_message(callkey_store store, const char *jid)
{
	struct message m;
	m.type = hear_number(1);
	m.n = hear_number(2);
	if (m.n > sizeof m.ciphertext)
		failed("a message is too long", CALLKEY_OK);
	hear(m.ciphertext, m.n);
	opens(store, jid, m.type, m.ciphertext, m.n);
}

/* One message each way, then three that come in another order. */
static void talk_as_caller(callkey_store store)
{
	struct message m[3];
	int i;
	hear_bundle(store, PARTICIPANT);
	m[0] = sealed_for(store, PARTICIPANT);
	say_message(&m[0]);
	hear_message(store, PARTICIPANT);
	for (i = 0; i < 3; i++)
		m[i] = sealed_for(store, PARTICIPANT);
	say_message(&m[2]);
	say_message(&m[0]);
	say_message(&m[1]);
}

static void talk_as_callee(callkey_store store)
{
	struct message m;
	int i;
	say_bundle(store);
	hear_message(store, CALLER);
	m = sealed_for(store, CALLER);
	say_message(&m);
	for (i = 0; i < 3; i++)
		hear_message(store, CALLER);
}

static void talk(const char *as)
{
	callkey_store store = open_store(0);
	if (strcmp(as, "caller") == 0)
		talk_as_caller(store);
	else
		talk_as_callee(store);
	OK(callkey.store_close(store));
}

#endif
