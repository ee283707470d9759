#include "picture.h"

size_t picture_draw(uint8_t out[PICTURE_MAX], uint64_t number)
{
	uint32_t state = (uint32_t)number * 7919u + 1;
	size_t n = PICTURE_MAX / 4 + number * 613 % (PICTURE_MAX * 3 / 4), i;

	for (i = 0; i < n; i++) {
		state = state * 1664525u + 1013904223u; /* Numerical Recipes' generator */
		out[i] = (uint8_t)(state >> 24);
	}
	return n;
}
