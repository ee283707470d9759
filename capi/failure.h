/* The last failure of each thread, in words: what callkey_last_error gives. */
#ifndef CALLKEY_FAILURE_H
#define CALLKEY_FAILURE_H

/* Room for one, with its NUL: the most that callkey_last_error needs. */
#define FAILURE_BYTES 512

/* Keeps text, FAILURE_BYTES long, as this thread's last failure. Without memory for it the thread has
 * none. */
void failure_keep(const char *text);

/* This thread's last failure, "" at first. */
const char *failure_last(void);

#endif
