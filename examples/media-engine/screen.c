#include "screen.h"
#include "call.h"

#include <string.h>

static void use_key(struct screen *screen, const struct stream_key *key, const struct frame_key *frames)
{
	screen->current = protection_open(screen->ssrc, key);
	screen->key = *frames;
	screen->figures.epoch = key->epoch;
	memcpy(screen->figures.fingerprint, key->fingerprint, FINGERPRINT_BYTES);
}

void screen_open(struct screen *screen, uint32_t ssrc, const struct stream_key *key,
                 const struct frame_key *frames)
{
	screen->ssrc = ssrc;
	use_key(screen, key, frames);
}

void screen_close(struct screen *screen)
{
	screen_end_overlap(screen);
	protection_close(screen->current);
	keys_wipe(screen, sizeof *screen);
}

void screen_rekey(struct screen *screen, const struct stream_key *key, const struct frame_key *frames)
{
	screen_end_overlap(screen);
	screen->old = screen->current;
	screen->old_key = screen->key;
	use_key(screen, key, frames);
}

void screen_end_overlap(struct screen *screen)
{
	protection_close(screen->old);
	screen->old = NULL;
	keys_wipe(&screen->old_key, sizeof screen->old_key);
}

static int open_packet(const struct protection *context, const uint8_t *packet, size_t n, uint8_t *out)
{
	int size = (int)n;

	if (context == NULL)
		return -1;
	memcpy(out, packet, n);
	return srtp_unprotect(context->srtp, out, &size) == srtp_err_status_ok ? size : -1;
}

static bool open_frame(const struct screen *screen, uint8_t *picture, size_t *n, uint64_t *number)
{
	return keys_open_frame(&screen->key, picture, n, screen->frame, screen->size, number) ||
	       (screen->old != NULL &&
	        keys_open_frame(&screen->old_key, picture, n, screen->frame, screen->size, number));
}

static void show(struct screen *screen)
{
	uint8_t picture[CAMERA_FRAME_MAX], expected[PICTURE_MAX];
	size_t n = sizeof picture;
	uint64_t number;

	screen->figures.pictures++;
	if (!open_frame(screen, picture, &n, &number) || number < screen->shown)
		return;
	screen->shown = number + 1;
	if (n == picture_draw(expected, number) && memcmp(picture, expected, n) == 0)
		screen->figures.shown++;
}

void screen_packet(struct screen *screen, const uint8_t *packet, size_t n)
{
	uint8_t plain[RTP_MAX_PACKET];
	struct rtp_header header;
	size_t part;
	int size;

	if (n > sizeof plain || !rtp_read_header(&header, packet, n))
		return;
	screen->figures.received++;
	size = open_packet(screen->current, packet, n, plain);
	if (size < 0)
		size = open_packet(screen->old, packet, n, plain);
	if (size < 0) {
		screen->figures.refused++;
		return;
	}
	if (screen->figures.authentic > 0 && header.sequence != screen->next)
		screen->broken = true;
	screen->figures.authentic++;
	screen->next = (uint16_t)(header.sequence + 1);
	part = (size_t)size - RTP_HEADER_BYTES;
	if (part > sizeof screen->frame - screen->size)
		screen->broken = true;
	if (!screen->broken) {
		memcpy(screen->frame + screen->size, plain + RTP_HEADER_BYTES, part);
		screen->size += part;
	}
	if (header.last) {
		if (!screen->broken)
			show(screen);
		screen->size = 0;
		screen->broken = false;
	}
}
