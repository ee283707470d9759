/* Faults that a sanitizer must find, each by its name. They are made through the library, so that
 * its own code is what reads and writes: build/valgrind and build/asan must be built for it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callkey.h"

int main(int argc, char **argv)
{
	const char *fault = argc == 2 ? argv[1] : "";
	uint8_t key[CALLKEY_KEY_BYTES], *lost;
	callkey_srtp_keys keys;
	volatile int number = INT_MAX;

	if (callkey_generate(key) != CALLKEY_OK)
		return 2;
	if (strcmp(fault, "read") == 0) {
		/* A key that nobody made: whether it passes depends on what was there. */
		uint8_t unwritten[CALLKEY_KEY_BYTES];
		if (callkey_derive_e2e_keys(&keys, unwritten, 4 * sizeof unwritten, "1@lid") == CALLKEY_OK ||
		    unwritten[7] == 1)
			printf("1\n");
		/* Wiped too far. */
		callkey_wipe(unwritten, sizeof unwritten + 1);
	} else if (strcmp(fault, "write") == 0) {
		callkey_wipe(key, sizeof key + 8);
	} else if (strcmp(fault, "leak") == 0) {
		lost = malloc(CALLKEY_KEY_BYTES);
		if (lost == NULL || callkey_generate(lost) != CALLKEY_OK)
			return 2;
		lost = NULL;
	} else if (strcmp(fault, "overflow") == 0) {
		number = number + 1;
	} else if (strcmp(fault, "none") != 0) {
		return 2;
	}
	return 0;
}
