/* output FOLDER: calls every function, with valid and with wrong arguments, also on a store in a file,
 * between two marks in the trace of system calls; then makes long calls in two threads. Prints nothing;
 * the exit status is 0 if the calls worked. */
#define _POSIX_C_SOURCE 200809L
#include "every.h"
#include "pair.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPECT(condition) do { if (!(condition)) return __LINE__; } while (0)

static int in_a_file(const char *folder)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {1, 2, 3};
	static const uint8_t wrong_key[CALLKEY_STORAGE_KEY_BYTES] = {3, 2, 1};
	callkey_store s, other;
	callkey_prekey prekeys[20];
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_identity own;
	char path[512], nowhere[600];

	snprintf(path, sizeof path, "%s/store", folder);
	snprintf(nowhere, sizeof nowhere, "%s/no such folder/store", folder);
	EXPECT(callkey_store_open(&s, path, storage_key, sizeof storage_key, NULL) == CALLKEY_OK);
	EXPECT(callkey_store_add_prekeys(s, prekeys, 20) == CALLKEY_OK);
	EXPECT(callkey_store_take_bundle(s, &bundle) == CALLKEY_OK);
	EXPECT(callkey_store_open(&other, path, wrong_key, sizeof wrong_key, NULL) == CALLKEY_ERR_STORE_KEY);
	EXPECT(callkey_store_open(&other, nowhere, storage_key, sizeof storage_key, NULL) == CALLKEY_ERR_STORE);
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
	EXPECT(callkey_store_open(&s, path, storage_key, sizeof storage_key, NULL) == CALLKEY_OK);
	EXPECT(callkey_store_identity(s, &own) == CALLKEY_OK);
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
	return 0;
}

#define PEOPLE 4096
#define FRAME (8 << 20) /* bytes */

static const uint8_t key[CALLKEY_KEY_BYTES] = {1, 2, 3};

static void *long_work(void *failed)
{
	static char person[PEOPLE][32];
	static const char *people[PEOPLE];
	const uint8_t packet[64] = {0x80};
	size_t index;
	int i;

	for (i = 0; i < PEOPLE; i++) {
		snprintf(person[i], sizeof person[i], "%d:0@lid", 1000000 + i);
		people[i] = person[i];
	}
	for (i = 0; i < 10; i++)
		if (callkey_select_participant(&index, key, sizeof key, people, PEOPLE, packet, sizeof packet,
		                               0, 10) != CALLKEY_ERR_AUTHENTICATION)
			*(int *)failed = __LINE__;
	return NULL;
}

/* A lot of work for Go's collector, which has to stop all threads now and then, next to a thread that
 * computes without a pause. */
static int two_threads(void)
{
	static uint8_t frame[FRAME], sealed[FRAME + CALLKEY_SFRAME_OVERHEAD_MAX_BYTES];
	uint8_t sframe[CALLKEY_SFRAME_KEY_BYTES];
	pthread_t other;
	int failed = 0, i;

	EXPECT(callkey_derive_e2e_sframe_key(sframe, key, sizeof key, "1:0@lid") == CALLKEY_OK);
	EXPECT(pthread_create(&other, NULL, long_work, &failed) == 0);
	for (i = 0; i < 20; i++) {
		size_t n = sizeof sealed;
		EXPECT(callkey_sframe_seal(sealed, &n, sframe, sizeof sframe, frame, sizeof frame, i, 1) ==
		       CALLKEY_OK);
	}
	pthread_join(other, NULL);
	return failed;
}

int main(int argc, char **argv)
{
	char words[512];
	size_t i, n = sizeof words;
	int failed;

	if (argc != 2)
		return 2;
	EXPECT(callkey_selftest() == CALLKEY_OK); /* now the Go runtime has started */
	access("/mark/begin", F_OK);
	every_folder = argv[1];
	EXPECT(every_prepare() == CALLKEY_OK);
	for (i = 0; i < every_count; i++)
		EXPECT(every_calls[i].call(every_store(&every_calls[i])) == CALLKEY_OK);
	for (i = 0; i < every_count; i++) /* rejected */
		if (every_calls[i].store != 0)
			EXPECT(every_calls[i].call(1) == CALLKEY_ERR_HANDLE);
	EXPECT(callkey_generate(NULL) == CALLKEY_ERR_ARGUMENT);
	EXPECT(callkey_last_error(words, &n) == CALLKEY_OK && strstr(words, "NULL") != NULL);
	failed = in_a_file(argv[1]);
	if (failed == 0)
		failed = two_threads();
	every_done();
	access("/mark/end", F_OK);
	return failed;
}
