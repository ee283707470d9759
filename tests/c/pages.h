/* Guarded memory: each piece lies between two guard pages and may be read-only. An access to a guard
 * page, or a write to a read-only piece, ends the program. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

/* The place of the pieces: right before the second guard page, or right behind the first. */
extern int pages_behind;

/* A copy of n bytes. */
void *pages_lend(void *content, size_t n, int written);

/* Not 0 if the bytes beside the pieces, up to the ends of their pages, are unchanged. */
int pages_intact(void);

/* Takes all pieces back. */
void pages_end(void);

#endif
