/* Time, and the form of a result: that of Go's benchmarks, so that one parser (and benchstat) reads all. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double min_ns = 40e6; /* the shortest time to divide by the number of calls */
static const char *part = ""; /* of the names of what is measured */

static inline double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int wanted(const char *name) { return strstr(name, part) != NULL; }

/* Go's mark for the number of processors: none for one. */
static inline const char *processors(void)
{
	static char suffix[16];
	const char *n = getenv("GOMAXPROCS");
	if (n != NULL && atoi(n) > 1)
		snprintf(suffix, sizeof suffix, "-%d", atoi(n));
	return suffix;
}

static inline void result(const char *name, long n, double ns)
{
	printf("Benchmark%s%s\t%ld\t%.1f ns/op\n", name, processors(), n, ns / (double)n);
	fflush(stdout);
}

/* Repeats work until it takes long enough. work runs n times and returns the time in nanoseconds,
 * without its preparations. */
static inline void measure(const char *name, double (*work)(void *state, long n), void *state)
{
	long n = 1;
	double ns;
	if (!wanted(name))
		return;
	work(state, 1);
	while ((ns = work(state, n)) < min_ns && n < 1L << 30)
		n = ns < min_ns / 100 ? n * 20 : (long)((double)n * min_ns / ns * 1.2) + 1;
	result(name, n, ns);
}

#endif
