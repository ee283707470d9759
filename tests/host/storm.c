/* storm WAY SIGNAL USE: a host with a handler, installed with signal() and so without SA_ONSTACK, and with
 * a timer of 5,000 Hz for each of its threads, which call the library. USE is the number of bytes of stack
 * that the handler uses, or "backtrace", or "call": then the handler calls the library. */
#define _GNU_SOURCE
#include "guest.h"

#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 2, SIGNALS = 150, CALLS = 60, HERTZ = 5000 };

static size_t bytes;
static int tracing, calling;
static int number;
static atomic_long called, wrong, hits;
static _Thread_local work *mine;
static _Thread_local volatile long handled;

static void take(size_t n)
{
	volatile char block[100];

	memset((char *)block, 0xaa, sizeof block);
	if (n > 2 * sizeof block)
		take(n - sizeof block);
	block[0]++;
}

static void handler(int signal)
{
	void *frames[64];

	(void)signal;
	handled++;
	hits++;
	if (tracing)
		backtrace(frames, 64);
	else if (!calling)
		take(bytes);
	else if (mine != NULL && handled % 8 == 0) {
		called++;
		if (!guest_call(mine, (unsigned)handled / 8))
			wrong++;
	}
}

static timer_t timer_of_this_thread(void)
{
	struct sigevent event;
	struct itimerspec every = {{0, 1000000000 / HERTZ}, {0, 1000000000 / HERTZ}};
	timer_t timer;

	memset(&event, 0, sizeof event);
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = number;
#ifndef sigev_notify_thread_id
#  define sigev_notify_thread_id _sigev_un._tid
#endif
	event.sigev_notify_thread_id = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &every, NULL) != 0)
		exit(2);
	return timer;
}

static void *host(void *unused)
{
	timer_t timer = timer_of_this_thread();
	unsigned i;

	/* The signals start before the thread's first call. */
	if ((mine = guest_begin()) == NULL)
		exit(2);
	for (i = 0; i < CALLS || handled < SIGNALS; i++)
		if (!guest_call(mine, i))
			wrong++;
	timer_delete(timer);
	guest_end(mine);
	mine = NULL;
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	void *frames[4];
	int i;

	if (argc != 4)
		return 2;
	backtrace(frames, 4); /* its first call loads a library */
	number = strcmp(argv[2], "PROF") == 0 ? SIGPROF : strcmp(argv[2], "VTALRM") == 0 ? SIGVTALRM : SIGALRM;
	bytes = (size_t)atol(argv[3]);
	tracing = strcmp(argv[3], "backtrace") == 0;
	calling = strcmp(argv[3], "call") == 0;
	guest_early(argv[1]);
	signal(number, handler);
	guest_late();
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, host, NULL) != 0)
			return 2;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (wrong != 0 || (calling && called == 0)) {
		fprintf(stderr, "%s: %ld wrong answers, %ld calls in handlers\n", argv[1], (long)wrong, (long)called);
		return 1;
	}
	printf("%ld\n", (long)hits);
	return 0;
}
