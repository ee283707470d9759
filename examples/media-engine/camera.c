#include "camera.h"
#include "call.h"

#include <string.h>

void camera_open(struct camera *camera, uint32_t ssrc, const struct stream_key *key,
                 const struct frame_key *frames)
{
	camera->context = protection_open(ssrc, key);
	camera->key = *frames;
}

void camera_close(struct camera *camera)
{
	protection_close(camera->context);
	keys_wipe(camera, sizeof *camera);
}

void camera_rekey(struct camera *camera, const struct stream_key *key, const struct frame_key *frames)
{
	protection_rekey(camera->context, key);
	camera->key = *frames;
}

static void write_packet(struct camera *camera, struct shot *shot, const uint8_t *part, size_t n,
                         bool last)
{
	struct rtp_header header = {
	    .type = RTP_VIDEO, .last = last, .sequence = camera->next++,
	    .timestamp = (uint32_t)(camera->pictures * RTP_PICTURE_TICKS), .ssrc = camera->context->ssrc};
	uint8_t *packet = shot->packets[shot->n].bytes;
	int size = (int)(RTP_HEADER_BYTES + n);

	rtp_write_header(packet, &header);
	memcpy(packet + RTP_HEADER_BYTES, part, n);
	protection_must(srtp_protect(camera->context->srtp, packet, &size), "protect video");
	shot->packets[shot->n++].size = (size_t)size;
}

void camera_shoot(struct camera *camera, struct shot *out)
{
	uint8_t picture[PICTURE_MAX], frame[CAMERA_FRAME_MAX];
	size_t n = picture_draw(picture, camera->pictures), at;
	size_t size = keys_seal_frame(&camera->key, frame, sizeof frame, picture, n, camera->pictures);

	out->n = 0;
	for (at = 0; at < size; at += CAMERA_PAYLOAD) {
		size_t part = size - at < CAMERA_PAYLOAD ? size - at : CAMERA_PAYLOAD;

		write_packet(camera, out, frame + at, part, at + part == size);
	}
	camera->pictures++;
}
