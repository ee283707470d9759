#include "failure.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32

static _Thread_local char last[FAILURE_BYTES];

void failure_prepare(void)
{
}

void failure_keep(const char *text)
{
	strcpy(last, text);
}

const char *failure_last(void)
{
	return last;
}

#else

#  include <pthread.h>

/* Only a pointer: the thread-local memory of a library built by Go comes out of the reserve for
 * libraries that are loaded late, about 1.6 KB in glibc. */
static _Thread_local char *last;

static pthread_key_t key;
static int key_made;

/* Runs at the end of the thread, and again if a later destructor of the host calls the library. */
static void drop(void *text)
{
	last = NULL;
	free(text);
}

__attribute__((constructor)) static void make_key(void)
{
	key_made = pthread_key_create(&key, drop) == 0;
}

void failure_prepare(void)
{
	if (last != NULL || !key_made)
		return;
	last = calloc(1, FAILURE_BYTES);
	if (last != NULL && pthread_setspecific(key, last) != 0) {
		free(last);
		last = NULL;
	}
}

void failure_keep(const char *text)
{
	if (last != NULL)
		strcpy(last, text);
}

const char *failure_last(void)
{
	return last != NULL ? last : "";
}

#endif
