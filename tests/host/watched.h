/* Every call of the library with the thread's state set before it and looked at after it. Included
 * in front of a source, with watched_names.h, which tests/host/state.py makes from the header. */
#ifndef WATCHED_H
#define WATCHED_H

#include "callkey.h"

void watched_before(void);
void watched_after(const char *name);

#define WATCHED(name, ...) \
	__extension__({ \
		watched_before(); \
		__typeof__((name)(__VA_ARGS__)) watched_result = (name)(__VA_ARGS__); \
		watched_after(#name); \
		watched_result; \
	})
#define WATCHED_WIPE(...) \
	__extension__({ watched_before(); (callkey_wipe)(__VA_ARGS__); watched_after("callkey_wipe"); })

#include "watched_names.h"

/* The sources say which of the C library's names they want, and have all already. */
#undef _POSIX_C_SOURCE
#undef _DEFAULT_SOURCE

#endif
