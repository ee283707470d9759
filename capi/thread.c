#include "thread.h"

#include <errno.h>
#include <string.h>
#ifndef _WIN32
#  include <pthread.h>
#endif
#ifdef __linux__
#  include <stdint.h>
#  include <sys/syscall.h>
#  include <time.h>
#  include <unistd.h>
#endif

#ifndef _WIN32

/* All signals except the ones that a thread raises itself, by a fault or by a system call that seccomp
 * traps: these cannot wait. sigfillset leaves out the ones that the C library reserves. */
static sigset_t others;

__attribute__((constructor)) static void choose_signals(void)
{
	sigfillset(&others);
	sigdelset(&others, SIGSEGV);
	sigdelset(&others, SIGBUS);
	sigdelset(&others, SIGFPE);
	sigdelset(&others, SIGILL);
	sigdelset(&others, SIGTRAP);
	sigdelset(&others, SIGSYS);
}

static void set_mask(const sigset_t *mask, sigset_t *before)
{
#if defined(__linux__) && !defined(__ANDROID__)
	/* Cheaper than pthread_sigmask, which inspects the set first: every call of the library does this
	 * twice. The kernel's set has 8 bytes. */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, before, 8);
#else
	pthread_sigmask(SIG_SETMASK, mask, before);
#endif
}

#endif

/* Not fegetenv: it is in libm, and the library does not link libm. */
static void floating_enter(struct thread *before)
{
#if defined(__x86_64__) || defined(__i386__)
	static const unsigned int initial = 0x1f80; /* no exception traps, to nearest, no FTZ or DAZ */
	__asm__ __volatile__("stmxcsr %0" : "=m"(before->mxcsr));
	if (before->mxcsr != initial)
		__asm__ __volatile__("ldmxcsr %0" : : "m"(initial));
#endif
#if defined(__i386__)
	/* Go sets the x87 to 53 bits at a thread's first call. This masks its exceptions. */
	__asm__ __volatile__("fnstenv %0" : "=m"(before->x87));
#elif defined(__aarch64__)
	__asm__ __volatile__("mrs %0, fpcr" : "=r"(before->fpcr));
	__asm__ __volatile__("mrs %0, fpsr" : "=r"(before->fpsr));
	if (before->fpcr != 0)
		__asm__ __volatile__("msr fpcr, %0" : : "r"(0ul));
#elif defined(__arm__)
	__asm__ __volatile__("vmrs %0, fpscr" : "=r"(before->fpscr));
	__asm__ __volatile__("vmsr fpscr, %0" : : "r"(0u));
#endif
}

static void floating_leave(const struct thread *before)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("ldmxcsr %0" : : "m"(before->mxcsr));
#endif
#if defined(__i386__)
	__asm__ __volatile__("fldenv %0" : : "m"(before->x87));
#elif defined(__aarch64__)
	if (before->fpcr != 0)
		__asm__ __volatile__("msr fpcr, %0" : : "r"(before->fpcr));
	__asm__ __volatile__("msr fpsr, %0" : : "r"(before->fpsr));
#elif defined(__arm__)
	__asm__ __volatile__("vmsr fpscr, %0" : : "r"(before->fpscr));
#endif
}

void thread_enter(struct thread *before)
{
	before->error = errno;
#ifndef _WIN32
	set_mask(&others, &before->mask);
#  ifdef PTHREAD_CANCEL_DISABLE
	/* Otherwise a cancelled thread would unwind through Go, at its first read or write or at once. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before->cancel);
#  endif
#endif
	floating_enter(before);
}

void thread_drop_file_signal(const struct thread *before)
{
#ifdef __linux__
	/* The kernel sends SIGXFSZ to the thread that writes, so a pending one came from this call, unless
	 * the host blocks the signal itself. */
	static const uint64_t too_large = (uint64_t)1 << (SIGXFSZ - 1);
	static const struct timespec at_once;

	if (!sigismember(&before->mask, SIGXFSZ))
		syscall(SYS_rt_sigtimedwait, &too_large, NULL, &at_once, sizeof too_large);
#else
	(void)before;
#endif
}

void thread_leave(const struct thread *before)
{
	floating_leave(before);
#ifndef _WIN32
#  ifdef PTHREAD_CANCEL_DISABLE
	int inside;
	pthread_setcancelstate(before->cancel, &inside);
#  endif
	set_mask(&before->mask, NULL);
#endif
	errno = before->error;
}
