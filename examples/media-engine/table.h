/* The demo's output: events as they happen and, on a terminal, the live streams below them. */
#ifndef TABLE_H
#define TABLE_H

#include "keys.h"

struct table_row {
	const char *sender, *receiver;
	bool video;
	uint64_t packets, authentic, refused, lost;
	uint32_t roc, reports, epoch;
	uint8_t fingerprint[FINGERPRINT_BYTES];
};

void table_start(void);
void table_title(const char *format, ...);

/* seconds is of media. */
void table_event(double seconds, const char *format, ...);

/* Redraws in place; without a terminal it prints only if the table is to stay. */
void table_draw(double seconds, const struct table_row *rows, unsigned n, bool stay);

void table_check(bool good, const char *format, ...);
int table_end(void); /* the exit status */

/* 16 digits and a NUL. */
void table_fingerprint(char out[2 * FINGERPRINT_BYTES + 1],
                       const uint8_t fingerprint[FINGERPRINT_BYTES]);

#endif
