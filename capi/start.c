#include "start.h"

#include <stddef.h>

static int begun;

__attribute__((constructor)) static void begin(void)
{
	begun = 1;
}

int start_begun(void)
{
	return begun;
}

#ifdef _WIN32

const char *start_failure(void)
{
	return NULL;
}

#else

/* Defined in the Go runtime (capi/runtime/start.patch). Weak, because cgo also links these files alone. */
extern const char *callkey_start_failure __attribute__((weak));

const char *start_failure(void)
{
	return &callkey_start_failure != NULL ? callkey_start_failure : NULL;
}

#endif
