/* The last failure of each thread, in words: what callkey_last_error gives. */
#ifndef CALLKEY_FAILURE_H
#define CALLKEY_FAILURE_H

/* Room for one, with its NUL: the most that callkey_last_error needs. */
#define FAILURE_BYTES 512

/* Allocates this thread's text, at its first call rather than its first failure, which may happen in a
 * signal handler that interrupted malloc. Without memory the thread has no last failure. */
void failure_prepare(void);

/* Keeps text, shorter than FAILURE_BYTES, as this thread's last failure. Copies up to its NUL only: what
 * follows is whatever the stack held. */
void failure_keep(const char *text);

/* This thread's last failure, "" at first. */
const char *failure_last(void);

#endif
