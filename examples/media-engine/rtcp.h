/* Compound RTCP packets: a sender report with report blocks, the sender's name, at the end a BYE
 * (RFC 3550 section 6). */
#ifndef RTCP_H
#define RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTCP_MAX_PACKET 512
#define RTCP_BLOCKS 2

/* A participant's report about another participant's stream (section 6.4.1). */
struct report_block {
	uint32_t ssrc;
	uint8_t fraction_lost;    /* of 256, since the report before */
	uint32_t lost;            /* 24 bits */
	uint32_t highest;         /* extended sequence number, 32 bits */
	uint32_t jitter;          /* RTP ticks */
	uint32_t last_report;     /* middle 32 bits of the NTP time of the last sender report */
	uint32_t delay;           /* since then, in 1/65536 s */
};

struct report {
	uint32_t ssrc;
	uint64_t ntp;             /* 32.32 seconds since 1900 */
	uint32_t timestamp;       /* the same moment in RTP ticks */
	uint32_t packets, octets; /* sent so far; octets of payload */
	unsigned n_blocks;
	struct report_block blocks[RTCP_BLOCKS];
	bool bye;
};

/* Size in bytes; name is at most 255 bytes long. */
size_t rtcp_write(uint8_t out[RTCP_MAX_PACKET], const struct report *report, const char *name);
bool rtcp_read(struct report *out, const uint8_t *packet, size_t n);

/* now is in ns since 1970. */
uint64_t rtcp_ntp_time(uint64_t now);

#endif
