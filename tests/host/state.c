#define _GNU_SOURCE
#include "state.h"
#include "floats.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SMALL = 8 << 10, LARGE = 64 << 10, SIGNALS = 64 };

/* The kernel's own view of an action: glibc's hides the real flags. */
typedef struct action {
	void (*handler)(int);
	unsigned long flags;
#ifdef SA_RESTORER
	void (*restorer)(void);
#endif
	unsigned long mask;
} action;

typedef struct state {
	unsigned long mask;
	stack_t stack;
	floats floats;
	int error, cancel, type;
} state;

static _Thread_local char small[SMALL], large[LARGE];
static _Thread_local state before, set;
static _Thread_local char changed[128];

static action actions[SIGNALS + 1];
static char folder[4096];
static mode_t creation;

static unsigned long mask_now(void)
{
	unsigned long mask;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &mask, sizeof mask);
	return mask;
}

static void mask_set(unsigned long mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}

static action action_of(int signal)
{
	action now;

	memset(&now, 0, sizeof now);
	syscall(SYS_rt_sigaction, signal, NULL, &now, sizeof now.mask);
	return now;
}

static void handler(int signal)
{
	(void)signal;
}

static int is_fault(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
	       signal == SIGTRAP || signal == SIGSYS || signal == SIGABRT;
}

/* Before the library is initialised, even a linked one: some signals get handlers and masks, some are
 * ignored, mostly in ways that Go would not choose. */
static void process_set(void)
{
	int signal;

	for (signal = 1; signal <= SIGNALS; signal++) {
		struct sigaction a;

		memset(&a, 0, sizeof a);
		a.sa_handler = signal % 5 == 0 ? SIG_IGN : handler;
		a.sa_flags = signal % 2 ? SA_RESTART : signal % 3 ? SA_NODEFER | SA_ONSTACK : 0;
		if (signal % 7 == 0)
			sigaddset(&a.sa_mask, SIGUSR2);
		if (getenv("STATE_NO_HANDLERS") == NULL && signal % 4 != 0 && !is_fault(signal))
			sigaction(signal, &a, NULL);
		actions[signal] = action_of(signal);
	}
	umask(creation = 027);
	if (getcwd(folder, sizeof folder) == NULL)
		abort();
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = process_set;

static state state_now(void)
{
	state now;

	memset(&now, 0, sizeof now);
	now.error = errno;
	now.floats = floats_now();
	now.mask = mask_now();
	sigaltstack(NULL, &now.stack);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &now.cancel);
	pthread_setcancelstate(now.cancel, NULL);
	pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &now.type);
	pthread_setcanceltype(now.type, NULL);
	return now;
}

static void state_take(const state *s)
{
	mask_set(s->mask);
	sigaltstack(&s->stack, NULL);
	pthread_setcancelstate(s->cancel, NULL);
	pthread_setcanceltype(s->type, NULL);
	floats_set(&s->floats);
	errno = s->error;
}

void state_set(unsigned number)
{
	static const unsigned long masks[] = {0, ~0ul, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 1ul << (SIGPROF - 1)};
	state s;

	before = state_now();
	memset(&s, 0, sizeof s);
	s.mask = masks[number % 5];
	switch (number % 3) {
	case 0: s.stack.ss_flags = SS_DISABLE; break;
	case 1: s.stack.ss_sp = small; s.stack.ss_size = sizeof small; break;
	default: s.stack.ss_sp = large; s.stack.ss_size = sizeof large;
	}
	s.floats = floats_number(number);
	s.error = (int)(number % 2 ? 0 : 1000 + number % 7);
	s.cancel = number / 5 % 2 ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
	s.type = PTHREAD_CANCEL_DEFERRED;
	state_take(&s);
	set = state_now(); /* as the kernel reports it */
	state_take(&set);
}

void state_back(void)
{
	state_take(&before);
}

const char *state_process_changed(void)
{
	char now[sizeof folder];
	mode_t mode = umask(creation);
	int signal;

	if (mode != creation) {
		snprintf(changed, sizeof changed, "umask: %o, not %o", (unsigned)mode, (unsigned)creation);
		return changed;
	}
	if (getcwd(now, sizeof now) == NULL || strcmp(now, folder) != 0)
		return "the folder that the process works in";
	for (signal = 1; signal <= SIGNALS; signal++) {
		action is = action_of(signal), was = actions[signal];

		/* 32 and 33 are the C library's own. */
		if (signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == 32 || signal == 33)
			continue;
		/* A system call that the library makes may be trapped. */
		if (signal == SIGSYS && was.handler != 0)
			was.flags |= SA_ONSTACK;
		if (is.handler != was.handler || is.flags != was.flags || is.mask != was.mask) {
			snprintf(changed, sizeof changed,
			         "the action of signal %d: handler %s, flags %lx, not %lx", signal,
			         is.handler == was.handler ? "as before" : "another", is.flags, was.flags);
			return changed;
		}
	}
	return NULL;
}

const char *state_changed(void)
{
	state now = state_now();
	const char *what = NULL;

	floats_default();
	if (now.error != set.error) {
		snprintf(changed, sizeof changed, "errno: %d, not %d", now.error, set.error);
		what = changed;
	} else if ((what = floats_differ(&now.floats, &set.floats)) != NULL) {
	} else if (now.mask != set.mask) {
		snprintf(changed, sizeof changed, "the signal mask: %lx, not %lx", now.mask, set.mask);
		what = changed;
	} else if (now.stack.ss_flags != set.stack.ss_flags || now.stack.ss_sp != set.stack.ss_sp ||
	           now.stack.ss_size != set.stack.ss_size) {
		snprintf(changed, sizeof changed, "the alternate stack: %p, %zu bytes, flags %x, not %p, %zu, %x",
		         now.stack.ss_sp, now.stack.ss_size, (unsigned)now.stack.ss_flags, set.stack.ss_sp,
		         set.stack.ss_size, (unsigned)set.stack.ss_flags);
		what = changed;
	} else if (now.cancel != set.cancel || now.type != set.type) {
		what = "the thread's cancellation";
	} else {
		what = state_process_changed();
	}
	state_take(&set);
	return what;
}
