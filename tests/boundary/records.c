/* Sessions of a program that keeps them itself: all its secrets are in the host, in one place. */
#include "residue.h"

#include <string.h>

enum { CALLER, CALLEE };
static const uint64_t now = 1800000000;

static void make_account(kept *k)
{
	k->record = k->room[0];
	k->next = k->room[1];
	k->account.struct_size = sizeof k->account;
	CHECK(callkey_account_generate(&k->account));
	TELL("identity", k->account.private_key);
	k->keys.struct_size = sizeof k->keys;
	k->keys.account = &k->account;
}

static void publish(kept *k, callkey_prekey_bundle *bundle)
{
	callkey_identity own;
	callkey_prekey prekey;
	callkey_signed_prekey signed_prekey;

	CHECK(callkey_account_identity(&own, &k->account));
	CHECK(callkey_prekey_generate(&prekey, k->prekey, 5));
	CHECK(callkey_signed_prekey_generate(&signed_prekey, k->signed_prekey, &k->account, 7));
	TELL("prekey", k->prekey);
	TELL("signed-prekey", k->signed_prekey);
	k->keys.prekey_private = k->prekey;
	k->keys.signed_prekey_private = k->signed_prekey;
	memset(bundle, 0, sizeof *bundle);
	bundle->struct_size = sizeof *bundle;
	bundle->registration_id = own.registration_id;
	bundle->prekey_id = prekey.id;
	bundle->signed_prekey_id = signed_prekey.id;
	memcpy(bundle->identity_key, own.public_key, sizeof own.public_key);
	memcpy(bundle->prekey, prekey.public_key, sizeof prekey.public_key);
	memcpy(bundle->signed_prekey, signed_prekey.public_key, sizeof signed_prekey.public_key);
	memcpy(bundle->signed_prekey_signature, signed_prekey.signature, sizeof signed_prekey.signature);
}

static void trust(kept *k, const uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES])
{
	memcpy(k->trusted, identity, sizeof k->trusted);
	k->keys.identity_key = k->trusted;
}

/* The next record replaces the record. It is not copied: a copy would leave pieces of it in the host's own
 * registers, which an emulator keeps in its memory. */
static void commit(kept *k, size_t n)
{
	uint8_t *old = k->record;

	k->record = k->next;
	k->next = old;
	k->n = n;
	tell_secret("session", k->record, n);
}

/* Sealed twice, from one record: only the second result is committed, and of the first nothing may stay. With
 * too little room, and for a wrong identity, nothing comes out at all. */
static void send(call *c, int from, int to)
{
	kept *one = &c->s.kept[from], *other = &c->s.kept[to];
	uint8_t sealed[1024], identity[CALLKEY_PUBLIC_KEY_BYTES];
	const uint8_t *trusted = one->keys.identity_key;
	size_t n, sealed_n, opened_n, room;
	uint32_t type, none;
	int i;

	n = 1;
	sealed_n = sizeof sealed;
	if (RUN(callkey_record_seal(one->next, &n, sealed, &sealed_n, &type, one->record, one->n, &one->keys,
	                            c->s.plain, sizeof c->s.plain, now)) != CALLKEY_ERR_BUFFER)
		die("a record in one byte", CALLKEY_ERR_INTERNAL);
	for (i = 0; i < 2; i++) {
		n = sizeof one->room[0];
		sealed_n = sizeof sealed;
		CHECK(callkey_record_seal(one->next, &n, sealed, &sealed_n, &type, one->record, one->n, &one->keys,
		                          c->s.plain, sizeof c->s.plain, now));
		tell_secret("session", one->next, n);
	}
	commit(one, n);
	one->keys.identity_key = c->s.refused;
	n = sizeof one->room[0];
	room = sizeof sealed - sealed_n;
	if (RUN(callkey_record_seal(one->next, &n, sealed + sealed_n, &room, &none, one->record, one->n,
	                            &one->keys, c->s.plain, sizeof c->s.plain, now)) == CALLKEY_OK)
		die("sealed for another identity", CALLKEY_ERR_INTERNAL);
	one->keys.identity_key = trusted;

	for (i = 0; i < 3; i++) { /* without room, in vain, and for good */
		n = i == 0 ? 1 : sizeof other->room[0];
		opened_n = sizeof c->s.plain_opened;
		sealed[sealed_n / 2] ^= i == 1;
		if ((RUN(callkey_record_open(other->next, &n, c->s.plain_opened, &opened_n, identity, other->record,
		                             other->n, &other->keys, type, sealed, sealed_n, now)) == CALLKEY_OK) != (i == 2))
			die("a record opens a message", CALLKEY_ERR_INTERNAL);
		sealed[sealed_n / 2] ^= i == 1;
	}
	if (opened_n != sizeof c->s.plain || !same(c->s.plain, c->s.plain_opened, opened_n))
		die("another message came out", CALLKEY_ERR_INTERNAL);
	commit(other, n);
	trust(other, identity);
}

void keep_records(call *c)
{
	kept *caller = &c->s.kept[CALLER], *callee = &c->s.kept[CALLEE];
	callkey_session_info info = CALLKEY_SESSION_INFO_INIT;
	callkey_prekey_bundle bundle;
	uint8_t signature[CALLKEY_SIGNATURE_BYTES];
	size_t n;
	int i;

	for (i = 0; i < (int)sizeof c->s.plain; i += CALLKEY_KEY_BYTES)
		CHECK(callkey_generate(c->s.plain + i));
	TELL("message", c->s.plain);
	make_account(caller);
	make_account(callee);
	publish(callee, &bundle);
	CHECK(callkey_account_sign(signature, &callee->account, bundle.prekey, sizeof bundle.prekey));
	n = sizeof caller->room[0];
	CHECK(callkey_record_begin(caller->next, &n, NULL, 0, &caller->keys, &bundle, now));
	commit(caller, n);
	trust(caller, bundle.identity_key);
	send(c, CALLER, CALLEE);
	send(c, CALLEE, CALLER);
	send(c, CALLER, CALLEE);
	CHECK(callkey_record_info(&info, callee->record, callee->n, callee->trusted, now));
	n = sizeof callee->room[0];
	CHECK(callkey_record_merge(callee->next, &n, callee->record, callee->n, callee->record, callee->n));
	commit(callee, n);
}
