#define _POSIX_C_SOURCE 200809L
#include "tell.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MASK 0xa5

static pthread_mutex_t talking = PTHREAD_MUTEX_INITIALIZER;

void tell_secret(const char *name, const void *secret, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const volatile unsigned char *from = secret;
	size_t i;

	pthread_mutex_lock(&talking);
	printf("secret %s ", name);
	for (i = 0; i < n; i++) {
		unsigned masked = from[i] ^ MASK;
		putchar(digits[masked >> 4]);
		putchar(digits[masked & 15]);
	}
	putchar('\n');
	fflush(stdout);
	pthread_mutex_unlock(&talking);
}

void tell_stage(const char *name)
{
	char line[16];

	printf("stage %s\n", name);
	fflush(stdout);
	if (read(0, line, sizeof line) < 0)
		exit(1);
}
