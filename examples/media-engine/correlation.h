/* The similarity of two recordings: 1 identical, 0 unrelated (normalised cross-correlation). */
#ifndef CORRELATION_H
#define CORRELATION_H

#include <stddef.h>
#include <stdint.h>

struct correlation {
	double value; /* at the best lag */
	size_t lag;   /* the delay from said to heard, in samples */
};

/* Compares n samples of said with heard from the lag on. Tries lags up to 10 ms; Opus has 6.5 ms. */
struct correlation correlation_of(const int16_t *said, const int16_t *heard, size_t n);

#endif
