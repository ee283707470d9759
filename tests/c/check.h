/* The test harness: a test is a function; it passes if no check in it fails. */
#ifndef CHECK_H
#define CHECK_H

#include "callkey.h"

#include <stddef.h>
#include <stdint.h>

#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_STATUS(call, want) check_status((call), (want), #call, __FILE__, __LINE__)

/* Prints a failure with where it was. May be called from any thread. Returns passed. */
int check(int passed, const char *what, const char *file, int line);
int check_status(callkey_status got, callkey_status want, const char *what, const char *file,
                 int line);

/* Adds words to the failures that follow, e.g. the name of a vector; NULL: none. */
void check_context(const char *words);

/* Runs one test. */
void test(const char *name, void (*run)(void));
#define TEST(function) test(#function, function)

/* Prints "N passed, N failed". Returns the exit status of the program. */
int test_report(void);

/* Whether all n bytes at p are value. */
int all_bytes(const void *p, int value, size_t n);

/* The tests, one function for each file. */
void test_header(void);
void test_library(void);
void test_vectors(const char *directory);
void test_misuse(void);
void test_buffers(void);
void test_stanza(void);
void test_store(void);
void test_call(void);
void test_threads(void);
void test_fork(void);

/* Two in-memory accounts, the caller with a session to the callee: what many tests start from. */
#define CALLER "111111111111111:1@lid"
#define CALLEE "222222222222222:2@lid"
typedef struct accounts {
	callkey_store caller, callee;
} accounts;
accounts accounts_open(void);
void accounts_close(accounts a);

/* Options of an offer to CALLEE. */
callkey_offer_options offer_options(void);

#endif
