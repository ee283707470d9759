#include "rtcp.h"
#include "rtp.h"

#include <string.h>

#define SENDER_REPORT 200
#define SOURCE_DESCRIPTION 202
#define BYE 203
#define CNAME 1
#define REPORT_BYTES 28 /* with header */
#define BLOCK_BYTES 24
#define SECONDS_1900_TO_1970 2208988800u

/* Header of one packet in the compound: count is of blocks, chunks or sources; the length field is
 * in 32-bit words without the first. */
static void put_header(uint8_t *out, unsigned count, uint8_t type, size_t bytes)
{
	out[0] = (uint8_t)(0x80 | count);
	out[1] = type;
	rtp_put16(out + 2, (uint16_t)(bytes / 4 - 1));
}

static void put_block(uint8_t *out, const struct report_block *block)
{
	rtp_put32(out, block->ssrc);
	rtp_put32(out + 4, (uint32_t)block->fraction_lost << 24 | (block->lost & 0xffffff));
	rtp_put32(out + 8, block->highest);
	rtp_put32(out + 12, block->jitter);
	rtp_put32(out + 16, block->last_report);
	rtp_put32(out + 20, block->delay);
}

size_t rtcp_write(uint8_t out[RTCP_MAX_PACKET], const struct report *report, const char *name)
{
	size_t n = REPORT_BYTES + report->n_blocks * BLOCK_BYTES, text = strlen(name), chunk;
	unsigned i;

	put_header(out, report->n_blocks, SENDER_REPORT, n);
	rtp_put32(out + 4, report->ssrc);
	rtp_put32(out + 8, (uint32_t)(report->ntp >> 32));
	rtp_put32(out + 12, (uint32_t)report->ntp);
	rtp_put32(out + 16, report->timestamp);
	rtp_put32(out + 20, report->packets);
	rtp_put32(out + 24, report->octets);
	for (i = 0; i < report->n_blocks; i++)
		put_block(out + REPORT_BYTES + i * BLOCK_BYTES, &report->blocks[i]);

	/* The list of items ends with 1 to 4 zero bytes, to a multiple of 4 (section 6.5). */
	chunk = (4 + 4 + 2 + text) / 4 * 4 + 4;
	memset(out + n, 0, chunk);
	put_header(out + n, 1, SOURCE_DESCRIPTION, chunk);
	rtp_put32(out + n + 4, report->ssrc);
	out[n + 8] = CNAME;
	out[n + 9] = (uint8_t)text;
	memcpy(out + n + 10, name, text);
	n += chunk;

	if (report->bye) {
		put_header(out + n, 1, BYE, 8);
		rtp_put32(out + n + 4, report->ssrc);
		n += 8;
	}
	return n;
}

static void get_block(struct report_block *out, const uint8_t *in)
{
	out->ssrc = rtp_get32(in);
	out->fraction_lost = in[4];
	out->lost = rtp_get32(in + 4) & 0xffffff;
	out->highest = rtp_get32(in + 8);
	out->jitter = rtp_get32(in + 12);
	out->last_report = rtp_get32(in + 16);
	out->delay = rtp_get32(in + 20);
}

bool rtcp_read(struct report *out, const uint8_t *packet, size_t n)
{
	size_t size;
	unsigned i;

	memset(out, 0, sizeof *out);
	if (n < REPORT_BYTES || packet[1] != SENDER_REPORT)
		return false;
	for (; n > 0; packet += size, n -= size) {
		if (n < 4 || packet[0] >> 6 != 2)
			return false;
		size = ((size_t)rtp_get16(packet + 2) + 1) * 4;
		if (size > n)
			return false;
		if (packet[1] == BYE)
			out->bye = true;
		if (packet[1] != SENDER_REPORT)
			continue;
		out->n_blocks = packet[0] & 0x1f;
		if (out->n_blocks > RTCP_BLOCKS || size < REPORT_BYTES + out->n_blocks * BLOCK_BYTES)
			return false;
		out->ssrc = rtp_get32(packet + 4);
		out->ntp = (uint64_t)rtp_get32(packet + 8) << 32 | rtp_get32(packet + 12);
		out->timestamp = rtp_get32(packet + 16);
		out->packets = rtp_get32(packet + 20);
		out->octets = rtp_get32(packet + 24);
		for (i = 0; i < out->n_blocks; i++)
			get_block(&out->blocks[i], packet + REPORT_BYTES + i * BLOCK_BYTES);
	}
	return true;
}

uint64_t rtcp_ntp_time(uint64_t now)
{
	return (now / 1000000000u + SECONDS_1900_TO_1970) << 32 |
	       (now % 1000000000u << 32) / 1000000000u;
}
