/* How each function of the contract is called with a case of the test vectors. */
#include "answers.h"
#include "test.h"
#include "value.h"

#include <string.h>

#define TEXT(v) ((const char *)(v).bytes)
#define TAKE(object, name, v) \
	do { if (!value_take(object, name, v)) return; } while (0)

/* A fixed output is what the case says, or zero after a failure. */
static void fixed(answer_case *c, const char *name, const uint8_t *got, size_t n)
{
	value want;

	if (c->out == NULL) {
		EXPECT_ZERO(got, n);
		return;
	}
	TAKE(c->out, name, &want);
	if (EXPECT(want.n == n))
		EXPECT_BYTES(got, want.bytes, n);
}

/* Captured answers may know only some of the members, but at least one. */
static void srtp(answer_case *c, const callkey_srtp_keys *got)
{
	static const struct { const char *name; size_t at, n; } members[] = {
#define MEMBER(m) {#m, offsetof(callkey_srtp_keys, m), sizeof ((callkey_srtp_keys *)0)->m}
		MEMBER(master_key), MEMBER(master_salt), MEMBER(srtp_cipher_key),
		MEMBER(srtp_auth_key), MEMBER(srtp_salt), MEMBER(srtcp_cipher_key),
		MEMBER(srtcp_auth_key), MEMBER(srtcp_salt),
	};
	size_t i, known = 0;

	if (c->out == NULL) {
		EXPECT_ZERO(got, sizeof *got);
		return;
	}
	for (i = 0; i < COUNT(members); i++) {
		char name[64];
		strcat(strcpy(name, members[i].name), "_hex");
		if (node_member(c->out, name) == NULL)
			continue;
		known++;
		fixed(c, members[i].name, (const uint8_t *)got + members[i].at, members[i].n);
	}
	EXPECT(known > 0);
}

static void check(answer_case *c)
{
	value key;
	TAKE(c->in, "key", &key);
	EXPECT_STATUS(callkey_check(key.bytes, key.n), c->want);
}

static void fingerprint(answer_case *c)
{
	value key;
	uint8_t out[CALLKEY_FINGERPRINT_BYTES] = {1};
	TAKE(c->in, "key", &key);
	EXPECT_STATUS(callkey_fingerprint(out, key.bytes, key.n), c->want);
	fixed(c, "fingerprint", out, sizeof out);
}

static void participant_id(answer_case *c)
{
	value jid, want;
	char out[CALLKEY_JID_BYTES];
	size_t n = sizeof out;
	TAKE(c->in, "jid", &jid);
	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_participant_id(out, &n, TEXT(jid)), c->want);
	if (c->out == NULL) {
		EXPECT(n == 0);
		EXPECT_FILLED(out, 0x5a, sizeof out);
		return;
	}
	TAKE(c->out, "participant_id", &want);
	if (EXPECT(n == want.n + 1))
		EXPECT_BYTES(out, want.bytes, n);
}

static void e2e_keys(answer_case *c)
{
	value key, participant;
	callkey_srtp_keys out;
	TAKE(c->in, "key", &key);
	TAKE(c->in, "participant", &participant);
	memset(&out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_derive_e2e_keys(&out, key.bytes, key.n, TEXT(participant)), c->want);
	srtp(c, &out);
}

static void e2e_keys_raw(answer_case *c)
{
	value raw, participant;
	callkey_srtp_keys out;
	TAKE(c->in, "raw_e2e", &raw);
	TAKE(c->in, "participant", &participant);
	memset(&out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_derive_e2e_keys_raw(&out, raw.bytes, raw.n, TEXT(participant)),
	              c->want);
	srtp(c, &out);
}

enum { MOST_PARTICIPANTS = 256 };

static void batch_results(answer_case *c, const callkey_srtp_keys *got,
                          const callkey_status *statuses, size_t n)
{
	node *names = node_member(c->out, "statuses"), *keys = node_member(c->out, "keys_hex");
	value want;
	size_t i;

	REQUIRE(names != NULL && keys != NULL && names->n == n && keys->n == n);
	names = names->first;
	keys = keys->first;
	for (i = 0; i < n; i++, names = names->next, keys = keys->next) {
		EXPECT(strcmp(callkey_status_name(statuses[i]), names->text) == 0);
		REQUIRE(value_hex(keys->text, &want) && want.n == sizeof *got);
		EXPECT_BYTES(&got[i], want.bytes, want.n);
	}
}

static void e2e_keys_batch(answer_case *c)
{
	static callkey_srtp_keys out[MOST_PARTICIPANTS];
	static callkey_status statuses[MOST_PARTICIPANTS];
	const char *participants[MOST_PARTICIPANTS];
	node *list = node_member(c->in, "participants"), *j;
	value key;
	size_t i, n = 0;

	TAKE(c->in, "key", &key);
	REQUIRE(list != NULL && list->n <= MOST_PARTICIPANTS);
	for (j = list->first; j != NULL; j = j->next)
		participants[n++] = j->text;
	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_derive_e2e_keys_batch(out, statuses, key.bytes, key.n, participants,
	                                            n), c->want);
	EXPECT_FILLED(&out[n], 0x5a, (MOST_PARTICIPANTS - n) * sizeof *out);
	if (c->out != NULL) {
		batch_results(c, out, statuses, n);
		return;
	}
	EXPECT_ZERO(out, n * sizeof *out);
	for (i = 0; i < n; i++)
		EXPECT(statuses[i] == c->want);
}

static void sframe_key(answer_case *c)
{
	value key, participant;
	uint8_t out[CALLKEY_SFRAME_KEY_BYTES] = {1};
	TAKE(c->in, "key", &key);
	TAKE(c->in, "participant", &participant);
	EXPECT_STATUS(callkey_derive_e2e_sframe_key(out, key.bytes, key.n, TEXT(participant)),
	              c->want);
	fixed(c, "sframe_key", out, sizeof out);
}

static void warp_auth_key(answer_case *c)
{
	value key;
	uint8_t out[CALLKEY_WARP_AUTH_KEY_BYTES] = {1};
	TAKE(c->in, "key", &key);
	EXPECT_STATUS(callkey_derive_warp_auth_key(out, key.bytes, key.n), c->want);
	fixed(c, "warp_auth_key", out, sizeof out);
}

static void hbh_keys(answer_case *c)
{
	value key;
	callkey_srtp_keys out;
	TAKE(c->in, "hbh_key", &key);
	REQUIRE(key.n == CALLKEY_HBH_KEY_BYTES);
	memset(&out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_derive_hbh_keys(&out, key.bytes, value_number(c->in, "which")), c->want);
	srtp(c, &out);
}

static void ssrcs(answer_case *c)
{
	value call_id, participant;
	uint32_t out[CALLKEY_SSRC_COUNT] = {1};
	node *list, *j;
	size_t i = 0;

	TAKE(c->in, "call_id", &call_id);
	TAKE(c->in, "participant", &participant);
	EXPECT_STATUS(callkey_derive_ssrcs(out, TEXT(call_id), TEXT(participant)), c->want);
	if (c->out == NULL) {
		EXPECT_ZERO(out, sizeof out);
		return;
	}
	list = node_member(c->out, "ssrcs");
	REQUIRE(list != NULL && list->n > 0 && list->n <= CALLKEY_SSRC_COUNT);
	for (j = list->first; j != NULL; j = j->next, i++)
		EXPECT(out[i] == j->number);
}

static void raw_e2e_decode(answer_case *c)
{
	value content, want;
	uint8_t out[32768];
	size_t n = sizeof out;
	TAKE(c->in, "content", &content);
	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_raw_e2e_decode(out, &n, content.bytes, content.n), c->want);
	if (c->out == NULL) {
		EXPECT(n == 0);
		EXPECT_FILLED(out, 0x5a, sizeof out);
		return;
	}
	TAKE(c->out, "raw_e2e", &want);
	if (EXPECT(n == want.n))
		EXPECT_BYTES(out, want.bytes, n);
}

static void select_participant(answer_case *c)
{
	static value key, packet;
	const char *participants[MOST_PARTICIPANTS];
	node *list = node_member(c->in, "participants"), *j;
	uint32_t roc, tag_len;
	size_t n = 0, index = 99;

	TAKE(c->in, "key", &key);
	TAKE(c->in, "rtp_packet", &packet);
	roc = value_number(c->in, "roc");
	tag_len = value_number(c->in, "tag_len");
	REQUIRE(list != NULL && list->n <= MOST_PARTICIPANTS);
	for (j = list->first; j != NULL; j = j->next)
		participants[n++] = j->text;
	EXPECT_STATUS(callkey_select_participant(&index, key.bytes, key.n, participants, n,
	                                         packet.bytes, packet.n, roc, tag_len), c->want);
	EXPECT(index == (c->out == NULL ? 0 : value_number(c->out, "index")));
}

static void warp_tag(answer_case *c)
{
	static value key, packet;
	uint8_t out[CALLKEY_WARP_TAG_BYTES] = {1};

	TAKE(c->in, "auth_key", &key);
	TAKE(c->in, "packet", &packet);
	EXPECT_STATUS(callkey_warp_tag(out, key.bytes, key.n, packet.bytes, packet.n,
	                               value_number(c->in, "roc")), c->want);
	fixed(c, "tag", out, sizeof out);
}

static uint64_t number64(node *object, const char *name)
{
	value v;
	uint64_t n = 0;
	size_t i;

	if (value_take(object, name, &v) && EXPECT(v.n == 8))
		for (i = 0; i < 8; i++)
			n = n << 8 | v.bytes[i];
	return n;
}

/* A variable output is what the case says, or as it was. */
static void variable(answer_case *c, const char *name, const uint8_t *got, size_t n, size_t room)
{
	static value want;

	if (c->out == NULL) {
		EXPECT(n == 0);
		EXPECT_FILLED(got, 0x5a, room);
		return;
	}
	TAKE(c->out, name, &want);
	if (EXPECT(n == want.n))
		EXPECT_BYTES(got, want.bytes, n);
	EXPECT_FILLED(got + n, 0x5a, room - n);
}

static void sframe_seal(answer_case *c)
{
	static value key, payload;
	static uint8_t out[8192];
	size_t n = sizeof out;
	uint64_t counter = number64(c->in, "counter"), key_id = number64(c->in, "key_id");

	TAKE(c->in, "sframe_key", &key);
	TAKE(c->in, "payload", &payload);
	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_sframe_seal(out, &n, key.bytes, key.n, payload.bytes, payload.n, counter,
	                                  key_id), c->want);
	variable(c, "frame", out, n, sizeof out);
	EXPECT(n <= payload.n + CALLKEY_SFRAME_OVERHEAD_MAX_BYTES);
}

static void sframe_open(answer_case *c)
{
	static value key, frame;
	static uint8_t out[8192];
	size_t n = sizeof out;
	uint64_t counter = 7, key_id = 7;

	TAKE(c->in, "sframe_key", &key);
	TAKE(c->in, "frame", &frame);
	memset(out, 0x5a, sizeof out);
	EXPECT_STATUS(callkey_sframe_open(out, &n, &counter, &key_id, key.bytes, key.n, frame.bytes,
	                                  frame.n), c->want);
	variable(c, "payload", out, n, sizeof out);
	EXPECT(counter == (c->out == NULL ? 0 : number64(c->out, "counter")));
	EXPECT(key_id == (c->out == NULL ? 0 : number64(c->out, "key_id")));
}

static void plaintext_encode(answer_case *c)
{
	value key, body;
	uint8_t out[CALLKEY_PLAINTEXT_MAX_BYTES];
	size_t n = sizeof out;
	TAKE(c->in, "key", &key);
	EXPECT_STATUS(callkey_plaintext_encode(out, &n, key.bytes, key.n), c->want);
	if (c->out == NULL) {
		EXPECT(n == 0);
		return;
	}
	TAKE(c->out, "body", &body);
	EXPECT(n >= value_number(c->out, "min_len") && n <= value_number(c->out, "max_len"));
	REQUIRE(n > body.n);
	EXPECT_BYTES(out, body.bytes, body.n);
	EXPECT_FILLED(out + body.n, (unsigned char)(n - body.n), n - body.n);
}

static void plaintext_decode(answer_case *c)
{
	value plaintext;
	uint8_t out[CALLKEY_KEY_BYTES] = {1};
	TAKE(c->in, "plaintext", &plaintext);
	EXPECT_STATUS(callkey_plaintext_decode(out, plaintext.bytes, plaintext.n,
	                                       value_number(c->in, "enc_version")), c->want);
	fixed(c, "key", out, sizeof out);
}

const answer_function answer_functions[] = {
	{"callkey_check", check},
	{"callkey_fingerprint", fingerprint},
	{"callkey_participant_id", participant_id},
	{"callkey_derive_e2e_keys", e2e_keys},
	{"callkey_derive_e2e_keys_raw", e2e_keys_raw},
	{"callkey_derive_e2e_keys_batch", e2e_keys_batch},
	{"callkey_derive_e2e_sframe_key", sframe_key},
	{"callkey_derive_warp_auth_key", warp_auth_key},
	{"callkey_derive_hbh_keys", hbh_keys},
	{"callkey_derive_ssrcs", ssrcs},
	{"callkey_raw_e2e_decode", raw_e2e_decode},
	{"callkey_select_participant", select_participant},
	{"callkey_warp_tag", warp_tag},
	{"callkey_sframe_seal", sframe_seal},
	{"callkey_sframe_open", sframe_open},
	{"callkey_plaintext_encode", plaintext_encode},
	{"callkey_plaintext_decode", plaintext_decode},
};

const size_t answer_count = COUNT(answer_functions);
