#include "rtp.h"

void rtp_put16(uint8_t *out, uint16_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

void rtp_put32(uint8_t *out, uint32_t value)
{
	rtp_put16(out, (uint16_t)(value >> 16));
	rtp_put16(out + 2, (uint16_t)value);
}

uint16_t rtp_get16(const uint8_t *in)
{
	return (uint16_t)(in[0] << 8 | in[1]);
}

uint32_t rtp_get32(const uint8_t *in)
{
	return (uint32_t)rtp_get16(in) << 16 | rtp_get16(in + 2);
}

void rtp_write_header(uint8_t out[RTP_HEADER_BYTES], const struct rtp_header *header)
{
	out[0] = 0x80; /* version 2, no padding, no extension, no CSRC */
	out[1] = (uint8_t)(header->last << 7 | header->type);
	rtp_put16(out + 2, header->sequence);
	rtp_put32(out + 4, header->timestamp);
	rtp_put32(out + 8, header->ssrc);
}

bool rtp_read_header(struct rtp_header *out, const uint8_t *packet, size_t n)
{
	if (n < RTP_HEADER_BYTES || packet[0] != 0x80)
		return false;
	out->type = packet[1] & 0x7f;
	out->last = packet[1] >> 7;
	out->sequence = rtp_get16(packet + 2);
	out->timestamp = rtp_get32(packet + 4);
	out->ssrc = rtp_get32(packet + 8);
	return true;
}

bool rtp_is_rtcp(const uint8_t *packet, size_t n)
{
	return n >= 8 && packet[1] >= 192 && packet[1] <= 223;
}

uint32_t rtp_sender(const uint8_t *packet, size_t n)
{
	if (rtp_is_rtcp(packet, n))
		return rtp_get32(packet + 4);
	return n < RTP_HEADER_BYTES ? 0 : rtp_get32(packet + 8);
}

uint64_t rtp_index(uint64_t highest, uint16_t sequence)
{
	uint64_t index = (highest & ~UINT64_C(0xffff)) | sequence;

	if (index + 0x8000 < highest)
		return index + 0x10000;
	if (index > highest + 0x8000 && index >= 0x10000)
		return index - 0x10000;
	return index;
}
