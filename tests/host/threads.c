/* threads WAY FOLDER: samples the library's threads, from before it is loaded, while calls, fan-outs and
 * file stores run. In every sample each thread must block every signal except faults, which the kernel
 * sends to the faulting thread. Prints the number of the library's threads. */
#define _GNU_SOURCE
#include "guest.h"

#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOSTS = 6, ROUNDS = 2, SEEN = 256 };

static const char *folder;
/* A thread of the library, and the wrong masks in its samples. */
typedef struct thread {
	pid_t id;
	unsigned long open, shut;
} thread;

static pid_t own[HOSTS + 1];
static thread seen[SEEN];
static int seen_count;
static atomic_int known, watching, stop;
static long samples;
static pthread_barrier_t loaded;

static unsigned long bit(int signal)
{
	return 1ul << (signal - 1);
}

/* SIGKILL and SIGSTOP cannot be blocked, and the C library keeps 32 and 33 unblocked. A thread may block
 * its faults for a moment while it starts or ends, but not while it is idle. */
static void judge(pid_t id, unsigned long blocked, int idle)
{
	const unsigned long faults = bit(SIGSEGV) | bit(SIGBUS) | bit(SIGFPE) | bit(SIGILL) | bit(SIGTRAP) |
	                             bit(SIGSYS),
	                    free = faults | bit(SIGKILL) | bit(SIGSTOP) | bit(32) | bit(33);
	int i;

	samples++;
	for (i = 0; i < seen_count && seen[i].id != id; i++) {}
	if (i == SEEN)
		exit(2);
	if (i == seen_count)
		seen[seen_count++].id = id;
	seen[i].open |= ~(blocked | free);
	if (idle)
		seen[i].shut |= blocked & faults;
}

static int is_own(pid_t thread)
{
	int i;

	for (i = 0; i < HOSTS + 1; i++)
		if (own[i] == thread)
			return 1;
	return 0;
}

static void sample(DIR *tasks, int idle)
{
	char path[64], status[4096], *at;
	struct dirent *task;
	size_t n;
	FILE *file;

	rewinddir(tasks);
	while ((task = readdir(tasks)) != NULL) {
		if (!isdigit((unsigned char)task->d_name[0]) || is_own(atoi(task->d_name)))
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%.20s/status", task->d_name);
		file = fopen(path, "r");
		if (file == NULL)
			continue; /* it has ended */
		n = fread(status, 1, sizeof status - 1, file);
		fclose(file);
		status[n] = 0;
		at = strstr(status, "\nSigBlk:");
		if (at != NULL)
			judge(atoi(task->d_name), strtoul(at + 8, NULL, 16), idle);
	}
}

static void enter(int number)
{
	own[number] = gettid();
	known++;
}

static void *watch(void *number)
{
	DIR *tasks;

	enter(*(int *)number);
	while (known < HOSTS + 1) {}
	tasks = opendir("/proc/self/task");
	while (!stop) {
		sample(tasks, 0);
		watching = 1;
	}
	usleep(100000);
	sample(tasks, 1);
	closedir(tasks);
	return NULL;
}

/* A thread that blocks signals by its number, and makes its first call late. */
static void *host(void *number)
{
	sigset_t mask;
	work *w;
	int i, fine = 1;

	enter(*(int *)number);
	if (*(int *)number % 2)
		sigfillset(&mask);
	else
		sigemptyset(&mask);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	pthread_barrier_wait(&loaded);
	usleep((useconds_t)*(int *)number * 20000);
	if ((w = guest_begin()) == NULL)
		exit(2);
	for (i = 0; i < ROUNDS; i++) {
		int j;

		for (j = 0; j < 100; j++)
			fine &= guest_call(w, (unsigned)j);
		fine &= guest_fan_out(w) & guest_file(w, folder);
	}
	guest_end(w);
	if (!fine) {
		fprintf(stderr, "a wrong answer\n");
		exit(1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[HOSTS];
	int numbers[HOSTS], i;

	if (argc != 3)
		return 2;
	folder = argv[2];
	pthread_barrier_init(&loaded, NULL, HOSTS);
	enter(HOSTS);
	for (i = 0; i < HOSTS; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, i == 0 ? watch : host, &numbers[i]) != 0)
			return 2;
	}
	while (!watching) {}
	guest_early(argv[1]);
	guest_late();
	pthread_barrier_wait(&loaded);
	for (i = 1; i < HOSTS; i++)
		pthread_join(threads[i], NULL);
	stop = 1;
	pthread_join(threads[0], NULL);
	for (i = 0; i < seen_count; i++) {
		if (seen[i].id == guest_loader || (seen[i].open | seen[i].shut) == 0)
			continue;
		fprintf(stderr, "%s: a thread of the library's has signals open (mask %lx) or its faults blocked (%lx)\n",
		        argv[1], seen[i].open, seen[i].shut);
		return 1;
	}
	if (seen_count < 3 || samples < 100) {
		fprintf(stderr, "%s: %ld samples of %d threads are not enough\n", argv[1], samples, seen_count);
		return 1;
	}
	printf("%d\n", seen_count);
	return 0;
}
