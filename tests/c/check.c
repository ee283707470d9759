#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int checks_failed, tests_passed, tests_failed;
static const char *context;

int check(int passed, const char *what, const char *file, int line)
{
	if (passed)
		return 1;
	pthread_mutex_lock(&lock);
	checks_failed++;
	if (checks_failed <= 50)
		printf("%s:%d: %s%s%s\n", file, line, context == NULL ? "" : context,
		       context == NULL ? "" : ": ", what);
	pthread_mutex_unlock(&lock);
	return 0;
}

int check_status(callkey_status got, callkey_status want, const char *what, const char *file,
                 int line)
{
	char words[1024], text[512] = "";
	size_t n = sizeof text;
	if (got == want)
		return 1;
	if (got != CALLKEY_OK)
		(void)callkey_last_error(text, &n);
	snprintf(words, sizeof words, "%s gives %s (%s), not %s", what, callkey_status_name(got), text,
	         callkey_status_name(want));
	return check(0, words, file, line);
}

void check_context(const char *words)
{
	context = words;
}

void test(const char *name, void (*run)(void))
{
	int before = checks_failed;
	run();
	context = NULL;
	if (checks_failed == before) {
		tests_passed++;
	} else {
		tests_failed++;
		printf("FAILED %s\n", name);
	}
	fflush(stdout);
}

int test_report(void)
{
	printf("%d passed, %d failed\n", tests_passed, tests_failed);
	return tests_failed == 0 && tests_passed > 0 ? 0 : 1;
}

int all_bytes(const void *p, int value, size_t n)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (((const unsigned char *)p)[i] != value)
			return 0;
	return 1;
}

accounts accounts_open(void)
{
	accounts a = {0, 0};
	callkey_prekey prekey;
	callkey_prekey_bundle bundle;
	CHECK_STATUS(callkey_store_open(&a.caller, NULL, NULL, 0, 0), CALLKEY_OK);
	CHECK_STATUS(callkey_store_open(&a.callee, NULL, NULL, 0, 0), CALLKEY_OK);
	CHECK_STATUS(callkey_store_add_prekeys(a.callee, &prekey, 1), CALLKEY_OK);
	CHECK_STATUS(callkey_store_bundle(a.callee, &bundle), CALLKEY_OK);
	CHECK_STATUS(callkey_session_begin(a.caller, CALLEE, &bundle), CALLKEY_OK);
	return a;
}

void accounts_close(accounts a)
{
	CHECK_STATUS(callkey_store_close(a.caller), CALLKEY_OK);
	CHECK_STATUS(callkey_store_close(a.callee), CALLKEY_OK);
}

callkey_offer_options offer_options(void)
{
	static const uint8_t device_identity[] = "opaque to the library";
	callkey_offer_options o;
	memset(&o, 0, sizeof o);
	o.struct_size = sizeof o;
	o.stanza_id = "A1B2";
	o.to = "222222222222222@lid";
	o.call_id = "00112233445566778899AABBCCDDEEFF";
	o.call_creator = CALLER;
	o.device_identity = device_identity;
	o.device_identity_len = sizeof device_identity;
	return o;
}
