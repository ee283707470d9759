/*
 * Hands a finished libsrtp context from the set-up thread to the audio thread, and the old one back to be
 * closed. Each way is one pointer that is exchanged atomically, so neither thread waits for the other, and
 * the audio thread allocates and frees nothing.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "protection.h"

#include <stdatomic.h>

struct handover {
	_Atomic(struct protection *) next; /* finished, not in use yet */
	_Atomic(struct protection *) old;  /* no longer in use */
};

/* The set-up thread's. */
void handover_give(struct handover *h, struct protection *context);
/* Closes what the audio thread has given back. True: there was something. */
bool handover_collect(struct handover *h);

/* The audio thread's. handover_take returns NULL if there is nothing new. */
struct protection *handover_take(struct handover *h);
/* False: the last one is not collected yet. Keep this one, and try again later. */
bool handover_return(struct handover *h, struct protection *context);

#endif
