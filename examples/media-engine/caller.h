/* The caller's own steps. */
#ifndef CALLER_H
#define CALLER_H

#include "participant.h"

/* Seals a fresh call key for every device of the callee. */
void caller_place(struct participant *p);

/* Handles the first packet of an unknown device: from now on its stream is known. A packet that is not
 * from one of the callee's devices changes nothing. */
void caller_find_device(struct participant *p, struct peer *peer, const uint8_t *packet, size_t n);

/* Seals a fresh epoch for every member of the group. */
void caller_send_epoch(struct participant *p, uint32_t transaction);

#endif
