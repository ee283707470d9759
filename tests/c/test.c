#define _POSIX_C_SOURCE 200809L
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int printed;   /* the file that stdout and stderr go to while a test runs */
static int noted;     /* the same file, for a note at its end that does not count */
static off_t start;   /* its size when the running test began */
static int at_note;   /* the note is there */
static FILE *report;  /* the real stdout */
static int passed, failed;

enum { NOTE_BYTES = 200 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const test *running;
static int failures;

/* A harness that cannot start has no results, and must not look like zero failures. */
static void give_up(const char *what)
{
	perror(what);
	exit(2);
}

void test_begin(const char *program)
{
	char path[4096];
	int out = dup(1);

	if (out < 0 || (report = fdopen(out, "w")) == NULL)
		give_up("stdout");
#ifdef _WIN32
	setmode(out, O_BINARY); /* one byte at a line's end, as everywhere */
#endif
	setvbuf(report, NULL, _IOLBF, BUFSIZ);
	snprintf(path, sizeof path, "%s.out", program);
	printed = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	noted = open(path, O_WRONLY);
#ifdef _WIN32
	setmode(noted, O_BINARY);
#endif
	if (printed < 0 || noted < 0 || dup2(printed, 1) < 0 || dup2(printed, 2) < 0)
		give_up(path);
}

void test_run(const test *t)
{
	off_t after;

	start = lseek(printed, 0, SEEK_END);
	running = t;
	failures = 0;
	at_note = 0;
	t->body();
	fflush(NULL);
	after = lseek(printed, 0, SEEK_END);
	if (at_note && after == start + NOTE_BYTES && ftruncate(noted, start) == 0)
		after = start;
	if (after != start)
		test_fail(__FILE__, __LINE__, "%ld bytes were printed", (long)(after - start));
	if (failures == 0)
		passed++;
	else
		failed++;
}

int test_end(void)
{
	fprintf(report, "%d passed, %d failed\n", passed, failed);
	fclose(report);
	return failed == 0 && passed > 0 ? 0 : 1;
}

int test_few(void)
{
	const char *runner = getenv("RUNNER");

	return runner != NULL && runner[0] != 0 && getenv("FULL") == NULL;
}

int test_main(const char *program, const test *tests, size_t n)
{
	size_t i;

	test_begin(program);
	for (i = 0; i < n; i++)
		test_run(&tests[i]);
	return test_end();
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	pthread_mutex_lock(&lock);
	/* One failure in a loop over every byte need not be printed a thousand times. */
	if (failures++ < 20) {
		if (failures == 1)
			fprintf(report, "FAIL %s: %s\n", running->name, running->wrong);
		fprintf(report, "  %s:%d: ", file, line);
		va_start(arguments, format);
		vfprintf(report, format, arguments);
		va_end(arguments);
		fputc('\n', report);
	}
	pthread_mutex_unlock(&lock);
}

/* All notes have the same size, so the library's output starts behind them. */
void test_at(const char *format, ...)
{
	char note[NOTE_BYTES + 1];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(note, sizeof note, format, arguments);
	va_end(arguments);
	if (n < 0 || n >= NOTE_BYTES)
		n = NOTE_BYTES - 1;
	memset(note + n, ' ', NOTE_BYTES - (size_t)n);
	note[NOTE_BYTES - 1] = '\n';
	at_note = lseek(noted, start, SEEK_SET) == start && write(noted, note, NOTE_BYTES) == NOTE_BYTES;
}

int test_failures(void)
{
	int n;

	pthread_mutex_lock(&lock);
	n = failures;
	pthread_mutex_unlock(&lock);
	return n;
}

int test_status(const char *file, int line, const char *call, callkey_status got,
                callkey_status want)
{
	char text[512] = "";
	size_t n = sizeof text;

	if (got == want)
		return 1;
	if (got != CALLKEY_OK && callkey_last_error(text, &n) != CALLKEY_OK)
		text[0] = '\0';
	test_fail(file, line, "%s is %s, not %s (%s)", call, callkey_status_name(got),
	          callkey_status_name(want), text);
	return 0;
}

int test_bytes(const char *file, int line, const char *what, const void *got, const void *want,
               size_t n)
{
	const unsigned char *a = got, *b = want;
	size_t i;

	for (i = 0; i < n; i++) {
		if (a[i] != b[i]) {
			test_fail(file, line, "%s differs at byte %lu of %lu: %02x, not %02x", what,
			          (unsigned long)i, (unsigned long)n, a[i], b[i]);
			return 0;
		}
	}
	return 1;
}

int test_all(const char *file, int line, const char *what, const void *got, unsigned char value,
             size_t n)
{
	const unsigned char *a = got;
	size_t i;

	for (i = 0; i < n; i++) {
		if (a[i] != value) {
			test_fail(file, line, "byte %lu of %s is %02x, not %02x", (unsigned long)i, what,
			          a[i], value);
			return 0;
		}
	}
	return 1;
}
