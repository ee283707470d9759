/* callkey_wipe, which does not enter Go: it works in a child of fork() and after an internal error. */
#include "callkey.h"

#include <string.h>

void callkey_wipe(void *p, size_t n)
{
	if (p == NULL)
		return;
	memset(p, 0, n);
	/* The compiler must believe that someone reads the zeros, or it drops the memset. */
	__asm__ __volatile__("" : : "r"(p) : "memory");
}
