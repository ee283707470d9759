/* Sets the thread's state before every call of the library and checks it afterwards. Included in front of
 * a source, with watched_names.h, which tests/host/state.py makes from the header. */
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

/* The sources define these feature macros themselves; the headers are already included. */
#undef _POSIX_C_SOURCE
#undef _DEFAULT_SOURCE

#endif
