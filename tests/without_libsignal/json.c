/* What a library makes of another library's session record, in JSON: the names of two statuses. A
 * rejected record must leave no session and no output. */
#include <stdio.h>
#include <string.h>

#include "callkey.h"

#define DEVICE "15550001:1@s.whatsapp.net"

static const char *error(char *text, size_t size)
{
	return callkey_last_error(text, &size) == CALLKEY_OK ? text : "no error text";
}

int main(void)
{
	static const uint8_t record[] = "{}";
	char text[512];
	uint8_t out[64] = {0}, zeros[64] = {0};
	size_t size = sizeof out;
	callkey_store store;
	callkey_status status;

	if (callkey_store_open(&store, NULL, NULL, 0, NULL) != CALLKEY_OK)
		return 1;
	status = callkey_session_import(store, DEVICE, record, sizeof record - 1);
	printf("import: %s: %s\n", callkey_status_name(status), error(text, sizeof text));
	if (callkey_session_check(store, DEVICE) != CALLKEY_ERR_NO_SESSION)
		return 2;
	status = callkey_record_merge(out, &size, record, sizeof record - 1, NULL, 0);
	printf("merge: %s: %s\n", callkey_status_name(status), error(text, sizeof text));
	if (size != 0 || memcmp(out, zeros, sizeof out) != 0)
		return 3;
	return callkey_store_close(store) == CALLKEY_OK ? 0 : 4;
}
