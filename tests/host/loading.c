/* A host that has the library in one of the ways of guest.h, and calls it from its first thread and
 * from others: loading WAY. */
#include "guest.h"

#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, CALLS = 40 };

/* The number of right answers. */
static void *calls(void *count)
{
	work *w = guest_begin();
	int i;

	for (i = 0; w != NULL && i < CALLS; i++)
		*(int *)count += guest_call(w, (unsigned)i);
	if (w != NULL)
		guest_end(w);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int right[THREADS + 1] = {0}, i;

	if (argc != 2)
		return 2;
	guest_early(argv[1]);
	guest_late();
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, calls, &right[i]) != 0)
			return 2;
	calls(&right[THREADS]);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i <= THREADS; i++) {
		if (right[i] != CALLS) {
			fprintf(stderr, "%s: %d of %d answers are right\n", argv[1], right[i], CALLS);
			return 1;
		}
	}
	return 0;
}
