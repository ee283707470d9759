#define _POSIX_C_SOURCE 200809L
#include "apart.h"

#ifdef _WIN32

void apart_run(void (*program)(void))
{
	(void)program;
}

void apart_hop(void) { }

#else

#  include <pthread.h>
#  include <stdlib.h>
#  include <ucontext.h>
#  include <unistd.h>

static ucontext_t place, *thread; /* where the program is, and the thread that it runs in */
static void (*whole)(void);
static int running, finished;

/* Continues the program until its next hop, starts the next thread and waits. */
static void *carry(void *unused)
{
	ucontext_t own;
	pthread_t next;

	(void)unused;
	thread = &own;
	swapcontext(&own, &place);
	if (finished)
		exit(0);
	if (pthread_create(&next, NULL, carry, NULL) != 0)
		abort();
	for (;;)
		pause();
}

void apart_hop(void)
{
	if (running)
		swapcontext(&place, thread);
}

static void begin(void)
{
	whole();
	finished = 1;
	apart_hop();
}

void apart_run(void (*program)(void))
{
	static char stack[1 << 20];

	whole = program;
	running = 1;
	getcontext(&place);
	place.uc_stack.ss_sp = stack;
	place.uc_stack.ss_size = sizeof stack;
	makecontext(&place, begin, 0);
	carry(NULL);
}

#endif
