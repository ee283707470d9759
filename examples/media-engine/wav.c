#include "wav.h"
#include "call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RIFF_BYTES 12
#define FORMAT_BYTES 16
#define HEADER_BYTES (RIFF_BYTES + 8 + FORMAT_BYTES + 8)
#define MAX_BYTES (1u << 28)

/* WAV is little-endian. */
static uint32_t get(const uint8_t *in, int bytes)
{
	uint32_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | in[bytes];
	return value;
}

static void put(uint8_t *out, uint32_t value, int bytes)
{
	for (; bytes-- > 0; value >>= 8)
		*out++ = (uint8_t)value;
}

static void must_read(FILE *file, const char *path, uint8_t *out, size_t n)
{
	if (fread(out, 1, n, file) != n)
		give_up("%s: not a WAV file, or truncated", path);
}

/* Reads up to the header of the chunk; returns the size of its data. */
static uint32_t find_chunk(FILE *file, const char *path, const char *name)
{
	uint8_t header[8];

	for (;;) {
		uint32_t size;

		must_read(file, path, header, sizeof header);
		size = get(header + 4, 4);
		if (size > MAX_BYTES)
			give_up("%s: a chunk of %lu bytes", path, (unsigned long)size);
		if (memcmp(header, name, 4) == 0)
			return size;
		/* Chunks are padded to even sizes. */
		if (fseek(file, (long)(size + size % 2), SEEK_CUR) != 0)
			give_up("%s: cannot be read", path);
	}
}

int16_t *wav_read(const char *path, size_t *n)
{
	uint8_t riff[RIFF_BYTES], format[FORMAT_BYTES], *bytes;
	uint32_t size;
	int16_t *samples;
	size_t i;
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		give_up("%s: cannot be opened", path);
	must_read(file, path, riff, sizeof riff);
	if (memcmp(riff, "RIFF", 4) != 0 || memcmp(riff + 8, "WAVE", 4) != 0)
		give_up("%s: not a WAV file", path);
	size = find_chunk(file, path, "fmt ");
	if (size < FORMAT_BYTES)
		give_up("%s: not a WAV file", path);
	must_read(file, path, format, sizeof format);
	if (get(format, 2) != 1 || get(format + 2, 2) != 1 || get(format + 4, 4) != SAMPLE_RATE ||
	    get(format + 14, 2) != 16)
		give_up("%s: only 16 kHz, mono, 16-bit PCM is read; make it with "
		        "\"ffmpeg -i IN -ar 16000 -ac 1 -c:a pcm_s16le OUT.wav\"", path);
	if (fseek(file, (long)(size - FORMAT_BYTES + size % 2), SEEK_CUR) != 0)
		give_up("%s: cannot be read", path);

	size = find_chunk(file, path, "data");
	*n = size / 2;
	if (*n == 0)
		give_up("%s: no samples", path);
	bytes = malloc(*n * 2);
	samples = malloc(*n * sizeof *samples);
	if (bytes == NULL || samples == NULL)
		give_up("out of memory");
	must_read(file, path, bytes, *n * 2);
	for (i = 0; i < *n; i++)
		samples[i] = (int16_t)(uint16_t)get(bytes + 2 * i, 2);
	free(bytes);
	fclose(file);
	return samples;
}

void wav_write(const char *path, const int16_t *samples, size_t n)
{
	size_t size = HEADER_BYTES + 2 * n, i;
	uint8_t *bytes = calloc(1, size);
	FILE *file = fopen(path, "wb");

	if (bytes == NULL)
		give_up("out of memory");
	memcpy(bytes, "RIFF....WAVEfmt ", 16);
	put(bytes + 4, (uint32_t)size - 8, 4);
	put(bytes + 16, FORMAT_BYTES, 4);
	put(bytes + 20, 1, 2); /* PCM */
	put(bytes + 22, 1, 2); /* channel */
	put(bytes + 24, SAMPLE_RATE, 4);
	put(bytes + 28, SAMPLE_RATE * 2, 4); /* bytes in a second */
	put(bytes + 32, 2, 2);               /* bytes of a sample */
	put(bytes + 34, 16, 2);              /* bits of it */
	memcpy(bytes + 36, "data", 4);
	put(bytes + 40, (uint32_t)(2 * n), 4);
	for (i = 0; i < n; i++)
		put(bytes + HEADER_BYTES + 2 * i, (uint16_t)samples[i], 2);
	if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
		give_up("%s: cannot be written", path);
	free(bytes);
}
