/* Each thread's last failure: its text for callkey_last_error, and the operating system's error number for
 * callkey_last_errno. */
#ifndef CALLKEY_FAILURE_H
#define CALLKEY_FAILURE_H

#include <stdint.h>

/* The longest text, with its NUL. */
#define FAILURE_BYTES 512
/* A failure is its text and, behind the room for that, the number: an uint32_t. */
#define FAILURE_ROOM (FAILURE_BYTES + sizeof(uint32_t))

/* Allocates this thread's failure. Call it at the thread's first call, not at its first failure, which may
 * happen in a signal handler that interrupted malloc. Without memory the thread has no last failure. */
void failure_prepare(void);

/* Stores a failure of FAILURE_ROOM bytes as this thread's last. It copies of the text only up to the NUL:
 * the bytes behind it are old stack. */
void failure_keep(const char *failure);

/* Clears a failure. */
void failure_clear(char *failure);

/* This thread's last failure, "" at first. */
const char *failure_last(void);

/* Its number, 0 at first. */
uint32_t failure_last_errno(void);

#endif
