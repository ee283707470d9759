/* ending WAY: the last steps of a thread that called the library. Destructors of pthread keys, created
 * before and after the library's key, run in every round that POSIX allows, even after the library has
 * released the thread. In each round the thread's state must be unchanged and a call must work. */
#define _GNU_SOURCE
#include "guest.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREADS = 24, STACK = 8 << 10 };

static pthread_key_t early, late;
static int destroyed;

/* The state that the thread has set, and the number of runs of its destructors. */
typedef struct owner {
	unsigned long mask;
	stack_t stack;
	int cancel, calls, rounds;
} owner;

static unsigned long mask_now(void)
{
	unsigned long mask;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &mask, sizeof mask);
	return mask;
}

static void look(const owner *o, const char *at)
{
	unsigned long mask = mask_now();
	stack_t stack;

	if (mask != o->mask) {
		fprintf(stderr, "%s, round %d: the signal mask is %lx, not %lx\n", at, o->rounds / 2, mask, o->mask);
		exit(1);
	}
	sigaltstack(NULL, &stack);
	if (stack.ss_sp != o->stack.ss_sp || stack.ss_size != o->stack.ss_size ||
	    stack.ss_flags != o->stack.ss_flags) {
		fprintf(stderr, "%s, round %d: the alternate stack is %p, %zu bytes, flags %x\n", at, o->rounds / 2,
		        stack.ss_sp, stack.ss_size, (unsigned)stack.ss_flags);
		exit(1);
	}
}

static void call(owner *o)
{
	work *w = guest_begin();
	unsigned i;

	if (w == NULL)
		exit(1);
	for (i = 0; i < 4; i++) {
		if (!guest_call(w, i)) {
			fprintf(stderr, "a wrong answer in round %d\n", o->rounds / 2);
			exit(1);
		}
		o->calls++;
	}
	guest_end(w);
}

static void again(pthread_key_t key, owner *o)
{
	look(o, "at first");
	if (o->calls >= 0) {
		call(o);
		look(o, "after calls");
	}
	o->rounds++;
	destroyed++;
	/* In the last round this has no effect. */
	pthread_setspecific(key, o);
}

static void end_early(void *value)
{
	again(early, value);
}

static void end_late(void *value)
{
	again(late, value);
}

/* Odd threads block all signals and have their own alternate stack; every third one also calls in its
 * destructors, after the library has released it. */
static void *run(void *number)
{
	static owner owners[THREADS];
	static char stacks[THREADS][STACK];
	const int n = *(int *)number;
	owner *o = &owners[n];

	if (n % 2) {
		o->stack.ss_sp = stacks[n];
		o->stack.ss_size = STACK;
		o->mask = ~0ul;
		sigaltstack(&o->stack, NULL);
	} else {
		o->mask = 1ul << (SIGUSR1 - 1);
	}
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &o->mask, NULL, sizeof o->mask);
	o->mask = mask_now(); /* without SIGKILL and SIGSTOP */
	sigaltstack(NULL, &o->stack);
	call(o);
	look(o, "in the thread");
	if (n % 3)
		o->calls = -1000; /* none in the destructors */
	pthread_setspecific(early, o);
	pthread_setspecific(late, o);
	return NULL;
}

int main(int argc, char **argv)
{
	int numbers[THREADS], i;
	pthread_t thread;
	work *w;

	if (argc != 2)
		return 2;
	guest_early(argv[1]);
	if (pthread_key_create(&early, end_early) != 0)
		return 2;
	guest_late();
	if ((w = guest_begin()) == NULL || pthread_key_create(&late, end_late) != 0)
		return 2;
	for (i = 0; i < THREADS; i++) {
		numbers[i] = i;
		if (pthread_create(&thread, NULL, run, &numbers[i]) != 0)
			return 2;
		pthread_join(thread, NULL);
	}
	if (destroyed != THREADS * 2 * PTHREAD_DESTRUCTOR_ITERATIONS) {
		fprintf(stderr, "%d destructors\n", destroyed);
		return 2;
	}
	for (i = 0; i < 8; i++)
		if (!guest_call(w, (unsigned)i))
			return 1;
	guest_end(w);
	printf("%d\n", destroyed);
	return 0;
}
