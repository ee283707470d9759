/*
 * What stands in front of every exported function: is this process one the library can run in, and
 * where does the text of a failure go.
 */
#ifndef CALLKEY_GUARD_H
#define CALLKEY_GUARD_H

#include "callkey.h"

/* Room for one failure in words, with its NUL: the most that callkey_last_error needs. */
#define GUARD_TEXT_BYTES 512

/* CALLKEY_OK, or why no call may go on: CALLKEY_ERR_FORKED or CALLKEY_ERR_INTERNAL. */
callkey_status guard_enter(void);

/* Not 0 in a child of fork(). */
int guard_forked(void);

/* Ends a call: an INTERNAL status shuts the library for good. Returns status. */
callkey_status guard_leave(callkey_status status);

/* Records "<name> <what>" as this thread's last failure. Returns CALLKEY_ERR_ARGUMENT. */
callkey_status guard_refuse(const char *name, const char *what);

/* This thread's last failure, GUARD_TEXT_BYTES long, "" at first. */
char *guard_text(void);

#endif
