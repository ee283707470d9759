/* One fault in a host with the library inside: fault WAY WHAT HANDLER STACK THREAD WHEN
 *
 *   WHAT     bug: in the library's Go code (a build with a bug in callkey_selftest), selected by
 *            CALLKEY_PROVOKE; or in the host's own code: read, bus, divide, illegal, overflow (of
 *            the stack), raise (a SIGSEGV as if from another process), abort
 *   HANDLER  none; the host's handler, installed before or after the library is loaded; chain: one
 *            installed after it that passes a fault on to the previous one. With -onstack: SA_ONSTACK
 *   STACK    the thread's alternate stack in KB, 0: none
 *   THREAD   main or other
 *   WHEN     first, or later: after calls on that thread
 *
 * The exit status is 0 if a bug gave INTERNAL and left the thread unchanged, 70 if it reached the host's
 * handler, 71 if the handler jumped out of the host's own fault and calls still worked. */
#define _GNU_SOURCE
#include "guest.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *what, *when, *way;
static int chained, in_bug;
static size_t stack_bytes;
static struct sigaction found[65];
static sigjmp_buf out;
static char *beyond; /* a mapped page past the end of its file */
static volatile int zero;

static void handler(int signal, siginfo_t *info, void *context)
{
	/* As the kernel sets them, for crash reporters. */
	if (strcmp(what, "bug") == 0 || strcmp(what, "read") == 0) {
		if (signal != SIGSEGV || (size_t)info->si_addr > 4096 || info->si_code != SEGV_MAPERR)
			_exit(72);
	}
	if (strcmp(what, "bus") == 0 && (signal != SIGBUS || info->si_addr != beyond))
		_exit(72);
	if (chained && (found[signal].sa_flags & SA_SIGINFO)) {
		found[signal].sa_sigaction(signal, info, context);
		return;
	}
	if (in_bug || strcmp(what, "abort") == 0)
		_exit(70);
	siglongjmp(out, 1);
}

static void install(int flags)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct sigaction a;
	size_t i;

	memset(&a, 0, sizeof a);
	a.sa_sigaction = handler;
	a.sa_flags = SA_SIGINFO | flags;
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigaction(signals[i], &a, &found[signals[i]]) != 0)
			exit(2);
}

__attribute__((noinline)) static int overflow(int n)
{
	volatile char block[1024];

	memset((char *)block, n, sizeof block);
	return n < 0 ? n : overflow(n + 1) + block[n & 1023];
}

static void prepare_bus(void)
{
	FILE *file = tmpfile();

	beyond = file == NULL ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fileno(file), 0);
	if (beyond == MAP_FAILED)
		exit(2);
}

static volatile int *volatile nowhere = (volatile int *)8;

static void fault(void)
{
	if (strcmp(what, "read") == 0)
		*nowhere;
	else if (strcmp(what, "bus") == 0)
		*(volatile char *)beyond;
	else if (strcmp(what, "divide") == 0)
		zero = 7000 / zero;
	else if (strcmp(what, "illegal") == 0)
		__builtin_trap();
	else if (strcmp(what, "overflow") == 0)
		zero = overflow(0);
	else if (strcmp(what, "raise") == 0)
		raise(SIGSEGV);
	else
		abort();
}

static void bug(void)
{
	sigset_t before, after;
	stack_t stack, is;

	sigemptyset(&before);
	sigemptyset(&after);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	sigaltstack(NULL, &stack);
	in_bug = 1;
	if (!guest_bug("nil pointer"))
		exit(1);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	sigaltstack(NULL, &is);
	exit(memcmp(&before, &after, 8) == 0 && stack.ss_sp == is.ss_sp &&
	             stack.ss_flags == is.ss_flags && stack.ss_size == is.ss_size ? 0 : 3);
}

/* Calls that work before and after the host's fault, unless the fault is the library's bug. */
static void calls(void)
{
	work *w = guest_begin();
	unsigned i;

	for (i = 0; w != NULL && i < 8; i++)
		if (!guest_call(w, i))
			exit(1);
	if (w == NULL)
		exit(1);
	guest_end(w);
}

static void *run(void *unused)
{
	stack_t stack;

	memset(&stack, 0, sizeof stack);
	stack.ss_size = stack_bytes;
	if (stack_bytes == 0)
		stack.ss_flags = SS_DISABLE;
	else if ((stack.ss_sp = malloc(stack_bytes)) == NULL)
		exit(2);
	if (sigaltstack(&stack, NULL) != 0)
		exit(2);
	if (strcmp(when, "later") == 0)
		calls();
	if (strcmp(what, "bug") == 0)
		bug();
	if (sigsetjmp(out, 1) == 0)
		fault();
	calls();
	_exit(71);
	return unused;
}

int main(int argc, char **argv)
{
	const char *installed;
	pthread_t thread;
	int flags;

	if (argc != 7)
		return 2;
	way = argv[1];
	what = argv[2];
	installed = argv[3];
	stack_bytes = (size_t)atoi(argv[4]) << 10;
	when = argv[6];
	flags = strstr(installed, "-onstack") != NULL ? SA_ONSTACK : 0;
	chained = strncmp(installed, "chain", 5) == 0;
	if (strcmp(what, "bus") == 0)
		prepare_bus();
	if (strncmp(installed, "before", 6) == 0)
		install(flags);
	guest_early(way);
	guest_late();
	if (strncmp(installed, "after", 5) == 0 || chained)
		install(flags);
	if (strcmp(argv[5], "main") == 0)
		run(NULL);
	else if (pthread_create(&thread, NULL, run, NULL) == 0)
		pthread_join(thread, NULL);
	return 2;
}
