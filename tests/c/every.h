/* A valid call of every function that returns a status, for the tests of what stops all of them: a fork,
 * a bug, a handle that is not open; and for trial.c, which makes each argument of it wrong. A function
 * whose arguments may be left out is called with them and without. */
#ifndef EVERY_H
#define EVERY_H

#include "callkey.h"

/* What the calls need; made while the library works. The files of one store are in every_folder, or
 * in a folder of their own when it is NULL. */
extern const char *every_folder;
callkey_status every_prepare(void);
void every_done(void);

typedef struct every_call {
	const char *name;
	/* on is a store, or the epochs of a group, for functions that take one; blank asks for
	 * the store without an identity, spare for what may be closed, file for one that is not in memory. */
	callkey_status (*call)(uint64_t on);
	enum { NO_STORE, ON_CALLER, ON_CALLEE, ON_BLANK, ON_SPARE, ON_FILE, ON_GROUP, ON_SPARE_GROUP } store;
} every_call;

extern const every_call every_calls[];
extern const size_t every_count;

/* The open handle that the call is meant for, 0 for one without. */
uint64_t every_store(const every_call *c);

#endif
