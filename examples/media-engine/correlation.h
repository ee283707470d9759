/* How much of one recording is in another: 1 all of it, 0 nothing (normalised cross-correlation). */
#ifndef CORRELATION_H
#define CORRELATION_H

#include <stddef.h>
#include <stdint.h>

struct correlation {
	double value; /* at the best lag */
	size_t lag;   /* samples by which heard comes later than said */
};

/* Of n samples; heard has them from the lag on. Lags up to 10 ms are tried; Opus has
 * 6.5 ms. */
struct correlation correlation_of(const int16_t *said, const int16_t *heard, size_t n);

#endif
