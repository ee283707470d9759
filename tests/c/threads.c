/* Calls from many threads at once. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 25 };

static accounts a;
static uint8_t ciphertexts[THREADS * ROUNDS][512];
static size_t lengths[THREADS * ROUNDS];
static uint32_t types[THREADS * ROUNDS];

static void *seal_many(void *argument)
{
	size_t thread = (size_t)(intptr_t)argument, i, at;
	uint8_t key[CALLKEY_KEY_BYTES] = {0};
	for (i = 0; i < ROUNDS; i++) {
		at = thread * ROUNDS + i;
		key[0] = (uint8_t)at;
		lengths[at] = sizeof ciphertexts[at];
		CHECK_STATUS(callkey_enc_seal(a.caller, ciphertexts[at], &lengths[at], &types[at], CALLEE, key,
		                              32), CALLKEY_OK);
	}
	return NULL;
}

static void start_all(pthread_t *threads, void *(*run)(void *))
{
	size_t i;
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, run, (void *)(intptr_t)i) == 0);
}

static void join_all(pthread_t *threads)
{
	size_t i;
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

/* If this failed, two messages to one device would share their key and counter, and one of them
 * would not open. */
static void one_session_from_many_threads(void)
{
	pthread_t threads[THREADS];
	uint8_t opened[CALLKEY_KEY_BYTES];
	size_t i;
	a = accounts_open();
	start_all(threads, seal_many);
	join_all(threads);
	for (i = 0; i < THREADS * ROUNDS; i++) {
		CHECK_STATUS(callkey_enc_open(a.callee, opened, CALLER, types[i], 2, ciphertexts[i], lengths[i]),
		             CALLKEY_OK);
		CHECK(opened[0] == (uint8_t)i && all_bytes(opened + 1, 0, 31));
	}
	accounts_close(a);
}

static callkey_store shared;
static atomic_int calls, refused;

static void *use_until_closed(void *argument)
{
	callkey_prekey_bundle bundle;
	callkey_status status;
	(void)argument;
	for (;;) {
		status = callkey_store_bundle(shared, &bundle);
		if (status != CALLKEY_OK)
			break;
		calls++;
	}
	CHECK_STATUS(status, CALLKEY_ERR_HANDLE);
	CHECK(all_bytes(&bundle, 0, sizeof bundle));
	refused++;
	return NULL;
}

/* If this failed, closing a store while another thread uses it would crash the program or hang. */
static void a_store_is_closed_while_it_is_used(void)
{
	pthread_t threads[THREADS];
	callkey_prekey prekeys[64];
	CHECK_STATUS(callkey_store_open(&shared, NULL, NULL, 0, 0), CALLKEY_OK);
	CHECK_STATUS(callkey_store_add_prekeys(shared, prekeys, 64), CALLKEY_OK);
	calls = refused = 0;
	start_all(threads, use_until_closed);
	while (calls < 100) {
	}
	CHECK_STATUS(callkey_store_close(shared), CALLKEY_OK);
	join_all(threads);
	CHECK(refused == THREADS);
	CHECK_STATUS(callkey_store_close(shared), CALLKEY_ERR_HANDLE);
}

static void *one_call(void *argument)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	(void)argument;
	CHECK_STATUS(callkey_generate(key), CALLKEY_OK);
	return NULL;
}

/* If this failed, a program that starts a thread for each call would run out of something. */
static void many_short_threads(void)
{
	pthread_t thread;
	int i;
	for (i = 0; i < 500; i++) {
		CHECK(pthread_create(&thread, NULL, one_call, NULL) == 0);
		CHECK(pthread_join(thread, NULL) == 0);
	}
}

void test_threads(void)
{
	TEST(one_session_from_many_threads);
	TEST(a_store_is_closed_while_it_is_used);
	TEST(many_short_threads);
}
