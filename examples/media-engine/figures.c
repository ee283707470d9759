#include "figures.h"

uint64_t figures_lost(const struct reception *heard)
{
	uint64_t expected = heard->started ? heard->highest - heard->first + 1 : 0;

	return expected > heard->authentic ? expected - heard->authentic : 0;
}
