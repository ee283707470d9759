/* A voice that says vowels, for a demo without a WAV file. */
#ifndef VOICE_H
#define VOICE_H

#include <stddef.h>
#include <stdint.h>

/* The same speaker number gives the same samples; different ones have different pitch and
 * rhythm. */
void voice_speak(int16_t *out, size_t n, uint32_t speaker);

#endif
