#include "correlation.h"
#include "call.h"

#include <math.h>

#define MAX_LAG FRAME_SAMPLES

static double product(const int16_t *a, const int16_t *b, size_t n)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (int32_t)a[i] * b[i];
	return (double)sum;
}

static double normalised(const int16_t *said, const int16_t *heard, size_t n)
{
	double energy = sqrt(product(said, said, n)) * sqrt(product(heard, heard, n));

	return energy == 0 ? 0 : product(said, heard, n) / energy;
}

struct correlation correlation_of(const int16_t *said, const int16_t *heard, size_t n)
{
	struct correlation best = {0, 0};
	size_t lag;

	if (n <= MAX_LAG)
		return best;
	n -= MAX_LAG;
	for (lag = 0; lag <= MAX_LAG; lag++) {
		double value = normalised(said, heard + lag, n);

		if (value > best.value) {
			best.value = value;
			best.lag = lag;
		}
	}
	return best;
}
