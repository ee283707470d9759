#include "voice.h"
#include "call.h"

#include <math.h>

#define PI 3.14159265358979323846
#define FORMANTS 3

/* Resonances of the mouth in Hz, a to u. */
static const double vowels[][FORMANTS] = {
	{730, 1090, 2440}, {530, 1840, 2480}, {270, 2290, 3010}, {570, 840, 2410}, {300, 870, 2240},
};
static const double bandwidths[FORMANTS] = {80, 100, 140};

/* Numerical Recipes' generator: any fixed sequence will do. */
static double next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state / 4294967296.0;
}

struct resonator {
	double a, b, c, y1, y2;
};

/* A two-pole resonator with gain 1 at 0 Hz. */
static void tune(struct resonator *r, double frequency, double bandwidth)
{
	r->c = -exp(-2 * PI * bandwidth / SAMPLE_RATE);
	r->b = 2 * exp(-PI * bandwidth / SAMPLE_RATE) * cos(2 * PI * frequency / SAMPLE_RATE);
	r->a = 1 - r->b - r->c;
}

static double resonate(struct resonator *r, double x)
{
	double y = r->a * x + r->b * r->y1 + r->c * r->y2;

	r->y2 = r->y1;
	r->y1 = y;
	return y;
}

void voice_speak(int16_t *out, size_t n, uint32_t speaker)
{
	struct resonator mouth[FORMANTS] = {{0}};
	uint32_t state = speaker * 7919u + 1;
	double base = 95 + 32 * speaker, pitch = base, glide = 0, phase = 0, source = 0;
	size_t i, start = 0, length = 0;
	int formant, pause = 0;

	for (i = 0; i < n; i++) {
		double level, sample, breath;

		if (i == start + length) { /* a syllable of 120 to 300 ms, every fifth a pause */
			const double *vowel = vowels[(size_t)(next_random(&state) * 5)];

			start = i;
			length = (size_t)((0.12 + 0.18 * next_random(&state)) * SAMPLE_RATE);
			pause = next_random(&state) < 0.2;
			pitch = base * (0.85 + 0.4 * next_random(&state));
			glide = base * (next_random(&state) - 0.5);
			for (formant = 0; formant < FORMANTS; formant++)
				tune(&mouth[formant], vowel[formant], bandwidths[formant]);
		}
		/* A pulse for each opening of the vocal folds, through a one-pole low-pass filter. */
		phase += (pitch + glide * (double)(i - start) / (double)length) / SAMPLE_RATE;
		source *= 0.94;
		if (phase >= 1) {
			phase -= 1;
			source += 1;
		}
		breath = 0.02 * (next_random(&state) - 0.5);
		level = pause ? 0 : sin(PI * (double)(i - start) / (double)length);
		sample = (source - 0.1 + breath) * level;
		for (formant = 0; formant < FORMANTS; formant++)
			sample = resonate(&mouth[formant], sample);
		sample = sample * 6000;
		out[i] = (int16_t)fmax(-32000, fmin(32000, sample));
	}
}
