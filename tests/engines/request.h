/* The requests of tests/engines/engine.py, for an engine in C. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "callkey.h"

enum side { SENDER, RECEIVER };

/* A packet has room for 2048 bytes. Each returns NULL, or the engine's error. */
const char *engine_begin(enum side side, const callkey_srtp_keys *keys, uint32_t ssrc, uint32_t roc);
const char *engine_rekey(enum side side, const callkey_srtp_keys *keys);
const char *engine_protect(int rtcp, uint8_t *packet, size_t *size);
const char *engine_unprotect(int rtcp, uint8_t *packet, size_t *size);

/* Answers until the input ends, and returns the program's exit status. */
int requests(void);

#endif
