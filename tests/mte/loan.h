/*
 * The inputs and outputs of one call of the library, each copied to the end of its own block on a tagged
 * heap. So the processor stops the library at the first byte that it reads or writes past an end. After
 * the call the outputs are copied back.
 */
#ifndef LOAN_H
#define LOAN_H

#include <stddef.h>

/* Lends a copy of n bytes in this thread; if written, it is copied back at the end. */
void *loan_lend(void *content, size_t n, int written);

/* Ends this thread's loans. */
void loan_end(void);

#endif
