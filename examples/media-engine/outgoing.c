#include "outgoing.h"
#include "call.h"
#include "protection.h"

#include <string.h>

#define BITS_PER_SECOND 32000
#define MAX_PAYLOAD 400 /* bytes; 20 ms at 32 kbit/s have about 80 */

void outgoing_open(struct outgoing *out, uint32_t ssrc, uint64_t first, const struct stream_key *key)
{
	int error;

	memset(out, 0, sizeof *out);
	out->ssrc = ssrc;
	out->first = out->next = first;
	out->srtp = protection_open(ssrc, key);
	out->encoder = opus_encoder_create(SAMPLE_RATE, 1, OPUS_APPLICATION_VOIP, &error);
	if (error != OPUS_OK ||
	    opus_encoder_ctl(out->encoder, OPUS_SET_BITRATE(BITS_PER_SECOND)) != OPUS_OK)
		give_up("no Opus encoder: %s", opus_strerror(error));
}

void outgoing_close(struct outgoing *out)
{
	protection_close(out->srtp);
	if (out->encoder != NULL)
		opus_encoder_destroy(out->encoder);
	memset(out, 0, sizeof *out);
}

void outgoing_rekey(struct outgoing *out, const struct stream_key *key)
{
	protection_rekey(out->srtp, out->ssrc, key);
}

/* RTP timestamps count from 0 here; a real engine starts at a random one (RFC 3550 section 5.1). */
static uint32_t timestamp(const struct outgoing *out)
{
	return (uint32_t)((out->next - out->first) * RTP_TICKS);
}

size_t outgoing_frame(struct outgoing *out, const int16_t *pcm, uint8_t packet[RTP_MAX_PACKET])
{
	struct rtp_header header = {(uint16_t)out->next, timestamp(out), out->ssrc};
	opus_int32 payload = opus_encode(out->encoder, pcm, FRAME_SAMPLES, packet + RTP_HEADER_BYTES,
	                                 MAX_PAYLOAD);
	int n;

	if (payload < 0)
		give_up("Opus: %s", opus_strerror((int)payload));
	rtp_write_header(packet, &header);
	n = RTP_HEADER_BYTES + (int)payload;
	protection_must(srtp_protect(out->srtp, packet, &n), "protect RTP");
	out->next++;
	out->octets += (uint32_t)payload;
	return (size_t)n;
}

size_t outgoing_report(struct outgoing *out, struct report *report, const char *name,
                       uint8_t packet[RTP_MAX_PACKET])
{
	int n;

	report->ssrc = out->ssrc;
	report->ntp = rtcp_ntp_time();
	report->timestamp = timestamp(out);
	report->packets = (uint32_t)(out->next - out->first);
	report->octets = out->octets;
	n = (int)rtcp_write(packet, report, name);
	protection_must(srtp_protect_rtcp(out->srtp, packet, &n), "protect RTCP");
	out->reports++;
	return (size_t)n;
}
