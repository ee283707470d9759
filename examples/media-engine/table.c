#include "table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 80 /* columns of the table */

static bool terminal, colours;
static unsigned lines; /* of the table on the terminal, which the next output replaces */
static unsigned passed, failed;

void table_start(void)
{
	const char *term = getenv("TERM");
	struct winsize size;

	terminal = isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
	colours = terminal && getenv("NO_COLOR") == NULL;
	/* A wrapped row would need two lines to go up. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col < WIDTH)
		terminal = false;
	if (!terminal)
		setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

static const char *style(const char *code)
{
	return colours ? code : "";
}

#define BOLD style("\x1b[1m")
#define DIM style("\x1b[2m")
#define RED style("\x1b[31;1m")
#define GREEN style("\x1b[32m")
#define PLAIN style("\x1b[0m")

static void erase(void)
{
	if (lines > 0)
		printf("\x1b[%uA\x1b[J", lines);
	lines = 0;
}

void table_title(const char *format, ...)
{
	va_list arguments;

	erase();
	va_start(arguments, format);
	printf("%s", BOLD);
	vprintf(format, arguments);
	printf("%s\n\n", PLAIN);
	va_end(arguments);
}

void table_event(double seconds, const char *format, ...)
{
	va_list arguments;

	erase();
	va_start(arguments, format);
	printf("  %s%5.1f s%s  ", DIM, seconds, PLAIN);
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	fflush(stdout);
}

void table_fingerprint(char out[2 * FINGERPRINT_BYTES + 1],
                       const uint8_t fingerprint[FINGERPRINT_BYTES])
{
	int i;

	for (i = 0; i < FINGERPRINT_BYTES; i++)
		sprintf(out + 2 * i, "%02x", fingerprint[i]);
}

static void draw_row(const struct table_row *row)
{
	char key[2 * FINGERPRINT_BYTES + 1];
	bool bad = row->refused > 0 || row->lost > 0;

	table_fingerprint(key, row->fingerprint);
	printf("  %-5s %s %-5s%8" PRIu64 "%10" PRIu64 "%s%8" PRIu64 "%5" PRIu64 "%s%4" PRIu32
	       "%5" PRIu32,
	       row->sender, row->video ? "~>" : "->", row->receiver, row->packets, row->authentic, bad ? RED : "", row->refused,
	       row->lost, bad ? PLAIN : "", row->roc, row->reports);
	if (row->epoch == 0)
		printf("     -  %s\n", key);
	else
		printf("%s%6" PRIu32 "  %s%s\n", GREEN, row->epoch, key, PLAIN);
}

void table_draw(double seconds, const struct table_row *rows, unsigned n, bool stay)
{
	unsigned i;

	if (n == 0 || (!terminal && !stay))
		return;
	erase();
	printf("\n  %s%-14s%8s%10s%8s%5s%4s%5s%6s  key%s\n", DIM, "stream", "packets", "authentic",
	       "refused", "lost", "ROC", "RTCP", "epoch", PLAIN);
	for (i = 0; i < n; i++)
		draw_row(&rows[i]);
	printf("  %sat %.1f s; ~> is video%s\n%s", DIM, seconds, PLAIN, stay ? "\n" : "");
	lines = stay ? 0 : n + 3;
	fflush(stdout);
}

void table_check(bool good, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("  %s%s%s  ", good ? GREEN : RED, good ? "ok  " : "FAIL", PLAIN);
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	passed += good;
	failed += !good;
}

int table_end(void)
{
	printf("\n%u passed, %u failed\n", passed, failed);
	return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
