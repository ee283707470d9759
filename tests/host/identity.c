/* identity WAY: a host that sets its user and group ids, here to the same values, while threads call the
 * library. For that the C library interrupts every thread by a signal that pthread_sigmask cannot block,
 * with a handler without SA_ONSTACK. */
#define _GNU_SOURCE
#include "guest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS = 3, CHANGES = 100, CALLS = 60 };

static atomic_int stop, wrong;
static atomic_long calls;

static void *caller(void *unused)
{
	work *w = guest_begin();

	if (w == NULL)
		exit(2);
	while (!stop)
		if (!guest_call(w, (unsigned)calls++))
			wrong++;
	guest_end(w);
	return unused;
}

int main(int argc, char **argv)
{
	const uid_t user = getuid();
	const gid_t group = getgid();
	pthread_t threads[THREADS];
	work *w;
	int i, changes = 0;

	if (argc != 2)
		return 2;
	guest_early(argv[1]);
	guest_late();
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, caller, NULL) != 0)
			return 2;
	if ((w = guest_begin()) == NULL)
		return 2;
	while (changes < CHANGES || calls < CALLS) {
		if (setresuid(user, user, user) != 0 || setresgid(group, group, group) != 0)
			return 2;
		changes += 2;
		wrong += !guest_call(w, (unsigned)changes / 2);
	}
	stop = 1;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	guest_end(w);
	if (wrong) {
		fprintf(stderr, "%d wrong answers\n", (int)wrong);
		return 1;
	}
	printf("%d\n", changes);
	return 0;
}
