#define _GNU_SOURCE
#include "watched.h"
#include "state.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_uint calls;

/* A call inside the arguments of another call is not checked. */
static _Thread_local int depth;

void watched_before(void)
{
	if (depth++ == 0)
		state_set(calls++);
}

void watched_after(const char *name)
{
	const char *what;

	if (--depth > 0)
		return;
	what = state_changed();
	state_back();
	if (what != NULL) {
		dprintf(2, "%s changed %s\n", name, what);
		_exit(3);
	}
}
