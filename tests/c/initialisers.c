/* Calls before main: from the program's initialisers (the very first, and one without a priority) and from
 * functions that run before any initialiser, including the library's. With the static archive the linker
 * decides the order. */
#include "test.h"

#include <stdint.h>

enum { NEVER = -1 };

static callkey_status before = NEVER, first = NEVER, plain = NEVER;

static callkey_status call(void)
{
	uint8_t key[CALLKEY_KEY_BYTES];
	return callkey_generate(key);
}

#ifdef __ELF__
/* musl does not have this list. */
static void run_before(void) { before = call(); }
__attribute__((section(".preinit_array"), used)) static void (*const list[])(void) = {run_before};
#endif

__attribute__((constructor(101))) static void run_first(void) { first = call(); }
__attribute__((constructor)) static void run_plain(void) { plain = call(); }

static void from_initialisers(void)
{
	EXPECT(first == CALLKEY_OK);
	EXPECT(plain == CALLKEY_OK);
}

static void before_initialisers(void)
{
	EXPECT(before == CALLKEY_ERR_INTERNAL || before == (callkey_status)NEVER);
	EXPECT(call() == CALLKEY_OK);
}

static const test tests[] = {
	{"initialisers", "a program with the static archive hangs before main", from_initialisers},
	{"before initialisers", "a program hangs before main, or no call works afterwards", before_initialisers},
};

TEST_MAIN(tests)
