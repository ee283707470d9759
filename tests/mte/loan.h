/*
 * What one call of the library is given, each piece in a block of its own: a copy that ends where
 * its block ends, on a heap whose memory is tagged. So the library is stopped at the first byte that
 * it reads or writes behind anything. What it wrote goes back when the call is over.
 */
#ifndef LOAN_H
#define LOAN_H

#include <stddef.h>

#include "callkey.h"

typedef struct loan loan;

/* A copy of n bytes; NULL of NULL. Lengths that no caller has memory for are given as they are: the
 * library must refuse them before it looks. */
const void *loan_in(loan **all, const void *from, size_t n);
/* The same for what the library may change. */
void *loan_out(loan **all, void *from, size_t n);
/* n elements of a size; n may be a length that no caller has memory for. */
const void *loan_list_in(loan **all, const void *from, size_t n, size_t size);
void *loan_list_out(loan **all, void *from, size_t n, size_t size);
/* The longest path, its NUL and one byte more. */
#define LOAN_PATH_BYTES 4097
/* A text with its NUL, or limit bytes of it. */
const char *loan_text(loan **all, const char *from, size_t limit);
/* A list of JIDs. */
const char *const *loan_texts(loan **all, const char *const *from, size_t n);
/* Structs that start with struct_size. */
const void *loan_struct_in(loan **all, const void *from);
void *loan_struct_out(loan **all, void *from);
const callkey_offer_options *loan_options(loan **all, const callkey_offer_options *from);
const callkey_enc *loan_encs(loan **all, const callkey_enc *from, size_t n);

/* Gives back what was written and frees all. */
void loan_end(loan **all);

#endif
