/*
 * The harness of the C tests. A test is a function with a sentence that says what would be wrong
 * in the world if it failed. Each test runs with its stdout and stderr going to a file; the
 * library must leave that file as it is, for it writes nothing anywhere.
 */
#ifndef TEST_H
#define TEST_H

#include <stddef.h>

#include "callkey.h"

typedef struct test {
	const char *name;
	const char *wrong; /* in the world, if it fails */
	void (*body)(void);
} test;

/* Starts the harness. The file for what is printed is PROGRAM.out, beside the program. */
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

/* Leaves a note in PROGRAM.out of what is being tried, for a test that may end the program. It is gone
 * when the test is over. Prints like printf. */
void test_at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Failures of the running test so far. */
int test_failures(void);

int test_status(const char *file, int line, const char *call, callkey_status got,
                callkey_status want);
int test_bytes(const char *file, int line, const char *what, const void *got, const void *want,
               size_t n);
int test_all(const char *file, int line, const char *what, const void *got, unsigned char value,
             size_t n);

/* Each notes a failure and goes on; the value says whether it held. */
#define EXPECT(condition) \
	((condition) ? 1 : (test_fail(__FILE__, __LINE__, "not so: %s", #condition), 0))
#define EXPECT_STATUS(call, want) test_status(__FILE__, __LINE__, #call, call, want)
#define EXPECT_OK(call) EXPECT_STATUS(call, CALLKEY_OK)
#define EXPECT_BYTES(got, want, n) test_bytes(__FILE__, __LINE__, #got, got, want, n)
/* Every byte is zero, or has one value. */
#define EXPECT_ZERO(got, n) test_all(__FILE__, __LINE__, #got, got, 0, n)
#define EXPECT_FILLED(got, value, n) test_all(__FILE__, __LINE__, #got, got, value, n)

/* Leaves the function where going on makes no sense. */
#define REQUIRE(condition) \
	do { if (!EXPECT(condition)) return; } while (0)
#define REQUIRE_OK(call) \
	do { if (!EXPECT_OK(call)) return; } while (0)

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
