/*
 * The host's thread while it is inside the library: the state to restore when the call returns, and the
 * signals and the cancellation to hold back until then.
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
	/* The floating-point control word and flags. */
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

/* Holds back signals, except those of a fault, and cancellation. Sets floating point to the state in
 * which a C program starts. */
void thread_enter(struct thread *before);

/* Removes a pending SIGXFSZ, which a write beyond RLIMIT_FSIZE raises: the call returns a status
 * instead, and the signal would end the process. Call it before thread_leave. */
void thread_drop_file_signal(const struct thread *before);

/* Restores the signal mask, cancellation, floating point with its flags, and errno. */
void thread_leave(const struct thread *before);

#endif
