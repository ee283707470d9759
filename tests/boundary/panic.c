/* A bug while other threads are inside the library: callkey_selftest panics in this build. As soon as its
 * caller knows, calls of all threads fail; none works, crashes or hangs. Prints the number of rejected
 * calls. */
#define _POSIX_C_SOURCE 200809L
#include "every.h"
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 6 };

#define EXPECT(condition) \
	do { if (!(condition)) { fprintf(stderr, "not so: %s\n", #condition); exit(1); } } while (0)

static atomic_int struck, refusing, stop;
static atomic_long worked, refused;
static pair accounts;

/* Each thread has its own outputs; those of every.c are shared. */
static callkey_status one_call(int kind)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	callkey_srtp_keys keys;
	callkey_status status;
	callkey_store s;
	sealed enc;

	switch (kind % 4) {
	case 0: return callkey_generate(key);
	case 1: return callkey_derive_e2e_keys(&keys, accounts.key, sizeof accounts.key, BOB);
	case 2: return pair_seal(&accounts, &enc);
	}
	status = callkey_store_open(&s, NULL, NULL, 0, NULL);
	return status == CALLKEY_OK ? callkey_store_close(s) : status;
}

static void *busy(void *which)
{
	int kind = *(int *)which, seen = 0;

	while (!stop) {
		int before = struck;
		callkey_status status = one_call(kind++);
		if (status == CALLKEY_ERR_INTERNAL) {
			if (!seen)
				refusing++;
			seen = 1;
			refused++;
		} else {
			EXPECT(status == CALLKEY_OK);
			EXPECT(!seen);   /* no success after the first failure */
			EXPECT(!before); /* or in a call that began after the bug was known */
			worked++;
		}
	}
	return NULL;
}

static void pause_ms(long ms)
{
	struct timespec t = {0, ms * 1000000};

	nanosleep(&t, NULL);
}

int main(void)
{
	pthread_t threads[THREADS];
	int kinds[THREADS], i;
	char words[512];
	size_t n = sizeof words, k;

	alarm(60); /* ends a call that waits for a lock that the bug left held */
	EXPECT(every_prepare() == CALLKEY_OK);
	EXPECT(pair_open(&accounts) == CALLKEY_OK);
	for (i = 0; i < THREADS; i++) {
		kinds[i] = i;
		EXPECT(pthread_create(&threads[i], NULL, busy, &kinds[i]) == 0);
	}
	pause_ms(100);
	EXPECT(callkey_selftest() == CALLKEY_ERR_INTERNAL);
	struck = 1;
	while (refusing < THREADS) /* until every thread has seen INTERNAL */
		pause_ms(10);
	pause_ms(100);
	stop = 1;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (k = 0; k < every_count; k++)
		EXPECT(every_calls[k].call(every_store(&every_calls[k])) == CALLKEY_ERR_INTERNAL);
	EXPECT(callkey_last_error(words, &n) == CALLKEY_OK && strstr(words, "index out of range") != NULL);
	EXPECT(worked > 100 && refused > 100);
	printf("%ld calls of %d threads worked before it, %ld were refused after it\n", (long)worked, THREADS,
	       (long)refused);
	return 0;
}
