#include "pair.h"

#include <stdio.h>
#include <string.h>

/* Opaque to the library; the app gets it from the server. */
static const uint8_t device_identity[] = {0x0a, 0x12, 0x08, 0x01, 0x10, 0x02};

const callkey_offer_options pair_options = {
	.struct_size = sizeof(callkey_offer_options),
	.stanza_id = "1234.5678-1",
	.to = "222222222222222@lid",
	.call_id = "00112233445566778899AABBCCDDEEFF",
	.call_creator = ALICE,
	.device_identity = device_identity,
	.device_identity_len = sizeof device_identity,
};

#define TRY(call) \
	do { callkey_status s_ = (call); if (s_ != CALLKEY_OK) return s_; } while (0)

callkey_status pair_open(pair *p)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;

	memset(p, 0, sizeof *p);
	TRY(callkey_store_open(&p->caller, NULL, NULL, 0, NULL));
	TRY(callkey_store_open(&p->callee, NULL, NULL, 0, NULL));
	TRY(callkey_generate(p->key));
	TRY(callkey_store_take_bundle(p->callee, &bundle));
	return callkey_session_begin(p->caller, BOB, &bundle);
}

void pair_close(pair *p)
{
	callkey_store_close(p->caller);
	callkey_store_close(p->callee);
	callkey_wipe(p, sizeof *p);
}

callkey_status pair_acknowledge(pair *p)
{
	sealed enc;
	uint8_t key[CALLKEY_KEY_BYTES];

	TRY(pair_seal(p, &enc));
	TRY(callkey_enc_open(p->callee, key, ALICE, enc.enc_type, 2, enc.bytes, enc.n));
	enc.n = sizeof enc.bytes;
	TRY(callkey_enc_seal(p->callee, enc.bytes, &enc.n, &enc.enc_type, ALICE, p->key,
	                     sizeof p->key));
	return callkey_enc_open(p->caller, key, BOB, enc.enc_type, 2, enc.bytes, enc.n);
}

void pair_spoil_info(callkey_call_info *info)
{
	memset(info, 0x5a, sizeof *info);
	info->struct_size = sizeof *info;
}

int pair_empty_info(const callkey_call_info *info)
{
	static const callkey_call_info empty = CALLKEY_CALL_INFO_INIT;
	return memcmp(info, &empty, sizeof empty) == 0;
}

callkey_status pair_seal(const pair *p, sealed *out)
{
	out->n = sizeof out->bytes;
	return callkey_enc_seal(p->caller, out->bytes, &out->n, &out->enc_type, BOB, p->key,
	                        sizeof p->key);
}

callkey_status pair_offer(const pair *p, offer *out)
{
	static const char *const bob[] = {BOB};
	callkey_status device;

	out->n = sizeof out->bytes;
	return callkey_offer_seal(p->caller, out->bytes, &out->n, &device, &out->enc_type, p->key,
	                          sizeof p->key, bob, 1, &pair_options);
}

callkey_status pair_fan_out(const pair *p, size_t devices)
{
	static char names[PAIR_DEVICES][64];
	static const char *jids[PAIR_DEVICES];
	static callkey_status statuses[PAIR_DEVICES];
	static uint32_t types[PAIR_DEVICES];
	static uint8_t out[PAIR_DEVICES * 512];
	callkey_status status;
	size_t i, n = sizeof out;

	for (i = 0; i < devices; i++) {
		callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
		snprintf(names[i], sizeof names[i], "%lu:0@lid", 500000 + (unsigned long)i);
		jids[i] = names[i];
		if ((status = callkey_store_take_bundle(p->callee, &bundle)) != CALLKEY_OK ||
		    (status = callkey_session_begin(p->caller, jids[i], &bundle)) != CALLKEY_OK)
			return status;
	}
	status = callkey_offer_seal(p->caller, out, &n, statuses, types, p->key, sizeof p->key, jids, devices,
	                            &pair_options);
	for (i = 0; status == CALLKEY_OK && i < devices; i++)
		status = statuses[i];
	return status;
}

callkey_status pair_rekey(const pair *p, sealed_rekey *out)
{
	out->n = sizeof out->bytes;
	return callkey_rekey_seal(p->caller, out->bytes, &out->n, p->key, sizeof p->key, 7, BOB,
	                          &pair_options);
}

void pair_record(callkey_store s, const char *jid, record *out)
{
	out->n = sizeof out->bytes;
	if (callkey_session_export(s, out->bytes, &out->n, jid) != CALLKEY_OK)
		out->n = 0;
}

int pair_same_record(const record *a, const record *b)
{
	return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}
