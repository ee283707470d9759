/*
 * What stands in front of every exported function that enters Go: is this process one the library can
 * run in, what of the host's thread must be as it was, and where does the text of a failure go.
 */
#ifndef CALLKEY_GUARD_H
#define CALLKEY_GUARD_H

#include "callkey.h"
#include "failure.h"
#include "thread.h"

/* One call, from guard_enter to guard_leave. */
struct guard {
	struct thread thread;
	int inside;
	int files; /* the call may write files */
	char text[FAILURE_BYTES]; /* the call's failure, in words */
};

/* CALLKEY_OK, or why the call may not go on: CALLKEY_ERR_FORKED or CALLKEY_ERR_INTERNAL. */
callkey_status guard_enter(struct guard *guard);

/* Ends the call: a failure's text becomes the thread's last, an INTERNAL status shuts the library for
 * good. Returns status. */
callkey_status guard_leave(struct guard *guard, callkey_status status);

/* The call's failure is "<name> <what>". Returns CALLKEY_ERR_ARGUMENT. */
callkey_status guard_refuse(struct guard *guard, const char *name, const char *what);

#endif
