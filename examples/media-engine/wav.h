/* WAV files: 16 kHz, mono, 16-bit PCM. */
#ifndef WAV_H
#define WAV_H

#include <stddef.h>
#include <stdint.h>

/* The samples, which the caller frees; ends the program if the file does not have this format. */
int16_t *wav_read(const char *path, size_t *n);
void wav_write(const char *path, const int16_t *samples, size_t n);

#endif
