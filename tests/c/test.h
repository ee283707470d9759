/*
 * The harness of the C tests. A test is a function and a sentence that describes the damage to users if
 * it fails. During each test stdout and stderr go to a file, which must not grow, because the library
 * prints nothing.
 */
#ifndef TEST_H
#define TEST_H

#include <stddef.h>

#include "callkey.h"

typedef struct test {
	const char *name;
	const char *wrong; /* the damage if it fails */
	void (*body)(void);
} test;

/* Starts the harness. The file for stdout and stderr is PROGRAM.out, next to the program. */
void test_begin(const char *program);
void test_run(const test *t);
/* Prints "N passed, N failed" and returns main's result. */
int test_end(void);

/* All three for a table of tests. */
int test_main(const char *program, const test *tests, size_t n);

#define TEST_MAIN(tests) \
	int main(int argc, char **argv) \
	{ \
		(void)argc; \
		return test_main(argv[0], tests, sizeof(tests) / sizeof *(tests)); \
	}

/* Notes a failure of the running test; any thread may. Prints like printf. */
void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes in PROGRAM.out what the test is trying, in case it ends the program. The note is removed at the
 * end of the test. Prints like printf. */
void test_at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether to try a part of all values: a program of another platform, which may be emulated, does without FULL, because
 * its memory is what differs. */
int test_few(void);

/* Failures of the running test so far. */
int test_failures(void);

int test_status(const char *file, int line, const char *call, callkey_status got,
                callkey_status want);
int test_bytes(const char *file, int line, const char *what, const void *got, const void *want,
               size_t n);
int test_all(const char *file, int line, const char *what, const void *got, unsigned char value,
             size_t n);

/* Each notes a failure and continues; the value is 0 after a failure. */
#define EXPECT(condition) \
	((condition) ? 1 : (test_fail(__FILE__, __LINE__, "not so: %s", #condition), 0))
#define EXPECT_STATUS(call, want) test_status(__FILE__, __LINE__, #call, call, want)
#define EXPECT_OK(call) EXPECT_STATUS(call, CALLKEY_OK)
#define EXPECT_BYTES(got, want, n) test_bytes(__FILE__, __LINE__, #got, got, want, n)
/* Every byte is zero, or has one value. */
#define EXPECT_ZERO(got, n) test_all(__FILE__, __LINE__, #got, got, 0, n)
#define EXPECT_FILLED(got, value, n) test_all(__FILE__, __LINE__, #got, got, value, n)

/* Returns from the function if the rest makes no sense. */
#define REQUIRE(condition) \
	do { if (!EXPECT(condition)) return; } while (0)
#define REQUIRE_OK(call) \
	do { if (!EXPECT_OK(call)) return; } while (0)

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
