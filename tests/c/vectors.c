/* Every known answer and error case of testdata/vectors, through the C interface. */
#include "check.h"
#include "json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one case says. */
static const json *in, *out;
static callkey_status want;

/* The argument `name`: bytes under name_hex. */
static uint8_t *bytes_in(const char *name, size_t *n)
{
	char member[64];
	uint8_t *bytes;
	snprintf(member, sizeof member, "%s_hex", name);
	bytes = json_bytes(json_member(in, member), n);
	CHECK(bytes != NULL);
	return bytes;
}

/* A text, given as itself or as bytes; in memory of exactly its size. */
static char *text_of(const json *object, const char *name)
{
	char member[64], *text = NULL;
	uint8_t *bytes;
	size_t n;
	const json *plain = json_member(object, name);
	if (plain != NULL)
		return strdup(plain->text);
	snprintf(member, sizeof member, "%s_hex", name);
	bytes = json_bytes(json_member(object, member), &n);
	if (CHECK(bytes != NULL) && (text = calloc(n + 1, 1)) != NULL)
		memcpy(text, bytes, n);
	free(bytes);
	return text;
}

static uint32_t number_in(const char *name)
{
	const json *number = json_member(in, name);
	return CHECK(number != NULL) ? number->number : 0;
}

/* Compares an output with the case, or with zeros after a failure. Returns whether the case knows
 * this output. */
static int check_out(const char *name, const void *got, size_t n)
{
	char member[64];
	uint8_t *known;
	size_t known_n;
	if (want != CALLKEY_OK) {
		CHECK(all_bytes(got, 0, n));
		return 0;
	}
	snprintf(member, sizeof member, "%s_hex", name);
	if (json_member(out, member) == NULL)
		return 0;
	known = json_bytes(json_member(out, member), &known_n);
	CHECK(known != NULL && known_n == n && memcmp(known, got, n) == 0);
	free(known);
	return 1;
}

static void check_srtp(const callkey_srtp_keys *k)
{
	int known = 0;
#define MEMBER(name) known += check_out(#name, k->name, sizeof k->name)
	MEMBER(master_key);
	MEMBER(master_salt);
	MEMBER(srtp_cipher_key);
	MEMBER(srtp_auth_key);
	MEMBER(srtp_salt);
	MEMBER(srtcp_cipher_key);
	MEMBER(srtcp_auth_key);
	MEMBER(srtcp_salt);
	CHECK(want != CALLKEY_OK || known >= 2);
}

static void run_check(void)
{
	size_t n;
	uint8_t *key = bytes_in("key", &n);
	CHECK_STATUS(callkey_check(key, n), want);
	free(key);
}

static void run_fingerprint(void)
{
	size_t n;
	uint8_t *key = bytes_in("key", &n), got[CALLKEY_FINGERPRINT_BYTES];
	memset(got, 0xa5, sizeof got);
	CHECK_STATUS(callkey_fingerprint(got, key, n), want);
	CHECK(check_out("fingerprint", got, sizeof got) || want != CALLKEY_OK);
	free(key);
}

static void run_participant_id(void)
{
	char *jid = text_of(in, "jid"), got[CALLKEY_JID_BYTES + 2], *known;
	size_t n = sizeof got;
	CHECK_STATUS(callkey_participant_id(got, &n, jid), want);
	if (want == CALLKEY_OK) {
		known = text_of(out, "participant_id");
		CHECK(strcmp(got, known) == 0 && n == strlen(known) + 1);
		free(known);
	} else {
		CHECK(n == 0);
	}
	free(jid);
}

static void run_e2e_keys(void)
{
	size_t n;
	uint8_t *key = bytes_in("key", &n);
	char *participant = text_of(in, "participant");
	callkey_srtp_keys got;
	memset(&got, 0xa5, sizeof got);
	CHECK_STATUS(callkey_derive_e2e_keys(&got, key, n, participant), want);
	check_srtp(&got);
	free(participant);
	free(key);
}

static void run_e2e_keys_raw(void)
{
	size_t n;
	uint8_t *raw = bytes_in("raw_e2e", &n);
	char *participant = text_of(in, "participant");
	callkey_srtp_keys got;
	memset(&got, 0xa5, sizeof got);
	CHECK_STATUS(callkey_derive_e2e_keys_raw(&got, raw, n, participant), want);
	check_srtp(&got);
	free(participant);
	free(raw);
}

static void run_e2e_keys_batch(void)
{
	size_t key_n, n, i, known_n;
	uint8_t *key = bytes_in("key", &key_n), *known;
	const json *list = json_member(in, "participants"), *j, *keys, *statuses;
	char **participants;
	callkey_srtp_keys *got;
	callkey_status *got_statuses;
	if (!CHECK(list != NULL)) {
		free(key);
		return;
	}
	n = json_count(list);
	participants = calloc(n + 1, sizeof *participants);
	got = calloc(n + 1, sizeof *got);
	got_statuses = calloc(n + 1, sizeof *got_statuses);
	memset(got, 0xa5, n * sizeof *got);
	for (i = 0, j = list->first; j != NULL; i++, j = j->next)
		participants[i] = strdup(j->text);
	CHECK_STATUS(callkey_derive_e2e_keys_batch(got, got_statuses, key, key_n,
	                                           (const char *const *)participants, n), want);
	if (want == CALLKEY_OK) {
		keys = json_member(out, "keys_hex");
		statuses = json_member(out, "statuses");
		CHECK(json_count(keys) == n && json_count(statuses) == n);
		keys = keys->first;
		statuses = statuses->first;
		for (i = 0; i < n; i++, keys = keys->next, statuses = statuses->next) {
			known = json_bytes(keys, &known_n);
			CHECK(known_n == sizeof *got && memcmp(known, &got[i], known_n) == 0);
			CHECK(strcmp(callkey_status_name(got_statuses[i]), statuses->text) == 0);
			free(known);
		}
	} else {
		CHECK(all_bytes(got, 0, n * sizeof *got));
		for (i = 0; i < n; i++)
			CHECK(got_statuses[i] == want);
	}
	for (i = 0; i < n; i++)
		free(participants[i]);
	free(participants);
	free(got);
	free(got_statuses);
	free(key);
}

static void run_sframe_key(void)
{
	size_t n;
	uint8_t *key = bytes_in("key", &n), got[CALLKEY_SFRAME_KEY_BYTES];
	char *participant = text_of(in, "participant");
	memset(got, 0xa5, sizeof got);
	CHECK_STATUS(callkey_derive_e2e_sframe_key(got, key, n, participant), want);
	CHECK(check_out("sframe_key", got, sizeof got) || want != CALLKEY_OK);
	free(participant);
	free(key);
}

static void run_warp_auth_key(void)
{
	size_t n;
	uint8_t *key = bytes_in("key", &n), got[CALLKEY_WARP_AUTH_KEY_BYTES];
	memset(got, 0xa5, sizeof got);
	CHECK_STATUS(callkey_derive_warp_auth_key(got, key, n), want);
	CHECK(check_out("warp_auth_key", got, sizeof got) || want != CALLKEY_OK);
	free(key);
}

static void run_hbh_keys(void)
{
	size_t n;
	uint8_t *key = bytes_in("hbh_key", &n);
	callkey_srtp_keys got;
	memset(&got, 0xa5, sizeof got);
	CHECK(n == CALLKEY_HBH_KEY_BYTES);
	CHECK_STATUS(callkey_derive_hbh_keys(&got, key, number_in("which")), want);
	check_srtp(&got);
	free(key);
}

static void run_ssrcs(void)
{
	char *call_id = text_of(in, "call_id"), *participant = text_of(in, "participant");
	uint32_t got[CALLKEY_SSRC_COUNT];
	const json *known;
	size_t i = 0;
	memset(got, 0xa5, sizeof got);
	CHECK_STATUS(callkey_derive_ssrcs(got, call_id, participant), want);
	if (want == CALLKEY_OK) {
		for (known = json_member(out, "ssrcs")->first; known != NULL; known = known->next)
			CHECK(i < CALLKEY_SSRC_COUNT && got[i++] == known->number);
		CHECK(i >= 2);
	} else {
		CHECK(all_bytes(got, 0, sizeof got));
	}
	free(participant);
	free(call_id);
}

static void run_raw_e2e(void)
{
	size_t n, got_n;
	uint8_t *content = bytes_in("content", &n), *got = malloc(n + 1);
	got_n = n;
	CHECK_STATUS(callkey_raw_e2e_decode(got, &got_n, content, n), want);
	if (want == CALLKEY_OK)
		CHECK(check_out("raw_e2e", got, got_n));
	else
		CHECK(got_n == 0);
	free(got);
	free(content);
}

static void run_plaintext_encode(void)
{
	size_t n, got_n = CALLKEY_PLAINTEXT_MAX_BYTES, body_n;
	uint8_t *key = bytes_in("key", &n), got[CALLKEY_PLAINTEXT_MAX_BYTES], *body;
	CHECK_STATUS(callkey_plaintext_encode(got, &got_n, key, n), want);
	if (want == CALLKEY_OK) {
		body = json_bytes(json_member(out, "body_hex"), &body_n);
		CHECK(got_n >= json_member(out, "min_len")->number &&
		      got_n <= json_member(out, "max_len")->number);
		CHECK(memcmp(got, body, body_n) == 0);
		CHECK(all_bytes(got + body_n, (int)(got_n - body_n), got_n - body_n));
		free(body);
	} else {
		CHECK(got_n == 0);
	}
	free(key);
}

static void run_plaintext_decode(void)
{
	size_t n;
	uint8_t *plaintext = bytes_in("plaintext", &n), got[CALLKEY_KEY_BYTES];
	memset(got, 0xa5, sizeof got);
	CHECK_STATUS(callkey_plaintext_decode(got, plaintext, n, number_in("enc_version")), want);
	CHECK(check_out("key", got, sizeof got) || want != CALLKEY_OK);
	free(plaintext);
}

static const struct {
	const char *function;
	void (*run)(void);
} runners[] = {
	{"callkey_check", run_check},
	{"callkey_fingerprint", run_fingerprint},
	{"callkey_participant_id", run_participant_id},
	{"callkey_derive_e2e_keys", run_e2e_keys},
	{"callkey_derive_e2e_keys_raw", run_e2e_keys_raw},
	{"callkey_derive_e2e_keys_batch", run_e2e_keys_batch},
	{"callkey_derive_e2e_sframe_key", run_sframe_key},
	{"callkey_derive_warp_auth_key", run_warp_auth_key},
	{"callkey_derive_hbh_keys", run_hbh_keys},
	{"callkey_derive_ssrcs", run_ssrcs},
	{"callkey_raw_e2e_decode", run_raw_e2e},
	{"callkey_plaintext_encode", run_plaintext_encode},
	{"callkey_plaintext_decode", run_plaintext_decode},
};
enum { RUNNERS = sizeof runners / sizeof runners[0] };

static callkey_status status_named(const char *name)
{
	callkey_status s;
	for (s = CALLKEY_OK; s >= CALLKEY_ERR_INTERNAL; s--)
		if (strcmp(callkey_status_name(s), name) == 0)
			return s;
	CHECK(!"a vector names an unknown status");
	return CALLKEY_OK;
}

static json *file;
static void (*runner)(void);

/* If one of these failed, a C program would have other media keys than the peer, or would take an
 * input that must be refused. */
static void run_cases(void)
{
	const json *c, *error;
	char words[256];
	CHECK(json_member(file, "cases")->first != NULL);
	for (c = json_member(file, "cases")->first; c != NULL; c = c->next) {
		snprintf(words, sizeof words, "%s", json_member(c, "name")->text);
		check_context(words);
		in = json_member(c, "in");
		out = json_member(c, "out");
		error = json_member(c, "error");
		CHECK((out == NULL) != (error == NULL));
		want = error == NULL ? CALLKEY_OK : status_named(error->text);
		runner();
		check_context(NULL);
	}
}

/* If this failed, a whole file of known answers would be left out without a word. */
static int files_run[RUNNERS];
static void every_function_has_its_vectors(void)
{
	size_t i;
	for (i = 0; i < RUNNERS; i++) {
		check_context(runners[i].function);
		CHECK(files_run[i] == 1);
	}
}

static const char *unread;
static void file_is_read(void)
{
	check_context(unread);
	CHECK(!"the file is not a vector of a known function");
}

static void test_file(const char *directory, const char *name)
{
	char path[1024];
	const char *function = NULL;
	size_t i;
	snprintf(path, sizeof path, "%s/%s", directory, name);
	file = json_read(path);
	if (json_member(file, "function") != NULL)
		function = json_member(file, "function")->text;
	if (function != NULL && strncmp(function, "primitive_", 10) == 0) {
		json_free(file);
		return;
	}
	for (i = 0; function != NULL && i < RUNNERS; i++) {
		if (strcmp(runners[i].function, function) == 0) {
			files_run[i]++;
			runner = runners[i].run;
			test(name, run_cases);
			json_free(file);
			return;
		}
	}
	unread = name;
	test(name, file_is_read);
	json_free(file);
}

void test_vectors(const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *entry;
	size_t n;
	while (d != NULL && (entry = readdir(d)) != NULL) {
		n = strlen(entry->d_name);
		if (n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0)
			test_file(directory, entry->d_name);
	}
	if (d != NULL)
		closedir(d);
	TEST(every_function_has_its_vectors);
}
