#include "capture.h"
#include "call.h"
#include "rtp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000u /* ns */
#define MAGIC 0xa1b23c4du  /* with times in ns; its byte order is that of all numbers */
#define RAW_IP 101
#define IP_BYTES 20
#define UDP_BYTES 8
#define UDP 17
#define LOOPBACK 0x7f000001u

struct capture {
	FILE *packets, *stanzas;
};

static FILE *make(const char *path)
{
	FILE *file = fopen(path, "wb");

	if (file == NULL)
		give_up("%s: %s", path, strerror(errno));
	return file;
}

static void put(FILE *file, const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, file) != n)
		give_up("the capture: %s", strerror(errno));
}

struct capture *capture_open(const char *path)
{
	struct capture *capture = malloc(sizeof *capture);
	uint8_t header[24] = {0};
	char log[512];
	int n = snprintf(log, sizeof log, "%s.jsonl", path);

	if (n < 0 || (size_t)n >= sizeof log)
		give_up("the name of the capture is too long");
	if (capture == NULL)
		give_up("out of memory");
	capture->packets = make(path);
	capture->stanzas = make(log);
	rtp_put32(header, MAGIC);
	rtp_put16(header + 4, 2);
	rtp_put16(header + 6, 4); /* version 2.4 */
	rtp_put32(header + 16, 65535);
	rtp_put32(header + 20, RAW_IP);
	put(capture->packets, header, sizeof header);
	return capture;
}

void capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	if (fclose(capture->packets) != 0 || fclose(capture->stanzas) != 0)
		give_up("the capture: %s", strerror(errno));
	free(capture);
}

/* RFC 1071; bytes beyond the end are 0. */
static uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n; i += 2)
		sum += rtp_get16(bytes + i);
	return i < n ? sum + ((uint32_t)bytes[i] << 8) : sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void write_ip(uint8_t out[IP_BYTES], size_t total)
{
	memset(out, 0, IP_BYTES);
	out[0] = 0x45; /* version 4, five words */
	rtp_put16(out + 2, (uint16_t)total);
	out[6] = 0x40; /* not to be fragmented */
	out[8] = 64;   /* TTL */
	out[9] = UDP;
	rtp_put32(out + 12, LOOPBACK);
	rtp_put32(out + 16, LOOPBACK);
	rtp_put16(out + 10, checksum(add_words(0, out, IP_BYTES)));
}

/* Its checksum is over the addresses, the protocol and the length, too (RFC 768). */
static void write_udp(uint8_t out[UDP_BYTES], const uint8_t ip[IP_BYTES], uint16_t from, uint16_t to,
                      const uint8_t *packet, size_t n)
{
	uint16_t size = (uint16_t)(UDP_BYTES + n), found;
	uint32_t sum = add_words(UDP + size, ip + 12, 8);

	rtp_put16(out, from);
	rtp_put16(out + 2, to);
	rtp_put16(out + 4, size);
	rtp_put16(out + 6, 0);
	found = checksum(add_words(add_words(sum, out, UDP_BYTES), packet, n));
	rtp_put16(out + 6, found == 0 ? 0xffff : found); /* 0 would mean none */
}

void capture_packet(struct capture *capture, uint64_t at, uint16_t from, uint16_t to,
                    const uint8_t *packet, size_t n)
{
	uint8_t head[16 + IP_BYTES + UDP_BYTES];
	uint8_t *ip = head + 16, *udp = ip + IP_BYTES;
	size_t total = IP_BYTES + UDP_BYTES + n;

	rtp_put32(head, (uint32_t)(at / SECOND));
	rtp_put32(head + 4, (uint32_t)(at % SECOND));
	rtp_put32(head + 8, (uint32_t)total);
	rtp_put32(head + 12, (uint32_t)total);
	write_ip(ip, total);
	write_udp(udp, ip, from, to, packet, n);
	put(capture->packets, head, sizeof head);
	put(capture->packets, packet, n);
}

void capture_stanza(struct capture *capture, uint64_t at, const char *from, const uint8_t *stanza,
                    size_t n)
{
	size_t i;

	fprintf(capture->stanzas, "{\"time\": %" PRIu64 ".%09" PRIu64 ", \"direction\": \"in\", ",
	        at / SECOND, at % SECOND);
	fprintf(capture->stanzas, "\"from\": \"%s\", \"stanza\": \"", from);
	for (i = 0; i < n; i++)
		fprintf(capture->stanzas, "%02x", stanza[i]);
	fputs("\"}\n", capture->stanzas);
}
