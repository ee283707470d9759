/* environment WAY [NAME=VALUE]: a host with an environment variable that is not meant for the library. It
 * sets the variable itself before it loads the library. */
#define _GNU_SOURCE
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS = 40 };

int main(int argc, char **argv)
{
	char *own = argc == 3 ? strdup(argv[2]) : NULL;
	const char *folder = getenv("FOLDER");
	unsigned i;
	int wrong = 0;
	work *w;

	if (argc < 2 || folder == NULL || (own != NULL && putenv(own) != 0))
		return 2;
	guest_early(argv[1]);
	guest_late();
	if ((w = guest_begin()) == NULL)
		return 2;
	for (i = 0; i < CALLS; i++)
		wrong += !guest_call(w, i);
	wrong += !guest_fan_out(w);
	wrong += !guest_file(w, folder);
	guest_end(w);
	if (own != NULL && strcmp(own, argv[2]) != 0)
		wrong++;
	if (wrong) {
		fprintf(stderr, "%d wrong answers\n", wrong);
		return 1;
	}
	puts("1");
	return 0;
}
