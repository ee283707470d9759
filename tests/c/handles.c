/* Handles that are not open: 0, guessed, closed, closed twice. */
#include "every.h"
#include "pair.h"
#include "test.h"

#include <string.h>

/* Without this the tests of what stops every call could pass on calls that never worked. */
static void all_succeed(void)
{
	size_t i;

	REQUIRE_OK(every_prepare());
	for (i = 0; i < every_count; i++) {
		callkey_status status = every_calls[i].call(every_store(&every_calls[i]));
		if (status != CALLKEY_OK)
			test_status(__FILE__, __LINE__, every_calls[i].name, status, CALLKEY_OK);
	}
	every_done();
}

static void refuse(callkey_store not_open)
{
	size_t i, tried = 0;

	for (i = 0; i < every_count; i++) {
		const every_call *c = &every_calls[i];
		if (c->store == NO_STORE)
			continue;
		tried++;
		test_status(__FILE__, __LINE__, c->name, c->call(not_open), CALLKEY_ERR_HANDLE);
	}
	EXPECT(tried == 22);
}

static void zero(void)
{
	REQUIRE_OK(every_prepare());
	refuse(0);
	every_done();
}

static void guessed(void)
{
	callkey_store open;

	REQUIRE_OK(every_prepare());
	open = every_store(&every_calls[every_count - 1]);
	refuse(1);
	refuse((callkey_store)-1);
	refuse(open + 1);
	refuse(open ^ 0x8000000000000000u);
	every_done();
}

static void closed(void)
{
	callkey_store s, other;

	REQUIRE_OK(every_prepare());
	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, 0));
	REQUIRE_OK(callkey_store_close(s));
	EXPECT_STATUS(callkey_store_close(s), CALLKEY_ERR_HANDLE);
	refuse(s);
	/* The token must not come back as another store. */
	REQUIRE_OK(callkey_store_open(&other, NULL, NULL, 0, 0));
	EXPECT(other != s && other != 0);
	refuse(s);
	EXPECT_OK(callkey_store_close(other));
	every_done();
}

static void zero_after_failure(void)
{
	callkey_store s = 42;

	EXPECT_STATUS(callkey_store_open(&s, NULL, NULL, 0, 0x80), CALLKEY_ERR_ARGUMENT);
	EXPECT(s == 0);
}

static const test tests[] = {
	{"all succeed", "a valid call of some function fails, or this file's tests prove nothing",
	 all_succeed},
	{"zero", "a handle that was never set crashes the app or reaches someone's store", zero},
	{"guessed", "a made-up number opens a store", guessed},
	{"closed", "use after close crashes, or reaches a store opened later", closed},
	{"zero after failure", "a failed open leaves a stale handle that looks valid",
	 zero_after_failure},
};

TEST_MAIN(tests)
