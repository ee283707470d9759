/* callkey_last_error and callkey_last_errno, which do not enter Go. */
#include "callkey.h"
#include "check.h"
#include "failure.h"
#include "fork.h"

#include <string.h>

/* It works after an internal error, so that a program can read what that was, and leaves the
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

callkey_status callkey_last_errno(uint32_t *out)
{
	if (fork_child()) {
		if (out != NULL)
			*out = 0;
		return CALLKEY_ERR_FORKED;
	}
	if (out == NULL)
		return CALLKEY_ERR_ARGUMENT;
	*out = failure_last_errno();
	return CALLKEY_OK;
}
