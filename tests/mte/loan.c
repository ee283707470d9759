#include "loan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct loan {
	loan *next;
	unsigned char *block, *copy;
	void *back; /* where the copy goes at the end, or NULL */
	size_t n;
};

/* What shares a tag. */
#define GRANULE 16
/* The longest input that a test has memory for. */
#define LONGEST ((size_t)64 << 20)
#define LONGEST_LIST 4096
#define LONGEST_STRUCT 4096

/* The copy ends where the block ends, and a block ends with a granule. */
static void *lend(loan **all, const void *from, size_t n, void *back)
{
	size_t whole = (n + GRANULE - 1) / GRANULE * GRANULE;
	loan *l;

	if (from == NULL || n > LONGEST)
		return (void *)from;
	if (whole == 0)
		whole = GRANULE;
	if ((l = malloc(sizeof *l)) == NULL || (l->block = malloc(whole)) == NULL)
		abort();
	l->next = *all;
	l->copy = l->block + whole - n;
	l->back = back;
	l->n = n;
	memcpy(l->copy, from, n);
	*all = l;
	return l->copy;
}

const void *loan_in(loan **all, const void *from, size_t n)
{
	return lend(all, from, n, NULL);
}

void *loan_out(loan **all, void *from, size_t n)
{
	return lend(all, from, n, from);
}

static int is_long(size_t n, size_t size)
{
	return size > 1 && n > LONGEST_LIST;
}

const void *loan_list_in(loan **all, const void *from, size_t n, size_t size)
{
	return is_long(n, size) ? from : lend(all, from, n * size, NULL);
}

void *loan_list_out(loan **all, void *from, size_t n, size_t size)
{
	return is_long(n, size) ? from : lend(all, from, n * size, from);
}

const char *loan_text(loan **all, const char *from, size_t limit)
{
	size_t n = 0;

	if (from == NULL)
		return NULL;
	while (n < limit && from[n++] != '\0')
		;
	return lend(all, from, n, NULL);
}

const char *const *loan_texts(loan **all, const char *const *from, size_t n)
{
	const char **list;
	size_t i;

	if (from == NULL || n > LONGEST_LIST)
		return from;
	list = lend(all, from, n * sizeof *from, NULL);
	for (i = 0; i < n; i++)
		list[i] = loan_text(all, from[i], CALLKEY_JID_BYTES);
	return list;
}

static void *lend_struct(loan **all, const void *from, void *back)
{
	size_t n;

	if (from == NULL)
		return NULL;
	memcpy(&n, from, sizeof n);
	/* Of a struct without a size that can be, the library reads that size and no more. */
	return lend(all, from, n < sizeof n || n > LONGEST_STRUCT ? sizeof n : n, back);
}

const void *loan_struct_in(loan **all, const void *from)
{
	return lend_struct(all, from, NULL);
}

void *loan_struct_out(loan **all, void *from)
{
	return lend_struct(all, from, from);
}

const callkey_offer_options *loan_options(loan **all, const callkey_offer_options *from)
{
	callkey_offer_options *o = lend_struct(all, from, NULL);

	if (o == NULL || from->struct_size < sizeof *o || from->struct_size > LONGEST_STRUCT)
		return o;
	o->stanza_id = loan_text(all, o->stanza_id, CALLKEY_JID_BYTES);
	o->to = loan_text(all, o->to, CALLKEY_JID_BYTES);
	o->call_id = loan_text(all, o->call_id, CALLKEY_JID_BYTES);
	o->call_creator = loan_text(all, o->call_creator, CALLKEY_JID_BYTES);
	o->capability = loan_in(all, o->capability, o->capability_len);
	o->privacy_token = loan_in(all, o->privacy_token, o->privacy_token_len);
	o->device_identity = loan_in(all, o->device_identity, o->device_identity_len);
	return o;
}

const callkey_enc *loan_encs(loan **all, const callkey_enc *from, size_t n)
{
	callkey_enc *encs;
	size_t i;

	if (from == NULL || n > LONGEST_LIST)
		return from;
	encs = lend(all, from, n * sizeof *from, NULL);
	for (i = 0; i < n; i++) {
		encs[i].jid = loan_text(all, from[i].jid, CALLKEY_JID_BYTES);
		encs[i].ciphertext = loan_in(all, from[i].ciphertext, from[i].ciphertext_len);
	}
	return encs;
}

void loan_end(loan **all)
{
	loan *l;

	while ((l = *all) != NULL) {
		*all = l->next;
		if (l->back != NULL)
			memcpy(l->back, l->copy, l->n);
		free(l->block);
		free(l);
	}
}
