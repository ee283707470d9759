#include "outgoing.h"
#include "call.h"

#include <stdlib.h>
#include <string.h>

#define BITS_PER_SECOND 32000
#define MAX_PAYLOAD 400 /* bytes; 20 ms at 32 kbit/s have about 80 */

struct outgoing *outgoing_open(uint32_t ssrc, uint64_t first, const struct stream_key *key)
{
	struct outgoing *out = calloc(1, sizeof *out);
	int error;

	if (out == NULL)
		give_up("out of memory");
	out->ssrc = ssrc;
	out->first = out->next = out->switched = first;
	out->context = protection_open(ssrc, key);
	out->encoder = opus_encoder_create(SAMPLE_RATE, 1, OPUS_APPLICATION_VOIP, &error);
	if (error != OPUS_OK ||
	    opus_encoder_ctl(out->encoder, OPUS_SET_BITRATE(BITS_PER_SECOND)) != OPUS_OK)
		give_up("no Opus encoder: %s", opus_strerror(error));
	return out;
}

void outgoing_close(struct outgoing *out)
{
	if (out == NULL)
		return;
	handover_give(&out->keys, NULL);
	handover_collect(&out->keys);
	protection_close(out->context);
	opus_encoder_destroy(out->encoder);
	free(out);
}

void outgoing_rekey(struct outgoing *out, const struct stream_key *key)
{
	handover_give(&out->keys, protection_open(out->ssrc, key));
}

/* A new context's ROC is 0, but the stream's sequence numbers go on (RFC 3711 section 3.3.1). Only this thread
 * knows them. */
static void change_key(struct outgoing *out)
{
	struct protection *next;

	/* The old context must have somewhere to go. */
	if (atomic_load(&out->keys.old) != NULL || (next = handover_take(&out->keys)) == NULL)
		return;
	protection_set_roc(next, (uint32_t)(out->next >> 16));
	handover_return(&out->keys, out->context);
	out->context = next;
	out->switched = out->next;
}

/* RTP timestamps count from 0 here; a real engine starts at a random one (RFC 3550 section 5.1). */
size_t outgoing_frame(struct outgoing *out, const int16_t *pcm, uint8_t packet[RTP_MAX_PACKET])
{
	struct rtp_header header = {.type = RTP_AUDIO, .sequence = (uint16_t)out->next,
	                            .timestamp = (uint32_t)((out->next - out->first) * RTP_TICKS),
	                            .ssrc = out->ssrc};
	opus_int32 payload = opus_encode(out->encoder, pcm, FRAME_SAMPLES, packet + RTP_HEADER_BYTES,
	                                 MAX_PAYLOAD);
	int n;

	if (payload < 0)
		give_up("Opus: %s", opus_strerror((int)payload));
	change_key(out);
	rtp_write_header(packet, &header);
	n = RTP_HEADER_BYTES + (int)payload;
	protection_must(srtp_protect(out->context->srtp, packet, &n), "protect RTP");
	out->next++;
	out->octets += (uint32_t)payload;
	return (size_t)n;
}
