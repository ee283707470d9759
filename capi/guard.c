#include "guard.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#ifndef _WIN32
#  include <pthread.h>
#endif

/* Set in the child of a fork. Only the forking thread lives on there, so the Go runtime would wait
 * for its other threads for ever at the next allocation or collection. */
static atomic_int forked;

/* Windows has no fork. */
#ifndef _WIN32
static void in_child(void)
{
	atomic_store_explicit(&forked, 1, memory_order_relaxed);
}

__attribute__((constructor)) static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, in_child);
}
#endif

/* A bug may have left locks taken or state half written, so nothing runs after it. The first one's
 * text is kept for all threads. */
enum { SOUND, BREAKING, BROKEN };
static atomic_int state = SOUND;
static char first_bug[GUARD_TEXT_BYTES];

static _Thread_local char last_failure[GUARD_TEXT_BYTES];

char *guard_text(void)
{
	return last_failure;
}

int guard_forked(void)
{
	return atomic_load_explicit(&forked, memory_order_relaxed);
}

callkey_status guard_enter(void)
{
	if (guard_forked()) {
		strcpy(last_failure, "called in a child of fork()");
		return CALLKEY_ERR_FORKED;
	}
	switch (atomic_load_explicit(&state, memory_order_acquire)) {
	case SOUND:
		return CALLKEY_OK;
	case BROKEN:
		memcpy(last_failure, first_bug, sizeof last_failure);
		return CALLKEY_ERR_INTERNAL;
	default:
		strcpy(last_failure, "an internal error in another thread");
		return CALLKEY_ERR_INTERNAL;
	}
}

callkey_status guard_leave(callkey_status status)
{
	int sound = SOUND;
	if (status == CALLKEY_ERR_INTERNAL &&
	    atomic_compare_exchange_strong(&state, &sound, BREAKING)) {
		memcpy(first_bug, last_failure, sizeof first_bug);
		atomic_store_explicit(&state, BROKEN, memory_order_release);
	}
	return status;
}

callkey_status guard_refuse(const char *name, const char *what)
{
	snprintf(last_failure, sizeof last_failure, "%s %s", name, what);
	return CALLKEY_ERR_ARGUMENT;
}
