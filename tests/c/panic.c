/* A bug inside the library, in a build whose callkey_selftest panics: it must not unwind into C, and
 * nothing may run after it. A program of its own, because that is what the library is for then. */
#include "check.h"

#include <pthread.h>
#include <string.h>

static void *first_call(void *argument)
{
	(void)argument;
	CHECK_STATUS(callkey_selftest(), CALLKEY_ERR_INTERNAL);
	return NULL;
}

/* If this failed, a bug would end the program without a word, or the library would go on with
 * half-written state. */
static void a_panic_closes_the_library(void)
{
	accounts a = accounts_open();
	uint8_t key[CALLKEY_KEY_BYTES];
	char text[512];
	size_t n = sizeof text;
	pthread_t thread;
	CHECK(pthread_create(&thread, NULL, first_call, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);

	memset(key, 0xa5, sizeof key);
	CHECK_STATUS(callkey_generate(key), CALLKEY_ERR_INTERNAL);
	CHECK(all_bytes(key, 0, sizeof key));
	CHECK_STATUS(callkey_store_close(a.caller), CALLKEY_ERR_INTERNAL);
	CHECK_STATUS(callkey_check(NULL, 1), CALLKEY_ERR_INTERNAL);

	/* Every thread learns what it was and where. */
	CHECK_STATUS(callkey_last_error(text, &n), CALLKEY_OK);
	CHECK(strstr(text, "index out of range [3] with length 0") != NULL);
	CHECK(strstr(text, "elementAt") != NULL);
	CHECK(strcmp(callkey_status_name(CALLKEY_OK), "CALLKEY_OK") == 0);
	callkey_wipe(key, sizeof key);
}

int main(void)
{
	TEST(a_panic_closes_the_library);
	return test_report();
}
