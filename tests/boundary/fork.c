/* Forks while other threads are inside the library, and calls everything in each child: fork TIMES.
 * A child that waits for a lock or a thread of its parent would hang. Prints the longest time for all
 * calls in one child, in microseconds. */
#define _POSIX_C_SOURCE 200809L
#include "every.h"
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPECT(condition) \
	do { if (!(condition)) { fprintf(stderr, "not so: %s\n", #condition); exit(1); } } while (0)

static atomic_int stop;
static pair accounts;

static void *busy(void *unused)
{
	sealed enc;
	callkey_store s;

	while (!stop) {
		EXPECT(pair_seal(&accounts, &enc) == CALLKEY_OK);
		EXPECT(callkey_store_open(&s, NULL, NULL, 0, NULL) == CALLKEY_OK);
		EXPECT(callkey_store_close(s) == CALLKEY_OK);
	}
	return unused;
}

static long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The time, or -1 if a call did not return FORKED. */
static long in_child(void)
{
	long before = microseconds();
	size_t i;

	for (i = 0; i < every_count; i++)
		if (every_calls[i].call(every_store(&every_calls[i])) != CALLKEY_ERR_FORKED)
			return -1;
	return microseconds() - before;
}

int main(int argc, char **argv)
{
	int times = argc > 1 ? atoi(argv[1]) : 50, i, status, channel[2];
	long took, longest = 0;
	pthread_t threads[3];
	pid_t child;
	size_t k;

	EXPECT(every_prepare() == CALLKEY_OK);
	EXPECT(pair_open(&accounts) == CALLKEY_OK);
	EXPECT(pipe(channel) == 0);
	for (i = 0; i < 3; i++)
		EXPECT(pthread_create(&threads[i], NULL, busy, NULL) == 0);
	for (i = 0; i < times; i++) {
		child = fork();
		if (child == 0) {
			alarm(10);
			took = in_child();
			_exit(write(channel[1], &took, sizeof took) == sizeof took ? 0 : 1);
		}
		EXPECT(child > 0 && waitpid(child, &status, 0) == child && status == 0);
		EXPECT(read(channel[0], &took, sizeof took) == sizeof took && took >= 0);
		if (took > longest)
			longest = took;
	}
	stop = 1;
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	for (k = 0; k < every_count; k++) /* the parent goes on */
		EXPECT(every_calls[k].call(every_store(&every_calls[k])) == CALLKEY_OK);
	every_done();
	printf("%zu calls in each of %d children, all together within %ld us\n", every_count, times, longest);
	return 0;
}
