/* One call of a trial: in memory that is watched, with an argument that may be wrong, and held to what
 * callkey.h says of its outputs. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdio.h>

#include "argument.h"

enum { FILL = 0x5a }; /* what an output holds before a call */

typedef struct attempt {
	const function *f;
	const argument *from;            /* the caller's */
	argument a[MOST_PARAMETERS];     /* copies */
	size_t capacity[MOST_PARAMETERS]; /* of each ROLE_CAPACITY before the call */
	char what[128];
	int early; /* nothing has been looked into when it is refused */
	callkey_status status;
} attempt;

/* What the call is, for whoever reads of a failure. */
#define WHAT(t, ...) snprintf((t)->what, sizeof (t)->what, __VA_ARGS__)

/* Copies of the arguments; what is in an output is not the caller's. */
void attempt_prepare(attempt *t, const function *f, const argument *from);

/* Makes the call and checks its outputs, which are there until pages_end. */
void attempt_run(attempt *t);

/* Closes what the call has opened that nobody asked for. */
void attempt_close(const attempt *t);

/* Makes the call and forgets it. */
callkey_status attempt_finish(attempt *t);

/* The same of a call that is refused for one argument. The text must name it, if name is not NULL. */
void attempt_refused(attempt *t, callkey_status want, const char *name);

/* Fails the running test: after this call, name is so. */
void attempt_wrong(const attempt *t, const char *name, const char *is);

int attempt_is_out(const parameter *p);
/* How much memory output i has. */
size_t attempt_room(const attempt *t, size_t i);
/* Whether n bytes at p all have the value. */
int attempt_all(const void *p, unsigned char value, size_t n);

#endif
