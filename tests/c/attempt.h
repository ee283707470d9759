/* One call of a trial: in guarded memory, perhaps with a wrong argument. Its outputs must be as callkey.h
 * says. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdio.h>

#include "argument.h"

enum { FILL = 0x5a }; /* every byte of an output before a call */

typedef struct attempt {
	const function *f;
	const argument *from;            /* the caller's */
	argument a[MOST_PARAMETERS];     /* copies */
	size_t capacity[MOST_PARAMETERS]; /* of each ROLE_CAPACITY before the call */
	char what[128];
	int early; /* the call is rejected before it reads any argument */
	callkey_status status;
} attempt;

/* Describes the call in the text of a failure. */
#define WHAT(t, ...) snprintf((t)->what, sizeof (t)->what, __VA_ARGS__)

/* Copies the arguments, but fills the outputs with FILL. */
void attempt_prepare(attempt *t, const function *f, const argument *from);

/* Makes the call and checks its outputs, which are valid until pages_end. */
void attempt_run(attempt *t);

/* Closes a handle that a trial's call opened. */
void attempt_close(const attempt *t);

/* Makes the call and forgets it. */
callkey_status attempt_finish(attempt *t);

/* The same for a call that must be rejected because of one argument. The error text must contain name
 * if name is not NULL. */
void attempt_refused(attempt *t, callkey_status want, const char *name);

/* Fails the running test: "after this call: name so". */
void attempt_wrong(const attempt *t, const char *name, const char *is);

int attempt_is_out(const parameter *p);
/* The size of output i's memory. */
size_t attempt_room(const attempt *t, size_t i);
/* Not 0 if all n bytes at p have this value. */
int attempt_all(const void *p, unsigned char value, size_t n);

#endif
