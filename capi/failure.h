/* The text of each thread's last failure, for callkey_last_error. */
#ifndef CALLKEY_FAILURE_H
#define CALLKEY_FAILURE_H

/* The longest text, with its NUL. */
#define FAILURE_BYTES 512

/* Allocates this thread's text. Call it at the thread's first call, not at its first failure, which may
 * happen in a signal handler that interrupted malloc. Without memory the thread has no last failure. */
void failure_prepare(void);

/* Stores text, shorter than FAILURE_BYTES, as this thread's last failure. It copies only up to the NUL:
 * the bytes behind it are old stack. */
void failure_keep(const char *text);

/* This thread's last failure, "" at first. */
const char *failure_last(void);

#endif
