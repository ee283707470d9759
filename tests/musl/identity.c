/* A host with musl that sets its user and group ids, to the same values, while threads call the library.
 * musl sends every thread signal 34, which glibc leaves to programs, and waits for each: if a thread
 * blocks it, the process hangs. It also checks each thread's mask: 32 to 34 are reserved by musl. */
#define _GNU_SOURCE
#include "callkey.h"

#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, CHANGES = 200, CALLS = 400 };

static atomic_int stop, wrong;
static atomic_long calls;

/* A key and its derived keys: the same each time. */
static void *caller(void *unused)
{
	static const uint8_t key[CALLKEY_KEY_BYTES] = {1};
	callkey_srtp_keys first, keys;
	callkey_store store;

	if (callkey_derive_e2e_keys(&first, key, sizeof key, "222222222222222:0@lid") != CALLKEY_OK)
		exit(2);
	while (!stop) {
		if (callkey_derive_e2e_keys(&keys, key, sizeof key, "222222222222222:0@lid") != CALLKEY_OK ||
		    memcmp(&keys, &first, sizeof keys) != 0)
			wrong++;
		if (callkey_store_open(&store, NULL, NULL, 0, NULL) != CALLKEY_OK ||
		    callkey_store_close(store) != CALLKEY_OK)
			wrong++;
		calls++;
	}
	return unused;
}

/* The number of threads that block one of 32 to 34, and of all threads. */
static int shut(int *all)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	char path[300], line[200];
	unsigned long blocked;
	int bad = 0;

	if (tasks == NULL)
		exit(2);
	*all = 0;
	while ((entry = readdir(tasks)) != NULL) {
		FILE *status;
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
		if ((status = fopen(path, "r")) == NULL)
			continue; /* it has ended */
		while (fgets(line, sizeof line, status) != NULL) {
			if (sscanf(line, "SigBlk: %lx", &blocked) != 1)
				continue;
			(*all)++;
			bad += (blocked >> 31 & 7) != 0;
		}
		fclose(status);
	}
	closedir(tasks);
	return bad;
}

int main(void)
{
	const uid_t user = getuid();
	const gid_t group = getgid();
	pthread_t threads[THREADS];
	int i, changes = 0, all = 0;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, caller, NULL) != 0)
			return 2;
	while (changes < CHANGES || calls < CALLS) {
		if (setresuid(user, user, user) != 0 || setresgid(group, group, group) != 0)
			return 2;
		changes += 2;
	}
	/* musl's own code blocks all signals for a moment, so the masks are read while the threads rest. */
	stop = 1;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (shut(&all) != 0)
		wrong++;
	if (wrong != 0 || all < 2) {
		fprintf(stderr, "%d wrong, %d threads\n", (int)wrong, all);
		return 1;
	}
	printf("%d changes of its ids in a host with %d threads of the library's\n", changes, all - 1);
	return 0;
}
