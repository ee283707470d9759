/* Calls from many threads: on overlapping devices, on handles that other threads open and close, and
 * the last error of each thread. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "pair.h"
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 12, DEVICES = 4, MESSAGES = THREADS * ROUNDS };

static const char *const jids[DEVICES] = {
	"222222222222222:0@lid", "222222222222222:1@lid", "222222222222222:2@lid",
	"222222222222222:3@lid",
};
static callkey_store caller, callee[DEVICES];

static struct message {
	uint8_t key[CALLKEY_KEY_BYTES], offer[4096];
	size_t n;
} messages[MESSAGES];

static void in_threads(void *(*body)(void *))
{
	pthread_t threads[THREADS];
	size_t i, started = 0;

	for (i = 0; i < THREADS; i++)
		if (EXPECT(pthread_create(&threads[i], NULL, body, (void *)i) == 0))
			started++;
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

/* Each offer is for two or more of the devices, each in another order: locking in the order of the
 * arguments would deadlock here. */
static void *seal(void *thread)
{
	callkey_status statuses[DEVICES];
	uint32_t types[DEVICES];
	const char *list[DEVICES];
	size_t round, i;

	for (round = 0; round < ROUNDS; round++) {
		struct message *m = &messages[(size_t)thread * ROUNDS + round];
		for (i = 0; i < DEVICES; i++)
			list[i] = jids[((size_t)thread % 2 ? DEVICES - i : i + round) % DEVICES];
		m->n = sizeof m->offer;
		EXPECT_OK(callkey_generate(m->key));
		EXPECT_OK(callkey_offer_seal(caller, m->offer, &m->n, statuses, types, m->key,
		                             sizeof m->key, list, DEVICES, &pair_options));
		for (i = 0; i < DEVICES; i++)
			EXPECT(statuses[i] == CALLKEY_OK);
	}
	return NULL;
}

/* Two threads per device open the same messages in opposite order, so each message opens once and
 * is a duplicate once, whichever thread is first. */
static int opened[DEVICES][MESSAGES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *open_all(void *thread)
{
	size_t device = (size_t)thread % DEVICES, k;
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;

	for (k = 0; k < MESSAGES; k++) {
		size_t at = (size_t)thread < DEVICES ? k : MESSAGES - 1 - k;
		callkey_status status = callkey_offer_open(callee[device], key, &info, messages[at].offer,
		                                           messages[at].n, &jids[device], 1, NULL);
		if (status == CALLKEY_OK)
			EXPECT_BYTES(key, messages[at].key, sizeof key);
		else
			EXPECT_STATUS(status, CALLKEY_ERR_DUPLICATE);
		pthread_mutex_lock(&lock);
		opened[device][at] += status == CALLKEY_OK;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void overlap(const char *file)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {7};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	size_t i, k;

	memset(opened, 0, sizeof opened);
	if (file != NULL)
		REQUIRE_OK(callkey_store_open(&caller, file, storage_key, sizeof storage_key, NULL));
	else
		REQUIRE_OK(callkey_store_open(&caller, NULL, NULL, 0, NULL));
	for (i = 0; i < DEVICES; i++) {
		REQUIRE_OK(callkey_store_open(&callee[i], NULL, NULL, 0, NULL));
		REQUIRE_OK(callkey_store_take_bundle(callee[i], &bundle));
		REQUIRE_OK(callkey_session_begin(caller, jids[i], &bundle));
	}
	in_threads(seal);
	in_threads(open_all);
	for (i = 0; i < DEVICES; i++)
		for (k = 0; k < MESSAGES; k++)
			EXPECT(opened[i][k] == 1);
	EXPECT_OK(callkey_store_close(caller));
	for (i = 0; i < DEVICES; i++)
		EXPECT_OK(callkey_store_close(callee[i]));
}

static void in_memory(void)
{
	overlap(NULL);
}

static void in_a_file(void)
{
	char path[256];

	REQUIRE(folder_make());
	overlap(folder_path(path, sizeof path, "caller"));
	folder_remove();
}

static callkey_store closing;

/* Uses a store until another thread closes it: every call before the close must work, and every
 * call after it must return HANDLE. */
static void *use_until_closed(void *thread)
{
	uint8_t enc[512], key[CALLKEY_KEY_BYTES] = {1};
	int late = 0;

	for (;;) {
		size_t n = sizeof enc;
		uint32_t type = 7;
		callkey_status status = callkey_enc_seal(closing, enc, &n, &type, BOB, key, sizeof key);
		if (status == CALLKEY_OK) {
			EXPECT(late == 0);
			continue;
		}
		EXPECT_STATUS(status, CALLKEY_ERR_HANDLE);
		EXPECT(n == 0 && type == CALLKEY_ENC_NONE);
		if (status != CALLKEY_ERR_HANDLE || ++late == 3)
			return thread;
	}
}

static void *open_and_close(void *thread)
{
	callkey_identity own;
	callkey_store s;
	int i;

	for (i = 0; i < 20; i++) {
		if (!EXPECT_OK(callkey_store_open(&s, NULL, NULL, 0, NULL)))
			return thread;
		EXPECT_OK(callkey_store_identity(s, &own));
		EXPECT_OK(callkey_store_close(s));
		EXPECT_STATUS(callkey_store_identity(s, &own), CALLKEY_ERR_HANDLE);
	}
	return thread;
}

static void *one_of_them(void *thread)
{
	if ((size_t)thread == 0) {
		open_and_close(thread);
		EXPECT_OK(callkey_store_close(closing));
		EXPECT_STATUS(callkey_store_close(closing), CALLKEY_ERR_HANDLE);
		return thread;
	}
	return (size_t)thread < 4 ? open_and_close(thread) : use_until_closed(thread);
}

/* In a file: a call that continued after the close would use a closed database. */
static void open_and_closed(void)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {7};
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_store peer;
	char path[256];

	REQUIRE(folder_make());
	folder_path(path, sizeof path, "closing");
	REQUIRE_OK(callkey_store_open(&closing, path, storage_key, sizeof storage_key, NULL));
	REQUIRE_OK(callkey_store_open(&peer, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_take_bundle(peer, &bundle));
	REQUIRE_OK(callkey_session_begin(closing, BOB, &bundle));
	in_threads(one_of_them);
	EXPECT_OK(callkey_store_close(peer));
	folder_remove();
}

static void *own_error(void *thread)
{
	char want[64], text[512];
	uint8_t key[64] = {0};
	int i;

	snprintf(want, sizeof want, "%lu", (unsigned long)(33 + (size_t)thread));
	for (i = 0; i < 200; i++) {
		size_t n = sizeof text;
		EXPECT_STATUS(callkey_check(key, 33 + (size_t)thread), CALLKEY_ERR_KEY_LENGTH);
		EXPECT_OK(callkey_last_error(text, &n));
		if (strstr(text, want) == NULL)
			test_fail(__FILE__, __LINE__, "\"%s\" does not say %s bytes", text, want);
	}
	return thread;
}

static void own_errors(void)
{
	in_threads(own_error);
}

static const test tests[] = {
	{"in memory", "two calls at once use one message key twice, or deadlock", in_memory},
	{"in a file", "two calls at once fork a ratchet on disk", in_a_file},
	{"open and closed", "an app that logs out during a call crashes", open_and_closed},
	{"own errors", "the log of one call shows the error of another", own_errors},
};

TEST_MAIN(tests)
