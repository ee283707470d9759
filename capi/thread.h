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

/* From here on signals wait, except those of a fault, and so does a cancellation. Floating point gets
 * the state in which C starts. */
void thread_enter(struct thread *before);

/* Removes a pending SIGXFSZ that the call raised by a write beyond RLIMIT_FSIZE: the call returns a
 * status for it, and the signal would end the process. Call it before thread_leave. */
void thread_drop_file_signal(const struct thread *before);

/* Gives the thread back: signal mask, cancellation, floating point with its flags, errno. */
void thread_leave(const struct thread *before);

#endif
