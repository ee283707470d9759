/*
 * Structs that start with struct_size: rule 12 of callkey.h. The program may be built with this
 * callkey.h, an older one or a newer one. The library works on a copy in its own version.
 */
#ifndef CALLKEY_GROWING_H
#define CALLKEY_GROWING_H

#include "guard.h"

/* The size that struct s had when it first appeared, up to its member last. */
#define FIRST_SIZE(s, last) ((size_t)((char *)&(s).last - (char *)&(s)) + sizeof(s).last)

/* Checks the struct_size of p. size is the size in this library's version. */
callkey_status growing_check(struct guard *guard, const char *name, const void *p, size_t size,
                             size_t first);

/* Checks an input: its struct_size, and that members that a newer program adds are zero. */
callkey_status growing_check_input(struct guard *guard, const char *name, const void *in,
                                   size_t size, size_t first);

/* Reads an input into a copy. Members that an older program lacks become zero; members that a newer
 * program adds must be zero. NULL, where the function allows it, is a struct of zeros. */
callkey_status growing_take(struct guard *guard, const char *name, void *copy, size_t size,
                            const void *in, size_t first);

/* Writes a copy to an output, or zeros if it is not filled. The caller's struct_size stays. */
void growing_give(int filled, void *out, const void *copy, size_t size, size_t first);

#endif
