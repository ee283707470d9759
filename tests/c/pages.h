/* Memory that is watched: each piece lies between two pages that must not be touched, and one that is
 * not to be written cannot be. An access to such a page, or a byte written there, ends the program. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

/* Where the pieces lie: right before the second such page, or right behind the first. */
extern int pages_behind;

/* A copy of n bytes. */
void *pages_lend(void *content, size_t n, int written);

/* Whether the bytes beside the pieces, up to the ends of their pages, are as they were. */
int pages_intact(void);

/* Takes all pieces back. */
void pages_end(void);

#endif
