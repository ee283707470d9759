/* Every function with each of its arguments made wrong, see trial.h. The valid calls are in every.c, and
 * here for functions that work after a fork, a bug or with a bad handle. */
#include "every.h"
#include "pages.h"
#include "test.h"
#include "trial.h"
#include "trial_names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const every_call *row;

static void prepare(void)
{
	REQUIRE_OK(every_prepare());
}

static void one_function(void)
{
	callkey_status status;

	trial_of(row->name);
	status = row->call(every_store(row));
	if (status != CALLKEY_OK)
		test_status(__FILE__, __LINE__, row->name, status, CALLKEY_OK);
	trial_of(NULL);
}

static void last_error(void)
{
	char text[512];
	size_t n = sizeof text;

	EXPECT_STATUS(callkey_generate(NULL), CALLKEY_ERR_ARGUMENT);
	trial_of("callkey_last_error");
	EXPECT_OK(callkey_last_error(text, &n));
	EXPECT(strcmp(text, "key is NULL") == 0 && n == sizeof "key is NULL");
	trial_of(NULL);
}

/* An app could not tell a full disk from a wrong path. */
static void last_errno(void)
{
	char path[512];
	callkey_store opened;
	uint32_t number = 99;

	EXPECT_STATUS(callkey_generate(NULL), CALLKEY_ERR_ARGUMENT);
	trial_of("callkey_last_errno");
	EXPECT_OK(callkey_last_errno(&number));
	EXPECT(number == 0);
	trial_of(NULL);
	snprintf(path, sizeof path, "%s/no such folder/store", every_folder);
	EXPECT_STATUS(callkey_store_open(&opened, path, NULL, 0, NULL), CALLKEY_ERR_STORE_KEY);
	EXPECT_OK(callkey_last_errno(&number));
	EXPECT(number == 0);
	EXPECT_STATUS(callkey_store_open(&opened, path, (const uint8_t *)"0123456789abcdef0123456789abcdef",
	                                 CALLKEY_STORAGE_KEY_BYTES, NULL),
	              CALLKEY_ERR_STORE);
	EXPECT_OK(callkey_last_errno(&number));
	EXPECT(number == ENOENT);
	/* The failure before it is not told again. */
	EXPECT_STATUS(callkey_generate(NULL), CALLKEY_ERR_ARGUMENT);
	EXPECT_OK(callkey_last_errno(&number));
	EXPECT(number == 0);
}

/* What copying a secret left in a vector register would get onto the stack with all registers. */
static void wipe_registers(void)
{
	uint8_t secret[16], left[16];

	memset(secret, 0x5a, sizeof secret);
	memset(left, 0, sizeof left);
#if defined(__x86_64__) && !defined(_WIN32)
	if (__builtin_cpu_supports("avx")) {
		__asm__ __volatile__("movdqu %0, %%xmm5" : : "m"(secret) : "xmm5");
		callkey_wipe(NULL, 0);
		__asm__ __volatile__("movdqu %%xmm5, %0" : "=m"(left));
	}
#elif defined(__aarch64__)
	__asm__ __volatile__("ldr q20, %0" : : "m"(secret) : "v20");
	callkey_wipe(NULL, 0);
	__asm__ __volatile__("str q20, %0" : "=m"(left));
#endif
	EXPECT_ZERO(left, sizeof left);
}

static void wipe(void)
{
	uint8_t secret[CALLKEY_KEY_BYTES], *there;

	memset(secret, 0x5a, sizeof secret);
	there = pages_lend(secret, sizeof secret, 1);
	callkey_wipe(there, sizeof secret);
	EXPECT_ZERO(there, sizeof secret);
	EXPECT(pages_intact());
	pages_end();
	callkey_wipe(NULL, 0);
	callkey_wipe(NULL, 100);
	wipe_registers();
}

static void complete(void)
{
	trial_complete();
	every_done();
}

int main(int argc, char **argv)
{
	static const test first = {"prepare", "nothing can be tried", prepare},
	                  last = {"complete", "a function lets any argument pass", complete};
	static const test more[] = {
		{"callkey_last_error", "asking for the last error kills the app", last_error},
		{"callkey_last_errno", "asking for the system's reason kills the app", last_errno},
		{"callkey_wipe", "wiping a secret erases the memory beside it", wipe},
	};
	size_t i;

	(void)argc;
	test_begin(argv[0]);
	for (pages_behind = 0; pages_behind < 2; pages_behind++) {
		test_run(&first);
		for (row = every_calls; row < every_calls + every_count; row++) {
			test t = {row->name, "a wrong argument kills the app, or changes its store or memory",
			          one_function};
			test_run(&t);
		}
		for (i = 0; i < COUNT(more); i++)
			test_run(&more[i]);
		test_run(&last);
	}
	return test_end();
}
