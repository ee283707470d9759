/* Sizes, layouts, statuses and versions: programs have them compiled in, so a library must not change
 * them. */
#include "contract.h"
#include "layout.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* Does not compile if the condition is false: C99 has no static assert. */
#define HOLDS(name, condition) typedef char holds_##name[(condition) ? 1 : -1]

HOLDS(status, sizeof(callkey_status) == 4 && (callkey_status)-1 < 0);
HOLDS(store, sizeof(callkey_store) == 8 && (callkey_store)-1 > 0);
HOLDS(epochs, sizeof(callkey_epochs) == 8 && (callkey_epochs)-1 > 0);

static void twins(void)
{
#define ROW(macro, twin, number) EXPECT(twin() == macro && twin() == number);
	EACH_SIZE(ROW)
#undef ROW
	EXPECT(callkey_srtp_keys_bytes() == sizeof(callkey_srtp_keys));
}

static void statuses(void)
{
	static const struct { callkey_status status; int number; const char *name, *text; } all[] = {
#define ROW(macro, number, text) {macro, number, #macro, text},
		EACH_STATUS(ROW)
#undef ROW
	};
	static const callkey_status unknown[] = {1, -(callkey_status)COUNT(all), INT32_MAX, INT32_MIN};
	size_t i, k;

	for (i = 0; i < COUNT(all); i++) {
		EXPECT(all[i].status == all[i].number);
		if (strcmp(callkey_status_name(all[i].status), all[i].name) != 0)
			test_fail(__FILE__, __LINE__, "%d is named %s, not %s", all[i].number,
			          callkey_status_name(all[i].status), all[i].name);
		if (strcmp(callkey_status_text(all[i].status), all[i].text) != 0)
			test_fail(__FILE__, __LINE__, "%s has the text \"%s\", not \"%s\"", all[i].name,
			          callkey_status_text(all[i].status), all[i].text);
		for (k = 0; k < i; k++)
			EXPECT(strcmp(all[i].text, all[k].text) != 0);
	}
	for (i = 0; i < COUNT(unknown); i++) {
		EXPECT(strcmp(callkey_status_name(unknown[i]), "CALLKEY_ERR_UNKNOWN") == 0);
		EXPECT(strlen(callkey_status_text(unknown[i])) > 2);
	}
}

static void versions(void)
{
	unsigned release[3];
	char more;

	EXPECT(callkey_abi_version() == CALLKEY_ABI_VERSION);
	EXPECT(callkey_abi_version() >> 16 == CALLKEY_ABI_MAJOR);
	EXPECT((callkey_abi_version() & 0xffff) == CALLKEY_ABI_MINOR);
	EXPECT(strcmp(callkey_version(), CALLKEY_VERSION) == 0);
	/* Three numbers, for package managers; they say nothing about the ABI (docs/abi.md). */
	EXPECT(sscanf(callkey_version(), "%u.%u.%u%c", &release[0], &release[1], &release[2], &more) == 3);
}

static void selftest(void)
{
	EXPECT_OK(callkey_selftest());
}

static const test tests[] = {
	{"twins", "a binding that cannot see macros allocates too little", twins},
	{"statuses", "a program shows the wrong cause, or none, to its user", statuses},
	{"versions", "a program runs with a library of another contract", versions},
	{"selftest", "a primitive of this build gives wrong results: no call would have audio", selftest},
};

TEST_MAIN(tests)
