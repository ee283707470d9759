/*
 * The start and the end of every exported function that enters Go: it checks that the library can run
 * in this process, saves and restores the state of the host's thread, and keeps a failure.
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
	char text[FAILURE_ROOM]; /* the call's failure */
};

/* Returns CALLKEY_OK, or CALLKEY_ERR_FORKED or CALLKEY_ERR_INTERNAL: then the call must end. */
callkey_status guard_enter(struct guard *guard);

/* Ends the call: stores a failure's text for the thread; CALLKEY_ERR_INTERNAL shuts the library down
 * for good. Returns status. */
callkey_status guard_leave(struct guard *guard, callkey_status status);

/* Sets the text of the failure to "<name> <what>". Returns CALLKEY_ERR_ARGUMENT. */
callkey_status guard_refuse(struct guard *guard, const char *name, const char *what);

#endif
