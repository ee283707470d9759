/* Handles that are not open: 0, guessed, closed, closed twice. */
#include "every.h"
#include "pair.h"
#include "test.h"

#include <string.h>

/* Without this the tests of conditions that stop every call could pass on calls that never worked. */
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

static void refuse(uint64_t not_open)
{
	size_t i, tried = 0;

	for (i = 0; i < every_count; i++) {
		const every_call *c = &every_calls[i];
		if (c->store == NO_STORE)
			continue;
		tried++;
		test_status(__FILE__, __LINE__, c->name, c->call(not_open), CALLKEY_ERR_HANDLE);
	}
	EXPECT(tried > 0);
}

static void zero(void)
{
	REQUIRE_OK(every_prepare());
	refuse(0);
	every_done();
}

static void guessed(void)
{
	uint64_t open;
	size_t i;

	REQUIRE_OK(every_prepare());
	refuse(1);
	refuse((uint64_t)-1);
	for (i = 0; i < every_count; i++) {
		if ((open = every_store(&every_calls[i])) == 0)
			continue;
		refuse(open + 1);
		refuse(open ^ 0x8000000000000000u);
	}
	every_done();
}

static void closed(void)
{
	callkey_store s, other;
	callkey_epochs group, other_group;

	REQUIRE_OK(every_prepare());
	REQUIRE_OK(callkey_store_open(&s, NULL, NULL, 0, NULL));
	REQUIRE_OK(callkey_store_close(s));
	EXPECT_STATUS(callkey_store_close(s), CALLKEY_ERR_HANDLE);
	refuse(s);
	/* The token must not be reused for another store. */
	REQUIRE_OK(callkey_store_open(&other, NULL, NULL, 0, NULL));
	EXPECT(other != s && other != 0);
	refuse(s);
	REQUIRE_OK(callkey_epochs_new(&group));
	REQUIRE_OK(callkey_epochs_free(group));
	EXPECT_STATUS(callkey_epochs_free(group), CALLKEY_ERR_HANDLE);
	refuse(group);
	REQUIRE_OK(callkey_epochs_new(&other_group));
	EXPECT(other_group != group && other_group != 0);
	refuse(group);
	/* An open handle of the other kind is not valid for this one. */
	EXPECT_STATUS(callkey_epochs_free(other), CALLKEY_ERR_HANDLE);
	EXPECT_STATUS(callkey_store_close(other_group), CALLKEY_ERR_HANDLE);
	EXPECT_OK(callkey_epochs_free(other_group));
	EXPECT_OK(callkey_store_close(other));
	every_done();
}

static void zero_after_failure(void)
{
	const callkey_store_options unknown = {sizeof unknown, 0x80000000u, 0};
	callkey_store s = 42;

	EXPECT_STATUS(callkey_store_open(&s, NULL, NULL, 0, &unknown), CALLKEY_ERR_ARGUMENT);
	EXPECT(s == 0);
}

static const test tests[] = {
	{"all succeed", "a valid call of some function fails, or this file's tests prove nothing",
	 all_succeed},
	{"zero", "a handle of zero crashes the app or reaches a store", zero},
	{"guessed", "a made-up number opens a store", guessed},
	{"closed", "use after close crashes, or reaches a store opened later", closed},
	{"zero after failure", "a failed open leaves a stale handle that looks valid",
	 zero_after_failure},
};

TEST_MAIN(tests)
