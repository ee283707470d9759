#define _GNU_SOURCE
#include "guest.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

work *(*guest_begin)(void);
int (*guest_call)(work *w, unsigned kind);
int (*guest_fan_out)(work *w);
int (*guest_file)(work *w, const char *folder);
int (*guest_bug)(const char *says);
void (*guest_end)(work *w);

volatile pid_t guest_loader;

static const char *how;

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", how, what);
	exit(2);
}

static void *load(void *unused)
{
	void *plug_in = dlopen("work.so", RTLD_NOW);

	if (plug_in == NULL)
		fail(dlerror());
	*(void **)&guest_begin = dlsym(plug_in, "work_begin");
	*(void **)&guest_call = dlsym(plug_in, "work_call");
	*(void **)&guest_fan_out = dlsym(plug_in, "work_fan_out");
	*(void **)&guest_file = dlsym(plug_in, "work_file");
	*(void **)&guest_bug = dlsym(plug_in, "work_bug");
	*(void **)&guest_end = dlsym(plug_in, "work_end");
	return unused;
}

static void *load_apart(void *unused)
{
	guest_loader = gettid();
	return load(unused);
}

void guest_early(const char *way)
{
	how = way;
	if ((dlopen("work.so", RTLD_NOW | RTLD_NOLOAD) != NULL) != (strcmp(way, "linked") == 0))
		fail("not the program for this way");
	if (strcmp(way, "linked") == 0 || strcmp(way, "early") == 0)
		load(NULL);
}

void guest_late(void)
{
	sigset_t all, before;
	pthread_t thread;

	if (strcmp(how, "late") == 0) {
		load(NULL);
	} else if (strcmp(how, "thread") == 0) {
		if (pthread_create(&thread, NULL, load_apart, NULL) != 0)
			fail("no thread");
		pthread_join(thread, NULL);
	} else if (strcmp(how, "blocked") == 0) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		load(NULL);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	} else if (guest_begin == NULL) {
		fail("no such way");
	}
}

enum { CALLERS = 4, CALLS = 40 };

/* Adds up the right answers. */
static void *answers(void *right)
{
	work *w = guest_begin();
	int i;

	for (i = 0; w != NULL && i < CALLS; i++)
		*(int *)right += guest_call(w, (unsigned)i);
	if (w != NULL)
		guest_end(w);
	return NULL;
}

int guest_all_right(void)
{
	pthread_t callers[CALLERS];
	int right[CALLERS + 1] = {0}, i, all = 1;

	for (i = 0; i < CALLERS; i++)
		if (pthread_create(&callers[i], NULL, answers, &right[i]) != 0)
			fail("no thread");
	answers(&right[CALLERS]);
	for (i = 0; i < CALLERS; i++)
		pthread_join(callers[i], NULL);
	for (i = 0; i <= CALLERS; i++) {
		if (right[i] != CALLS) {
			fprintf(stderr, "%s: %d of %d answers are right\n", how, right[i], CALLS);
			all = 0;
		}
	}
	return all;
}
