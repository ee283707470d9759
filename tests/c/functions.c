/* Calls each function of callkey.h with a case of the test vectors. Each input is the member of "in"
 * with the parameter's name. Each output is the member of "out" with its name, or else the one member
 * that has no parameter's name. */
#include "answers.h"
#include "argument.h"
#include "test.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

#define REAL(name) name
#define DECLARED(text)
#include "arguments.inc"

enum { FILL = 0x5a, ROOM = 32768, MOST_TEXTS = 256 };

static int has(node *object, const char *name)
{
	char hex[64];

	strcat(strcpy(hex, name), "_hex");
	return node_member(object, name) != NULL || node_member(object, hex) != NULL;
}

/* Eight bytes in hexadecimal, or a number. */
static uint64_t number(node *object, const char *name)
{
	node *j = node_member(object, name);
	uint64_t n = 0;
	value v;
	size_t i;

	if (j != NULL && j->kind == NODE_NUMBER)
		return value_number(object, name);
	if (value_take(object, name, &v) && EXPECT(v.n == 8))
		for (i = 0; i < 8; i++)
			n = n << 8 | v.bytes[i];
	return n;
}

/* A list of all texts of the case. */
static const char **texts(node *object, const char *name, size_t *n)
{
	node *list = node_member(object, name), *j;
	const char **all = calloc(MOST_TEXTS, sizeof *all);

	*n = 0;
	if (!EXPECT(list != NULL && list->n <= MOST_TEXTS && all != NULL))
		return all;
	for (j = list->first; j != NULL; j = j->next)
		all[(*n)++] = j->text;
	return all;
}

/* The inputs from the case, and room for the outputs. */
static void take(const function *f, answer_case *c, argument *a)
{
	size_t i, n;
	value *v;

	for (i = 0; i < f->n; i++) {
		const parameter *p = &f->parameters[i];
		switch (p->role) {
		case ROLE_BYTES: case ROLE_TEXT: case ROLE_FIXED_IN:
			if ((a[i].pointer = v = malloc(sizeof *v)) == NULL || !value_take(c->in, p->name, v))
				break;
			if (p->role == ROLE_BYTES)
				a[p->count].number = v->n;
			else if (p->role == ROLE_FIXED_IN)
				EXPECT(v->n == p->size);
			break;
		case ROLE_LIST:
			EXPECT(p->texts);
			a[i].pointer = texts(c->in, p->name, &n);
			a[p->count].number = n;
			break;
		case ROLE_SCALAR:
			a[i].number = number(c->in, p->name);
			break;
		case ROLE_FIXED_OUT: case ROLE_VARIABLE_OUT: case ROLE_LIST_OUT:
			if ((a[i].pointer = malloc(MOST_TEXTS * 256 + ROOM)) != NULL)
				memset(a[i].pointer, FILL, MOST_TEXTS * 256 + ROOM);
			break;
		case ROLE_CAPACITY:
			if ((a[i].pointer = malloc(sizeof(size_t))) != NULL)
				*(size_t *)a[i].pointer = ROOM;
			break;
		case ROLE_LENGTH:
			break;
		default:
			test_fail(__FILE__, __LINE__, "a case cannot have the parameter %s of %s", p->name, f->name);
		}
	}
}

/* The member of the case for output i. */
static const char *member_of(const function *f, answer_case *c, size_t i)
{
	static char name[64];
	node *j;
	size_t k, n;

	if (has(c->out, f->parameters[i].name))
		return f->parameters[i].name;
	for (j = c->out->first; j != NULL; j = j->next) {
		strncpy(name, j->name, sizeof name - 1);
		n = strlen(name);
		if (n > 4 && strcmp(name + n - 4, "_hex") == 0)
			name[n - 4] = '\0';
		for (k = 0; k < f->n; k++)
			if (strcmp(name, f->parameters[k].name) == 0)
				break;
		if (k == f->n)
			return name;
	}
	test_fail(__FILE__, __LINE__, "the case has no member for the output %s", f->parameters[i].name);
	return f->parameters[i].name;
}

static void bytes_are(node *object, const char *name, const void *got, size_t n)
{
	value want;

	if (value_take(object, name, &want) && EXPECT(want.n == n))
		EXPECT_BYTES(got, want.bytes, n);
}

/* A captured answer may have only some of the members, but at least one. */
static void srtp_keys_are(node *object, const callkey_srtp_keys *got)
{
	static const struct { const char *name; size_t at, n; } members[] = {
#define MEMBER(m) {#m, offsetof(callkey_srtp_keys, m), sizeof ((callkey_srtp_keys *)0)->m}
		MEMBER(master_key), MEMBER(master_salt), MEMBER(srtp_cipher_key),
		MEMBER(srtp_auth_key), MEMBER(srtp_salt), MEMBER(srtcp_cipher_key),
		MEMBER(srtcp_auth_key), MEMBER(srtcp_salt),
	};
	size_t i, known = 0;

	for (i = 0; i < COUNT(members); i++) {
		if (!has(object, members[i].name))
			continue;
		known++;
		bytes_are(object, members[i].name, (const char *)got + members[i].at, members[i].n);
	}
	EXPECT(known > 0);
}

static uint64_t number_at(const void *p, const char *type, size_t i)
{
	if (strcmp(type, "uint32_t") == 0)
		return ((const uint32_t *)p)[i];
	if (strcmp(type, "uint64_t") == 0)
		return ((const uint64_t *)p)[i];
	EXPECT(strcmp(type, "size_t") == 0);
	return ((const size_t *)p)[i];
}

/* A captured answer may have only the first numbers of a list. */
static void numbers_are(node *object, const char *name, const void *got, const parameter *p)
{
	node *list = node_member(object, name), *j;
	size_t i = 0;

	if (list == NULL || list->kind != NODE_LIST) {
		EXPECT(number_at(got, p->type, 0) == number(object, name));
		return;
	}
	if (EXPECT(list->n > 0 && list->n <= p->size / 4))
		for (j = list->first; j != NULL; j = j->next)
			EXPECT(number_at(got, p->type, i++) == j->number);
}

/* A list of statuses by their names, or of bytes. */
static void elements_are(node *object, const char *name, const void *got, const parameter *p, size_t n)
{
	char hex[64];
	node *list = node_member(object, p->statuses ? name : strcat(strcpy(hex, name), "_hex")), *j;
	value want;
	size_t i = 0;

	if (!EXPECT(list != NULL && list->n == n))
		return;
	for (j = list->first; j != NULL; j = j->next, i++)
		if (p->statuses)
			EXPECT(strcmp(callkey_status_name(((const callkey_status *)got)[i]), j->text) == 0);
		else if (EXPECT(value_hex(j->text, &want) && want.n == p->size))
			EXPECT_BYTES((const char *)got + i * p->size, want.bytes, want.n);
}

/* Compares the outputs, which must be cleared after a failure. */
static void compare(const function *f, answer_case *c, const argument *a)
{
	size_t i, k, n;

	for (i = 0; i < f->n; i++) {
		const parameter *p = &f->parameters[i];
		char *out = a[i].pointer;
		switch (p->role) {
		case ROLE_FIXED_OUT:
			if (c->out == NULL)
				EXPECT_ZERO(out, p->size);
			else if (strcmp(p->type, "callkey_srtp_keys") == 0)
				srtp_keys_are(c->out, (const void *)out);
			else if (strcmp(p->type, "uint8_t") == 0)
				bytes_are(c->out, member_of(f, c, i), out, p->size);
			else
				numbers_are(c->out, member_of(f, c, i), out, p);
			EXPECT_FILLED(out + p->size, FILL, ROOM);
			break;
		case ROLE_VARIABLE_OUT:
			n = argument_count(f, a, i);
			if (c->out == NULL)
				EXPECT(n == 0);
			else if (p->text) /* with its NUL */
				bytes_are(c->out, member_of(f, c, i), out, n - 1);
			else
				bytes_are(c->out, member_of(f, c, i), out, n);
			if (c->out != NULL && p->text)
				EXPECT(out[n - 1] == '\0');
			EXPECT_FILLED(out + n, FILL, ROOM - n);
			break;
		case ROLE_LIST_OUT:
			n = argument_count(f, a, i);
			if (c->out != NULL)
				elements_are(c->out, member_of(f, c, i), out, p, n);
			else if (!p->statuses)
				EXPECT_ZERO(out, n * p->size);
			for (k = 0; c->out == NULL && p->statuses && k < n; k++)
				EXPECT(((const callkey_status *)(const void *)out)[k] == c->want);
			EXPECT_FILLED(out + n * p->size, FILL, ROOM);
			break;
		default:
			break;
		}
	}
}

static void any(const function *f, answer_case *c)
{
	argument a[MOST_PARAMETERS];
	size_t i;

	memset(a, 0, sizeof a);
	take(f, c, a);
	if (test_failures() == 0) {
		test_status(__FILE__, __LINE__, f->name, f->run(a), c->want);
		compare(f, c, a);
	}
	for (i = 0; i < f->n; i++)
		free(a[i].pointer);
}

/* The padding is random: the case has the bytes in front of it, and the bounds of the length. */
static void plaintext_encode(answer_case *c)
{
	value key, body;
	uint8_t out[CALLKEY_PLAINTEXT_MAX_BYTES];
	size_t n = sizeof out;

	if (!value_take(c->in, "key", &key))
		return;
	EXPECT_STATUS(callkey_plaintext_encode(out, &n, key.bytes, key.n), c->want);
	if (c->out == NULL) {
		EXPECT(n == 0);
		return;
	}
	if (!value_take(c->out, "body", &body))
		return;
	EXPECT(n >= value_number(c->out, "min_len") && n <= value_number(c->out, "max_len"));
	REQUIRE(n > body.n);
	EXPECT_BYTES(out, body.bytes, body.n);
	EXPECT_FILLED(out + body.n, (unsigned char)(n - body.n), n - body.n);
}

static void told(node *out, const callkey_call_info *info)
{
	const struct { const char *name; uint32_t got; } numbers[] = {
		{"kind", info->kind}, {"keygen", info->keygen}, {"enc_type", info->enc_type},
		{"enc_version", info->enc_version}, {"flags", info->flags},
		{"transaction_id", info->transaction_id},
	};
	const struct { const char *name, *got; } names[] = {
		{"call_id", info->call_id}, {"call_creator", info->call_creator}, {"from", info->from},
		{"sender", info->sender},
	};
	size_t i;

	for (i = 0; i < COUNT(numbers); i++)
		EXPECT(numbers[i].got == value_number(out, numbers[i].name));
	for (i = 0; i < COUNT(names); i++)
		if (EXPECT(memchr(names[i].got, 0, CALLKEY_JID_BYTES) != NULL))
			bytes_are(out, names[i].name, names[i].got, strlen(names[i].got));
}

/* The info is filled whatever the status, so the case has the status among the outputs. */
static void offer_parse(answer_case *c)
{
	callkey_call_info info = CALLKEY_CALL_INFO_INIT, empty = CALLKEY_CALL_INFO_INIT;
	callkey_status status;
	value stanza;
	uint8_t out[512];
	const char **own, *want = node_text(c->out, "status");
	size_t n_own, n = sizeof out;

	if (!EXPECT(want != NULL) || !value_take(c->in, "stanza", &stanza))
		return;
	own = texts(c->in, "own_jids", &n_own);
	memset((char *)&info + sizeof info.struct_size, FILL, sizeof info - sizeof info.struct_size);
	status = callkey_offer_parse(out, &n, &info, stanza.bytes, stanza.n, own, n_own);
	free(own);
	EXPECT(strcmp(callkey_status_name(status), want) == 0);
	bytes_are(c->out, "ciphertext", out, n);
	told(c->out, &info);
	if (status == CALLKEY_ERR_MALFORMED || status == CALLKEY_ERR_ARGUMENT)
		EXPECT_BYTES(&info, &empty, sizeof info);
}

static void blob(node *in, const char *name, value *v, const uint8_t **bytes, size_t *n)
{
	if (has(in, name) && value_take(in, name, v)) {
		*bytes = v->bytes;
		*n = v->n;
	}
}

static uint32_t number_or_0(node *in, const char *name)
{
	return has(in, name) ? value_number(in, name) : 0;
}

static size_t encs_of(node *in, callkey_enc *encs, value *ciphertexts, size_t most)
{
	node *jid = node_member(in, "jids"), *type = node_member(in, "enc_types");
	node *hex = node_member(in, "ciphertexts_hex");
	size_t i, n;

	if (!EXPECT(jid != NULL && type != NULL && hex != NULL && jid->n <= most && type->n == jid->n && hex->n == jid->n))
		return 0;
	n = jid->n;
	for (i = 0, jid = jid->first, type = type->first, hex = hex->first; i < n; i++) {
		encs[i].jid = jid->text;
		encs[i].enc_type = (uint32_t)type->number;
		EXPECT(value_hex(hex->text, &ciphertexts[i]));
		encs[i].ciphertext = ciphertexts[i].bytes;
		encs[i].ciphertext_len = ciphertexts[i].n;
		jid = jid->next;
		type = type->next;
		hex = hex->next;
	}
	return n;
}

/* The members of the options that are set in the case. */
static callkey_offer_options options_of(answer_case *c)
{
	static value capability, privacy_token, device_identity;
	callkey_offer_options o = CALLKEY_OFFER_OPTIONS_INIT;

	o.flags = number_or_0(c->in, "flags");
	o.stanza_id = node_text(c->in, "stanza_id");
	o.to = node_text(c->in, "to");
	o.call_id = node_text(c->in, "call_id");
	o.call_creator = node_text(c->in, "call_creator");
	blob(c->in, "capability", &capability, &o.capability, &o.capability_len);
	blob(c->in, "privacy_token", &privacy_token, &o.privacy_token, &o.privacy_token_len);
	blob(c->in, "device_identity", &device_identity, &o.device_identity, &o.device_identity_len);
	o.video_enc = node_text(c->in, "video_enc");
	o.video_dec = node_text(c->in, "video_dec");
	o.video_width = number_or_0(c->in, "video_width");
	o.video_height = number_or_0(c->in, "video_height");
	o.video_device_orientation = number_or_0(c->in, "video_device_orientation");
	return o;
}

static void stanza_is(answer_case *c, const uint8_t *out, size_t n)
{
	if (c->out == NULL)
		EXPECT(n == 0);
	else
		bytes_are(c->out, "stanza", out, n);
}

/* A case without a call_id has no options. */
static void offer_build(answer_case *c)
{
	enum { MOST = 2 };
	static value ciphertexts[MOST];
	callkey_offer_options o = options_of(c);
	callkey_enc encs[MOST];
	uint8_t out[2048];
	size_t n_encs = encs_of(c->in, encs, ciphertexts, MOST), n = sizeof out;

	EXPECT_STATUS(callkey_offer_build(out, &n, encs, n_encs, o.call_id == NULL ? NULL : &o), c->want);
	stanza_is(c, out, n);
}

static void rekey_build(answer_case *c)
{
	static value ciphertext;
	callkey_offer_options o = options_of(c);
	callkey_enc enc;
	uint8_t out[2048];
	size_t n = sizeof out;

	enc.jid = node_text(c->in, "jid");
	enc.enc_type = value_number(c->in, "enc_type");
	if (!EXPECT(value_take(c->in, "ciphertext", &ciphertext)))
		return;
	enc.ciphertext = ciphertext.bytes;
	enc.ciphertext_len = ciphertext.n;
	EXPECT_STATUS(callkey_rekey_build(out, &n, &enc, value_number(c->in, "transaction_id"), &o), c->want);
	stanza_is(c, out, n);
}

/* What a case says of a struct is its members' names; after a failure the struct is zero. */
static void account_identity(answer_case *c)
{
	callkey_account account = CALLKEY_ACCOUNT_INIT;
	callkey_identity out;
	value private_key;

	memset(&out, FILL, sizeof out);
	if (!value_take(c->in, "private_key", &private_key) || !EXPECT(private_key.n == sizeof account.private_key))
		return;
	account.registration_id = value_number(c->in, "registration_id");
	memcpy(account.private_key, private_key.bytes, sizeof account.private_key);
	EXPECT_STATUS(callkey_account_identity(&out, &account), c->want);
	if (c->out == NULL) {
		EXPECT_ZERO(&out, sizeof out);
		return;
	}
	EXPECT(out.registration_id == value_number(c->out, "registration_id"));
	bytes_are(c->out, "public_key", out.public_key, sizeof out.public_key);
}

static void message_parse(answer_case *c)
{
	callkey_message_info out;
	value ciphertext;

	memset(&out, FILL, sizeof out);
	out.struct_size = sizeof out;
	if (!value_take(c->in, "ciphertext", &ciphertext))
		return;
	EXPECT_STATUS(callkey_message_parse(&out, value_number(c->in, "enc_type"), ciphertext.bytes, ciphertext.n),
	              c->want);
	if (c->out == NULL) {
		EXPECT_ZERO(&out.prekey_id, sizeof out - sizeof out.struct_size);
		return;
	}
	EXPECT(out.prekey_id == value_number(c->out, "prekey_id"));
	EXPECT(out.signed_prekey_id == value_number(c->out, "signed_prekey_id"));
	EXPECT(out.registration_id == value_number(c->out, "registration_id"));
	EXPECT(out.reserved == 0);
	bytes_are(c->out, "identity_key", out.identity_key, sizeof out.identity_key);
	bytes_are(c->out, "base_key", out.base_key, sizeof out.base_key);
}

/* Functions without a handle and without known answers: they are random, change something, or have
 * their own tests. */
static const char *const unknown[] = {
	"callkey_last_error", "callkey_last_errno", "callkey_selftest", "callkey_generate", "callkey_stanza_to_xml",
	"callkey_account_generate", "callkey_account_sign", "callkey_prekey_generate",
	"callkey_signed_prekey_generate", "callkey_record_begin", "callkey_record_seal",
	"callkey_record_open", "callkey_record_info", "callkey_record_merge",
	"callkey_store_open", "callkey_epochs_new",
};

const size_t answer_functions = COUNT(functions);

const char *answer_function(size_t i)
{
	size_t k;

	if (functions[i]->n == 0 || functions[i]->parameters[0].role == ROLE_HANDLE)
		return NULL;
	for (k = 0; k < COUNT(unknown); k++)
		if (strcmp(unknown[k], functions[i]->name) == 0)
			return NULL;
	return functions[i]->name;
}

void answer_run(size_t i, answer_case *c)
{
	if (functions[i] == &of_callkey_plaintext_encode)
		plaintext_encode(c);
	else if (functions[i] == &of_callkey_offer_parse)
		offer_parse(c);
	else if (functions[i] == &of_callkey_offer_build)
		offer_build(c);
	else if (functions[i] == &of_callkey_rekey_build)
		rekey_build(c);
	else if (functions[i] == &of_callkey_account_identity)
		account_identity(c);
	else if (functions[i] == &of_callkey_message_parse)
		message_parse(c);
	else
		any(functions[i], c);
}
