/* cancel WAY FOLDER: cancels threads while they call the library, with pthread_cancel at random moments,
 * and with asynchronous cancellation where it is allowed. A running call must end normally, then the
 * thread ends, and the library must keep working. */
#define _GNU_SOURCE
#include "guest.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CANCELLED = 8 };

static const char *folder;

typedef struct caller {
	work *w;
	pthread_barrier_t begun;
	int inside, wrong, cleaned, type;
	long calls;
} caller;

/* Runs in the thread as it ends: it may still call the library. */
static void clean(void *argument)
{
	caller *c = argument;

	if (c->inside && c->type == PTHREAD_CANCEL_DEFERRED) {
		fprintf(stderr, "a thread ended in the middle of a call\n");
		exit(1);
	}
	c->wrong += !guest_call(c->w, 0);
	c->cleaned = 1;
}

static void *call(void *argument)
{
	caller *c = argument;

	pthread_cleanup_push(clean, c);
	pthread_barrier_wait(&c->begun);
	pthread_setcanceltype(c->type, NULL);
	for (;;) {
		c->inside = 1;
		c->wrong += !guest_call(c->w, (unsigned)c->calls);
		/* It opens, reads, writes and syncs, which are cancellation points. */
		c->wrong += !guest_file(c->w, folder);
		c->inside = 0;
		c->calls++;
		pthread_testcancel();
	}
	pthread_cleanup_pop(0);
}

/* A thread that is cancelled asynchronously may leave the test's accounts in the middle of a step, so
 * nothing checks the result of its last call. Nor its own: if such a thread enables cancellation and was
 * cancelled before, glibc 2.36 ends it and leaves the result as it was (pthread_setcancelstate). */
static void cancel_one(int i)
{
	caller c = {0};
	pthread_t thread;
	void *result;

	c.type = i % 4 == 3 ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
	if ((c.w = guest_begin()) == NULL)
		exit(2);
	pthread_barrier_init(&c.begun, NULL, 2);
	if (pthread_create(&thread, NULL, call, &c) != 0)
		exit(2);
	pthread_barrier_wait(&c.begun);
	usleep((useconds_t)(rand() % 3000));
	pthread_cancel(thread);
	if (pthread_join(thread, &result) != 0 || !c.cleaned || c.wrong ||
	    (result != PTHREAD_CANCELED && c.type == PTHREAD_CANCEL_DEFERRED)) {
		fprintf(stderr, "cancelled: %d, cleaned up: %d, %d wrong answers in %ld rounds\n",
		        result == PTHREAD_CANCELED, c.cleaned, c.wrong, c.calls);
		exit(1);
	}
	/* The accounts and the file are free for the next thread. */
	if (!guest_call(c.w, 2) || !guest_file(c.w, folder)) {
		fprintf(stderr, "a wrong answer after a thread was cancelled\n");
		exit(1);
	}
	guest_end(c.w);
}

int main(int argc, char **argv)
{
	int i;

	if (argc != 3)
		return 2;
	folder = argv[2];
	srand((unsigned)getpid());
	guest_early(argv[1]);
	guest_late();
	for (i = 0; i < CANCELLED; i++)
		cancel_one(i);
	printf("%d\n", CANCELLED);
	return 0;
}
