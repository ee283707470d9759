#define _GNU_SOURCE
#include "floats.h"

#include <fenv.h>
#include <stdio.h>

static _Thread_local char differs[128];

/* Bits 0 to 5 of flags are invalid, denormal, divide by zero, overflow, underflow, inexact. */
#if defined(__x86_64__)

enum { FLUSH = 1 << 15, TINY_IS_ZERO = 1 << 6, MXCSR_FLAGS = 0x3f };

floats floats_now(void)
{
	floats f;
	fenv_t now;

	fegetenv(&now);
	fesetenv(&now); /* reading it masks the exceptions of the x87 */
	f.control = now.__mxcsr & ~(uint32_t)MXCSR_FLAGS;
	f.flags = now.__mxcsr & MXCSR_FLAGS;
	f.x87_control = now.__control_word;
	f.x87_flags = now.__status_word & MXCSR_FLAGS;
	return f;
}

void floats_set(const floats *f)
{
	fenv_t now;

	fesetenv(FE_DFL_ENV);
	fegetenv(&now);
	now.__mxcsr = f->control | f->flags;
	now.__control_word = (unsigned short)f->x87_control;
	now.__status_word = (unsigned short)f->x87_flags;
	fesetenv(&now);
}

/* A set flag traps at the next x87 instruction if its exception is enabled, so flags are set only while
 * no exception traps. */
floats floats_number(unsigned number)
{
	static const uint32_t traps[] = {0, FE_ALL_EXCEPT, FE_DIVBYZERO | FE_INVALID, 0, FE_INEXACT, FE_UNDERFLOW | 2};
	uint32_t round = number % 4, trap = traps[number % 6];
	floats f;

	f.control = ((~trap & 0x3f) << 7) | round << 13 | (number / 4 % 2 ? FLUSH : 0) |
	            (number / 8 % 2 ? TINY_IS_ZERO : 0);
	f.x87_control = (~trap & 0x3f) | 0x40 | (number / 3 % 2 ? 0x300u : 0x200u) | round << 10;
	f.flags = f.x87_flags = trap != 0 ? 0 : number * 7 % 64;
	return f;
}

#elif defined(__aarch64__)

floats floats_now(void)
{
	floats f = {0, 0, 0, 0};
	fenv_t now;

	fegetenv(&now);
	f.control = now.__fpcr;
	f.flags = now.__fpsr & 0x9f;
	return f;
}

void floats_set(const floats *f)
{
	fenv_t now;

	fegetenv(&now);
	now.__fpcr = f->control;
	now.__fpsr = f->flags;
	fesetenv(&now);
}

/* Most of these processors cannot trap. */
floats floats_number(unsigned number)
{
	floats f = {0, 0, 0, 0};

	f.control = (number % 4) << 22 | (number / 4 % 2) << 24;
	f.flags = number * 7 % 32;
	return f;
}

#else
#  error "floating point control of this processor is not known here"
#endif

void floats_default(void)
{
	fesetenv(FE_DFL_ENV);
}

const char *floats_differ(const floats *is, const floats *was)
{
	if (is->control == was->control && is->x87_control == was->x87_control && is->flags == was->flags &&
	    is->x87_flags == was->x87_flags)
		return NULL;
	snprintf(differs, sizeof differs, "floating point: control %x, flags %x, x87 %x, %x, not %x, %x, %x, %x",
	         is->control, is->flags, is->x87_control, is->x87_flags, was->control, was->flags,
	         was->x87_control, was->x87_flags);
	return differs;
}
