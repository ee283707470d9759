/*
 * The functions that do not enter Go: they work in a child of fork(), or after an internal error.
 */
#include "callkey.h"
#include "check.h"
#include "failure.h"
#include "fork.h"

#include <string.h>

/* It answers after an internal error too, or nobody could learn what that was, and it leaves the
 * thread's text as it is. */
callkey_status callkey_last_error(char *out, size_t *out_len)
{
	size_t need;
	callkey_status status = CALLKEY_OK;

	if (fork_child())
		status = CALLKEY_ERR_FORKED;
	else if (out_len == NULL || (out == NULL && *out_len != 0))
		status = CALLKEY_ERR_ARGUMENT;
	if (status != CALLKEY_OK) {
		no_size_unless_ok(status, out_len);
		return status;
	}
	need = strlen(failure_last()) + 1;
	if (*out_len < need)
		status = CALLKEY_ERR_BUFFER;
	else
		memcpy(out, failure_last(), need);
	*out_len = need;
	return status;
}

void callkey_wipe(void *p, size_t n)
{
	if (p == NULL)
		return;
	memset(p, 0, n);
	/* The compiler must believe that someone reads the zeros, or it drops the memset. */
	__asm__ __volatile__("" : : "r"(p) : "memory");
}
