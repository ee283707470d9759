/* first: every function as a thread's first call, as its second, and later with another alternate stack.
 * No call may change the state of the thread or the process. Prints the number of calls. */
#define _GNU_SOURCE
#include "every.h"
#include "state.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned number, calls;

static void watch(const char *name, callkey_status (*call)(uint64_t), uint64_t on, int must_work)
{
	const char *what;
	callkey_status status;

	state_set(number++);
	status = call(on);
	what = state_changed();
	state_back();
	calls++;
	if (what == NULL && must_work && status != CALLKEY_OK)
		what = "nothing, but failed";
	if (what != NULL) {
		fprintf(stderr, "%s, call %u, changed %s (status %d)\n", name, calls, what, (int)status);
		exit(1);
	}
}

/* The functions without a status. */
#define SIZE(name) static callkey_status size_##name(uint64_t s) { (void)s; return (name)() > 0 ? CALLKEY_OK : 1; }
#include "first_sizes.h"
#undef SIZE

static callkey_status texts(uint64_t s)
{
	(void)s;
	return callkey_version()[0] != 0 && callkey_status_name(-1)[0] == 'C' && callkey_status_text(-1)[0] != 0 ? CALLKEY_OK : 1;
}

static callkey_status wipe(uint64_t s)
{
	char secret[8] = "secret";

	(void)s;
	callkey_wipe(secret, sizeof secret);
	return secret[0];
}

static callkey_status last_error(uint64_t s)
{
	char text[512];
	size_t n = sizeof text;

	(void)s;
	return callkey_last_error(text, &n);
}

static callkey_status last_errno(uint64_t s)
{
	uint32_t number;

	(void)s;
	return callkey_last_errno(&number);
}

static const every_call others[] = {
#define SIZE(name) {#name, size_##name, NO_STORE},
#include "first_sizes.h"
#undef SIZE
	{"texts", texts, NO_STORE}, {"wipe", wipe, NO_STORE}, {"last_error", last_error, NO_STORE},
	{"last_errno", last_errno, NO_STORE},
};

static void *in_thread(void *row)
{
	const every_call *c = row;
	const unsigned at = number;

	watch(c->name, c->call, every_store(c), 1);
	number = at;
	watch(c->name, c->call, every_store(c), 0);
	number = at + 7; /* another stack, other masks */
	watch(c->name, c->call, c->store == NO_STORE ? 0 : every_store(c), 0);
	watch(c->name, c->call, 0, 0);
	number = at + 1;
	return NULL;
}

static void each(const every_call *c)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, in_thread, (void *)c) != 0)
		exit(2);
	pthread_join(thread, NULL);
}

int main(void)
{
	unsigned round;
	size_t i;

	/* The first call of the first thread enters Go. */
	watch("generate", every_calls[1].call, 0, 1);
	for (round = 0; round < 15; round++) {
		if (every_prepare() != CALLKEY_OK)
			return 2;
		for (i = 0; i < every_count; i++)
			each(&every_calls[i]);
		every_done();
		if (every_prepare() != CALLKEY_OK)
			return 2;
		for (i = 0; i < every_count; i++)
			watch(every_calls[i].name, every_calls[i].call, every_store(&every_calls[i]), 1);
		every_done();
		for (i = 0; i < sizeof others / sizeof *others; i++)
			each(&others[i]);
	}
	printf("%u\n", calls);
	return 0;
}
