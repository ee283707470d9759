/*
 * The host's thread while it is inside the library: what must be as it was when the call returns, and
 * what must not happen meanwhile.
 */
#ifndef CALLKEY_THREAD_H
#define CALLKEY_THREAD_H

#ifndef _WIN32
#  include <signal.h>
#endif

struct thread {
#ifndef _WIN32
	sigset_t mask;
	int cancel;
#endif
	int error;
	/* Control and flags of floating point. */
#if defined(__x86_64__)
	unsigned int mxcsr;
#elif defined(__i386__)
	unsigned int mxcsr, x87[7];
#elif defined(__aarch64__)
	unsigned long fpcr, fpsr;
#elif defined(__arm__)
	unsigned int fpscr;
#else
#  error "where does this processor keep the control and flags of floating point?"
#endif
};

/* Signals wait from here on, but those of a fault; so does a cancellation. Floating point is as C
 * starts with it. */
void thread_enter(struct thread *before);

/* Takes back the signal of a write beyond the host's limit of a file's size (RLIMIT_FSIZE): the call has
 * a status for it, and the signal would end the process. To be called before thread_leave. */
void thread_drop_file_signal(const struct thread *before);

/* Gives the thread back: signal mask, cancellation, floating point with its flags, errno. */
void thread_leave(const struct thread *before);

#endif
