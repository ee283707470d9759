/*
 * Structs that start with struct_size: rule 12 of callkey.h. They come from a program with this
 * library's callkey.h, an older or a newer one. The library works on a copy of its own version.
 */
#ifndef CALLKEY_GROWING_H
#define CALLKEY_GROWING_H

#include "guard.h"

/* The size that struct s had when it first appeared, up to its member last. */
#define FIRST_SIZE(s, last) ((size_t)((char *)&(s).last - (char *)&(s)) + sizeof(s).last)

/* Is p a struct of a size that it can have? size is that of this library's version. */
callkey_status growing_check(struct guard *guard, const char *name, const void *p, size_t size,
                             size_t first);

/* Reads an input into a copy. Members that an older program lacks are zero, members that a newer one
 * adds must be zero. A NULL that the function allows is all zero. */
callkey_status growing_take(struct guard *guard, const char *name, void *copy, size_t size,
                            const void *in, size_t first);

/* Writes a copy to an output, or zeros unless it is filled. struct_size stays the caller's. */
void growing_give(int filled, void *out, const void *copy, size_t size, size_t first);

#endif
