#include "check.h"

#include <stdio.h>

/* A larger length is a mistake, such as a negative number converted to size_t. */
#define MAX_BYTES ((size_t)1 << 30)
/* The longest list of devices, participants or prekeys, and the limit of an offer. */
#define MAX_ELEMENTS 4096

static callkey_status check_length(struct guard *guard, const char *name, const void *p, size_t n,
                                   size_t max)
{
	if (n > max)
		return guard_refuse(guard, name, "is longer than any such input can be");
	if (p == NULL && n != 0)
		return guard_refuse(guard, name, "is NULL and its length is not 0");
	return CALLKEY_OK;
}

callkey_status check_bytes(struct guard *guard, const char *name, const void *p, size_t n)
{
	return check_length(guard, name, p, n, MAX_BYTES);
}

callkey_status check_elements(struct guard *guard, const char *name, const void *p, size_t n)
{
	return check_length(guard, name, p, n, MAX_ELEMENTS);
}

/* The name of an element, for the text of a failure. */
struct element {
	char name[64];
};

static const char *element(struct element *e, const char *list, size_t i)
{
	snprintf(e->name, sizeof e->name, "%s[%lu]", list, (unsigned long)i);
	return e->name;
}

callkey_status check_structs(struct guard *guard, const char *name, const void *const *pointers, size_t n,
                             size_t size, size_t first, int sparse)
{
	callkey_status status = CALLKEY_OK;
	struct element e;
	size_t i;

	for (i = 0; i < n && status == CALLKEY_OK; i++)
		if (pointers[i] != NULL || !sparse)
			status = growing_check_input(guard, element(&e, name, i), pointers[i], size, first);
	return status;
}

callkey_status check_pieces(struct guard *guard, const char *name, const uint8_t *const *pointers,
                            const size_t *lengths, size_t n)
{
	callkey_status status = CALLKEY_OK;
	struct element e;
	size_t i;

	for (i = 0; i < n && status == CALLKEY_OK; i++)
		status = check_bytes(guard, element(&e, name, i), pointers[i], lengths[i]);
	return status;
}

callkey_status check_room(struct guard *guard, const char *name, const void *out,
                          const size_t *out_len)
{
	if (out_len == NULL)
		return guard_refuse(guard, name, "has no length: the pointer to its capacity is NULL");
	if (out == NULL && *out_len != 0)
		return guard_refuse(guard, name, "is NULL and its capacity is not 0");
	return CALLKEY_OK;
}

void clear_unless_ok(callkey_status status, void *out, size_t n)
{
	if (status != CALLKEY_OK && status != CALLKEY_ERR_BUFFER)
		callkey_wipe(out, n);
}

void clear_elements_unless_ok(callkey_status status, void *out, size_t n, size_t size)
{
	if (n <= MAX_ELEMENTS)
		clear_unless_ok(status, out, n * size);
}

void no_size_unless_ok(callkey_status status, size_t *out_len)
{
	if (status != CALLKEY_OK && status != CALLKEY_ERR_BUFFER && out_len != NULL)
		*out_len = 0;
}

void spread_unless_ok(callkey_status status, callkey_status *statuses, size_t n)
{
	size_t i;
	if (status == CALLKEY_OK || status == CALLKEY_ERR_BUFFER || statuses == NULL || n > MAX_ELEMENTS)
		return;
	for (i = 0; i < n; i++)
		statuses[i] = status;
}
