#include "loan.h"

#include <stdlib.h>
#include <string.h>

typedef struct loan {
	struct loan *next;
	unsigned char *block, *copy;
	void *back; /* the copy is written back here at the end, or NULL */
	size_t n;
} loan;

static __thread loan *loans;

/* The bytes that share a tag. */
#define GRANULE 16

/* The copy ends with its block, and a block ends with a granule. */
void *loan_lend(void *content, size_t n, int written)
{
	size_t whole = n == 0 ? GRANULE : (n + GRANULE - 1) / GRANULE * GRANULE;
	loan *l;

	if ((l = malloc(sizeof *l)) == NULL || (l->block = malloc(whole)) == NULL)
		abort();
	l->next = loans;
	l->copy = l->block + whole - n;
	l->back = written ? content : NULL;
	l->n = n;
	memcpy(l->copy, content, n);
	loans = l;
	return l->copy;
}

void loan_end(void)
{
	loan *l;

	while ((l = loans) != NULL) {
		loans = l->next;
		if (l->back != NULL)
			memcpy(l->back, l->copy, l->n);
		free(l->block);
		free(l);
	}
}
