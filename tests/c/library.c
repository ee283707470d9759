/* The library section, and the key. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* If this failed, the library would not know a broken build or processor from a good one. */
static void selftest_passes(void)
{
	CHECK_STATUS(callkey_selftest(), CALLKEY_OK);
}

static void *read_error(void *out)
{
	size_t n = 512;
	CHECK_STATUS(callkey_last_error(out, &n), CALLKEY_OK);
	return NULL;
}

/* If this failed, a person would read the text of another thread's failure, or of none. */
static void last_error_is_the_threads_own(void)
{
	char text[512], other[512], again[512];
	size_t n, need;
	pthread_t thread;
	uint8_t key[CALLKEY_KEY_BYTES] = {0};

	CHECK_STATUS(callkey_check(key, 31), CALLKEY_ERR_KEY_LENGTH);
	n = sizeof text;
	CHECK_STATUS(callkey_last_error(text, &n), CALLKEY_OK);
	CHECK(strstr(text, "31") != NULL);
	CHECK(n == strlen(text) + 1);

	CHECK(pthread_create(&thread, NULL, read_error, other) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(strcmp(other, "") == 0);

	/* A success, and the function's own failures, leave the text as it is. */
	CHECK_STATUS(callkey_check(key, 32), CALLKEY_OK);
	need = 0;
	CHECK_STATUS(callkey_last_error(NULL, &need), CALLKEY_ERR_BUFFER);
	CHECK(need == n);
	need = n - 1;
	memset(again, 0x5a, sizeof again);
	CHECK_STATUS(callkey_last_error(again, &need), CALLKEY_ERR_BUFFER);
	CHECK(need == n && all_bytes(again, 0x5a, sizeof again));
	CHECK_STATUS(callkey_last_error(again, NULL), CALLKEY_ERR_ARGUMENT);
	need = 7;
	CHECK_STATUS(callkey_last_error(NULL, &need), CALLKEY_ERR_ARGUMENT);
	CHECK(need == 0);
	need = n;
	CHECK_STATUS(callkey_last_error(again, &need), CALLKEY_OK);
	CHECK(strcmp(again, text) == 0);

	CHECK_STATUS(callkey_generate(NULL), CALLKEY_ERR_ARGUMENT);
	n = sizeof text;
	CHECK_STATUS(callkey_last_error(text, &n), CALLKEY_OK);
	CHECK(strcmp(text, "key is NULL") == 0);
}

/* If this failed, two calls would share a key, or a key could be guessed. */
static void keys_are_fresh(void)
{
	enum { N = 64 };
	static uint8_t keys[N][CALLKEY_KEY_BYTES];
	int i, j, ones = 0;
	for (i = 0; i < N; i++) {
		CHECK_STATUS(callkey_generate(keys[i]), CALLKEY_OK);
		for (j = 0; j < i; j++)
			CHECK(memcmp(keys[i], keys[j], CALLKEY_KEY_BYTES) != 0);
		for (j = 0; j < CALLKEY_KEY_BYTES * 8; j++)
			ones += keys[i][j / 8] >> (j % 8) & 1;
	}
	/* 16384 bits: eight standard deviations are 512. */
	CHECK(ones > 8192 - 512 && ones < 8192 + 512);
}

/* If this failed, a secret would stay in memory after the program had wiped it. */
static void wipe_clears_exactly_its_bytes(void)
{
	uint8_t memory[100];
	memset(memory, 0xa5, sizeof memory);
	callkey_wipe(memory + 10, 80);
	CHECK(all_bytes(memory, 0xa5, 10));
	CHECK(all_bytes(memory + 10, 0, 80));
	CHECK(all_bytes(memory + 90, 0xa5, 10));
	callkey_wipe(NULL, 0);
	callkey_wipe(NULL, 80);
	callkey_wipe(memory, 0);
	CHECK(memory[0] == 0xa5);
}

void test_library(void)
{
	TEST(selftest_passes);
	TEST(last_error_is_the_threads_own);
	TEST(keys_are_fresh);
	TEST(wipe_clears_exactly_its_bytes);
}
