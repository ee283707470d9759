#include "correlation.h"
#include "call.h"

#include <math.h>

#define MAX_LAG (SAMPLE_RATE / 100)

static double product(const int16_t *a, const int16_t *b, size_t n)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (int32_t)a[i] * b[i];
	return (double)sum;
}

struct correlation correlation_of(const int16_t *said, const int16_t *heard, size_t n)
{
	struct correlation best = {0, 0};
	double said_energy, heard_energy;
	size_t lag;

	if (n <= MAX_LAG)
		return best;
	n -= MAX_LAG;
	said_energy = product(said, said, n);
	heard_energy = product(heard, heard, n);
	for (lag = 0; lag <= MAX_LAG; lag++) {
		double energy = sqrt(said_energy) * sqrt(heard_energy);
		double value = energy == 0 ? 0 : product(said, heard + lag, n) / energy;

		if (value > best.value) {
			best.value = value;
			best.lag = lag;
		}
		/* The window moves on by one sample; integers of this size are exact in a double. */
		heard_energy -= product(heard + lag, heard + lag, 1);
		if (lag < MAX_LAG)
			heard_energy += product(heard + lag + n, heard + lag + n, 1);
	}
	return best;
}
