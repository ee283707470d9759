#include "guard.h"
#include "fork.h"
#include "start.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* A bug may leave locks held or state half written, so nothing runs after it. All threads get the text
 * of the first one. */
enum { SOUND, BREAKING, BROKEN };
static atomic_int state = SOUND;
static char first_bug[FAILURE_BYTES];

callkey_status guard_enter(struct guard *guard)
{
	failure_clear(guard->text);
	guard->files = 0;
	guard->inside = start_begun() && !fork_child();
	if (!guard->inside)
		return start_begun() ? CALLKEY_ERR_FORKED : CALLKEY_ERR_INTERNAL;
	thread_enter(&guard->thread);
	failure_prepare();
	if (start_failure() != NULL) {
		snprintf(guard->text, FAILURE_BYTES, "%s", start_failure());
		return CALLKEY_ERR_INTERNAL;
	}
	switch (atomic_load_explicit(&state, memory_order_acquire)) {
	case SOUND:
		return CALLKEY_OK;
	case BROKEN:
		strcpy(guard->text, first_bug);
		return CALLKEY_ERR_INTERNAL;
	default:
		strcpy(guard->text, "an internal error in another thread");
		return CALLKEY_ERR_INTERNAL;
	}
}

callkey_status guard_leave(struct guard *guard, callkey_status status)
{
	int sound = SOUND;

	if (!guard->inside)
		return status;
	if (status != CALLKEY_OK) {
		failure_keep(guard->text);
		if (status == CALLKEY_ERR_INTERNAL &&
		    atomic_compare_exchange_strong(&state, &sound, BREAKING)) {
			strcpy(first_bug, guard->text);
			atomic_store_explicit(&state, BROKEN, memory_order_release);
		}
	}
	if (guard->files)
		thread_drop_file_signal(&guard->thread);
	thread_leave(&guard->thread);
	return status;
}

callkey_status guard_refuse(struct guard *guard, const char *name, const char *what)
{
	snprintf(guard->text, FAILURE_BYTES, "%s %s", name, what);
	return CALLKEY_ERR_ARGUMENT;
}
