/*
 * The audio thread's newest figures, for the set-up thread. Of three copies the audio thread writes one, the
 * set-up thread reads another, and each exchanges its own for the third: neither waits, and none is read
 * half written.
 */
#ifndef LATEST_H
#define LATEST_H

#include "figures.h"

#include <stdatomic.h>

struct latest {
	struct figures copies[3];
	unsigned written, read; /* each of one thread only */
	atomic_uint between;
};

void latest_start(struct latest *latest);
void latest_write(struct latest *latest, const struct figures *figures);
/* Valid until the next call. */
const struct figures *latest_read(struct latest *latest);

#endif
