/* The threads that the library makes, watched from before it is loaded: threads WAY FOLDER. Each must
 * block every signal but the faults, which the kernel gives to the thread that made one, in each of
 * the samples that another thread takes while calls, fan-outs and file stores run. Prints how many
 * threads of the library were seen. */
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
static pid_t own[HOSTS + 1], seen[SEEN];
static atomic_int known, watching, seen_count, stop, wrong;
static atomic_long samples;
static pthread_barrier_t loaded;

static unsigned long bit(int signal)
{
	return 1ul << (signal - 1);
}

/* SIGKILL and SIGSTOP cannot be blocked, and the C library keeps 32 and 33 open for itself. */
static void judge(pid_t thread, unsigned long blocked)
{
	const unsigned long faults = bit(SIGSEGV) | bit(SIGBUS) | bit(SIGFPE) | bit(SIGILL) | bit(SIGTRAP) |
	                             bit(SIGSYS),
	                    open = faults | bit(SIGKILL) | bit(SIGSTOP) | bit(32) | bit(33);
	int i;

	samples++;
	for (i = 0; i < seen_count && seen[i] != thread; i++) {}
	if (i == seen_count && i < SEEN)
		seen[seen_count++] = thread;
	if ((blocked | open) != ~0ul || (blocked & faults) != 0) {
		if (wrong++ < 10)
			fprintf(stderr, "a thread of the library's blocks %016lx: open are %016lx too much, blocked %016lx\n",
			        blocked, ~(blocked | open), blocked & faults);
	}
}

static int is_own(pid_t thread)
{
	int i;

	for (i = 0; i < HOSTS + 1; i++)
		if (own[i] == thread)
			return 1;
	return 0;
}

static void sample(DIR *tasks)
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
			judge(atoi(task->d_name), strtoul(at + 8, NULL, 16));
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
		sample(tasks);
		watching = 1;
	}
	closedir(tasks);
	return NULL;
}

/* A thread that blocks what its number says, and makes its first call late. */
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
	if (wrong || seen_count < 3 || samples < 100) {
		fprintf(stderr, "%s: %d of %ld samples are wrong, of %d threads\n", argv[1], (int)wrong, (long)samples,
		        (int)seen_count);
		return 1;
	}
	printf("%d\n", (int)seen_count);
	return 0;
}
