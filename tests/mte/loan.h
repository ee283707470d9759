/*
 * What one call of the library is given, each piece in a block of its own: a copy that ends where
 * its block ends, on a heap whose memory is tagged. So the library is stopped at the first byte that
 * it reads or writes behind anything. What it wrote goes back when the call is over.
 */
#ifndef LOAN_H
#define LOAN_H

#include <stddef.h>

/* A copy of n bytes, in this thread's loans; written says that what is in it goes back at the end. */
void *loan_lend(void *content, size_t n, int written);

/* Ends this thread's loans. */
void loan_end(void);

#endif
