#include "growing.h"

#include <string.h>

/* No struct will ever be larger. */
#define MAX_STRUCT 4096

/* A struct ends with a whole member, never in the middle of a pointer. */
static int struct_size_is_possible(size_t n, size_t size, size_t first)
{
	return n >= first && n <= MAX_STRUCT &&
	       (n == first || n >= size || n % sizeof(size_t) == 0);
}

callkey_status growing_check(struct guard *guard, const char *name, const void *p, size_t size,
                             size_t first)
{
	size_t n;

	if (p == NULL)
		return guard_refuse(guard, name, "is NULL");
	memcpy(&n, p, sizeof n);
	if (!struct_size_is_possible(n, size, first))
		return guard_refuse(guard, name, "has a struct_size that is not the size of the struct");
	return CALLKEY_OK;
}

callkey_status growing_check_input(struct guard *guard, const char *name, const void *in,
                                   size_t size, size_t first)
{
	callkey_status status;
	size_t n, i;

	status = growing_check(guard, name, in, size, first);
	if (status != CALLKEY_OK)
		return status;
	memcpy(&n, in, sizeof n);
	for (i = size; i < n; i++) {
		if (((const unsigned char *)in)[i] != 0) {
			guard_refuse(guard, name, "has members that are newer than this library");
			return CALLKEY_ERR_UNSUPPORTED;
		}
	}
	return CALLKEY_OK;
}

callkey_status growing_take(struct guard *guard, const char *name, void *copy, size_t size,
                            const void *in, size_t first)
{
	callkey_status status;
	size_t n;

	memset(copy, 0, size);
	if (in == NULL)
		return CALLKEY_OK;
	status = growing_check_input(guard, name, in, size, first);
	if (status != CALLKEY_OK)
		return status;
	memcpy(&n, in, sizeof n);
	memcpy(copy, in, n < size ? n : size);
	return CALLKEY_OK;
}

/* With an impossible struct_size the size of out is unknown, so nothing is written. */
void growing_give(int filled, void *out, const void *copy, size_t size, size_t first)
{
	size_t n;

	if (out == NULL)
		return;
	memcpy(&n, out, sizeof n);
	if (!struct_size_is_possible(n, size, first))
		return;
	callkey_wipe((char *)out + sizeof n, n - sizeof n);
	if (filled)
		memcpy((char *)out + sizeof n, (const char *)copy + sizeof n,
		       (n < size ? n : size) - sizeof n);
}
