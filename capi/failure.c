#include "failure.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32

static _Thread_local char last[FAILURE_ROOM];

void failure_prepare(void)
{
}

void failure_keep(const char *failure)
{
	strcpy(last, failure);
	memcpy(last + FAILURE_BYTES, failure + FAILURE_BYTES, sizeof(uint32_t));
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
	last = calloc(1, FAILURE_ROOM);
	if (last != NULL && pthread_setspecific(key, last) != 0) {
		free(last);
		last = NULL;
	}
}

void failure_keep(const char *failure)
{
	if (last == NULL)
		return;
	strcpy(last, failure);
	memcpy(last + FAILURE_BYTES, failure + FAILURE_BYTES, sizeof(uint32_t));
}

const char *failure_last(void)
{
	return last != NULL ? last : "";
}

#endif

void failure_clear(char *failure)
{
	failure[0] = '\0';
	memset(failure + FAILURE_BYTES, 0, sizeof(uint32_t));
}

uint32_t failure_last_errno(void)
{
	const char *failure = failure_last();
	uint32_t number = 0;

	if (failure[0] != '\0')
		memcpy(&number, failure + FAILURE_BYTES, sizeof number);
	return number;
}
