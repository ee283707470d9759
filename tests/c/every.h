/* A valid call of every function that returns a status, for tests of conditions that stop all functions
 * (a fork, a bug, a handle that is not open), and for trial.c, which makes each argument wrong. A function
 * with optional arguments is called with and without them. */
#ifndef EVERY_H
#define EVERY_H

#include "callkey.h"

/* The inputs of the calls; made while the library works. The files of one store are in every_folder, or
 * in a new folder if it is NULL. */
extern const char *every_folder;
callkey_status every_prepare(void);
void every_done(void);

typedef struct every_call {
	const char *name;
	/* on is the store, or the epochs of a group, for functions that need one; blank asks for a store
	 * without an identity, spare for a handle to close, file for a store that is not in memory, keeping
	 * for one where a message opens again. */
	callkey_status (*call)(uint64_t on);
	enum { NO_STORE, ON_CALLER, ON_CALLEE, ON_BLANK, ON_SPARE, ON_FILE, ON_KEEPING,
	       ON_GROUP, ON_SPARE_GROUP } store;
} every_call;

extern const every_call every_calls[];
extern const size_t every_count;

/* The open handle for the call, 0 if it needs none. */
uint64_t every_store(const every_call *c);

#endif
