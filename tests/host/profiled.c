/* profiled WAY: a host with a preloaded sampling profiler. Its threads call the library until the process
 * has used 0.1 s of processor time, enough for samples at 100 Hz. */
#include "guest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS = 2, CALLS = 40 };

static atomic_int wrong;

static void *caller(void *unused)
{
	work *w = guest_begin();
	unsigned i;

	if (w == NULL)
		exit(2);
	for (i = 0; i < CALLS || clock() < CLOCKS_PER_SEC / 10; i++)
		if (!guest_call(w, i))
			wrong++;
	guest_end(w);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int i;

	if (argc != 2)
		return 2;
	guest_early(argv[1]);
	guest_late();
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, caller, NULL) != 0)
			return 2;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (wrong)
		fprintf(stderr, "%d wrong answers\n", (int)wrong);
	return wrong ? 1 : 0;
}
