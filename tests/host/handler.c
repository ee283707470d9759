/* A host with a signal handler that calls the library, and a signal that arrives while the host is in
 * malloc. The malloc here stands for the C library's: while it is in use, a call from a handler must not
 * enter it, or it would wait for itself. The thread has called the library before, but its first failure
 * is in the handler. */
#define _GNU_SOURCE
#include "callkey.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 50 };

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void __libc_free(void *p);

static _Thread_local volatile int signals, in_use;

static void enter(void)
{
	static const char says[] = "a call in a handler waits for malloc, which the handler has interrupted\n";

	if (in_use) {
		(void)!write(2, says, sizeof says - 1);
		_exit(1);
	}
	if (signals) {
		in_use = 1;
		raise(SIGUSR1);
		in_use = 0;
	}
}

void *malloc(size_t n)
{
	enter();
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	enter();
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	enter();
	return __libc_realloc(p, n);
}

void free(void *p)
{
	enter();
	__libc_free(p);
}

static _Thread_local volatile int right;

static void handler(int number)
{
	uint8_t key[CALLKEY_KEY_BYTES], name[CALLKEY_FINGERPRINT_BYTES];
	char text[600];
	size_t n = sizeof text;

	(void)number;
	right = callkey_check(NULL, sizeof key) == CALLKEY_ERR_ARGUMENT &&
	        callkey_last_error(text, &n) == CALLKEY_OK && strncmp(text, "key ", 4) == 0 &&
	        callkey_generate(key) == CALLKEY_OK && callkey_fingerprint(name, key, sizeof key) == CALLKEY_OK;
}

/* NULL unless every call in the handler worked. */
static void *host(void *argument)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	void *volatile block;

	if (callkey_generate(key) != CALLKEY_OK)
		exit(2);
	signals = 1;
	block = malloc(100);
	signals = 0;
	free(block);
	return right ? argument : NULL;
}

int main(void)
{
	const struct sigaction action = {.sa_handler = handler};
	pthread_t thread;
	void *answer;
	int i;

	if (sigaction(SIGUSR1, &action, NULL) != 0)
		return 2;
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&thread, NULL, host, (void *)&action) != 0 || pthread_join(thread, &answer) != 0)
			return 2;
		if (answer == NULL) {
			fprintf(stderr, "thread %d: wrong answers in the handler\n", i);
			return 1;
		}
	}
	printf("%d", i);
	return 0;
}
