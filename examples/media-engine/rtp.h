/* RTP packets of this call: 12 bytes of header (RFC 3550 section 5.1), then one Opus frame, or a part of a picture. */
#ifndef RTP_H
#define RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTP_HEADER_BYTES 12
#define RTP_TICKS 960 /* per 20 ms frame: Opus always counts at 48 kHz, RFC 7587 4.1 */
#define RTP_PICTURE_TICKS 9000 /* per picture, 10 in a second: video counts at 90 kHz */
#define RTP_AUDIO 120 /* payload types, dynamic ones */
#define RTP_VIDEO 97
#define RTP_MAX_PACKET 1500

struct rtp_header {
	uint8_t type;  /* RTP_AUDIO, RTP_VIDEO */
	bool last;     /* the marker: of a picture's packets it is the last */
	uint16_t sequence;
	uint32_t timestamp, ssrc;
};

void rtp_write_header(uint8_t out[RTP_HEADER_BYTES], const struct rtp_header *header);
bool rtp_read_header(struct rtp_header *out, const uint8_t *packet, size_t n);

/* RTP and RTCP share the socket (RFC 5761 section 4). */
bool rtp_is_rtcp(const uint8_t *packet, size_t n);

/* The SSRC of an RTP or RTCP packet's sender; 0 if it is too short. */
uint32_t rtp_sender(const uint8_t *packet, size_t n);

/* Extended sequence number of a packet, from the highest one known (RFC 3711 section 3.3.1). */
uint64_t rtp_index(uint64_t highest, uint16_t sequence);

/* Integers of RTP and RTCP: big-endian. */
void rtp_put16(uint8_t *out, uint16_t value);
void rtp_put32(uint8_t *out, uint32_t value);
uint16_t rtp_get16(const uint8_t *in);
uint32_t rtp_get32(const uint8_t *in);

#endif
