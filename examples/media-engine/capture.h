/*
 * A capture of the call as one device sees it: its packets in FILE, a classic pcap file of raw IP with the ports and
 * checksums of the wire, and its stanzas in FILE.jsonl, a JSON object per line. It writes files, so it is the
 * set-up thread's.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct capture;

struct capture *capture_open(const char *path);
void capture_close(struct capture *capture);

/* Times are in ns since 1970, ports of 127.0.0.1. */
void capture_packet(struct capture *capture, uint64_t at, uint16_t from, uint16_t to,
                    const uint8_t *packet, size_t n);
/* A stanza that arrived. */
void capture_stanza(struct capture *capture, uint64_t at, const char *from, const uint8_t *stanza,
                    size_t n);

#endif
