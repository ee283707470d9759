/* Faults that a sanitizer must find, each by its name. The library's own code does what is wrong,
 * at the program's word. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callkey.h"

static const char *const participant = "222222222222222:0@lid";

static int fault_is(const char *name, char **argv)
{
	return argv[1] != NULL && strcmp(argv[1], name) == 0;
}

int main(int argc, char **argv)
{
	callkey_srtp_keys keys;
	volatile int number = INT_MAX;
	volatile char *lost = NULL;
	uint8_t *key = malloc(CALLKEY_KEY_BYTES), *unwritten = malloc(CALLKEY_KEY_BYTES);

	(void)argc;
	if (key == NULL || unwritten == NULL || callkey_generate(key) != CALLKEY_OK)
		return 2;
	/* Eight bytes behind the end: read in Go, written in C. */
	if (fault_is("read", argv) &&
	    callkey_derive_e2e_keys(&keys, key + 8, CALLKEY_KEY_BYTES, participant) != CALLKEY_OK)
		return 2;
	if (fault_is("write", argv))
		callkey_wipe(key, CALLKEY_KEY_BYTES + 8);
	if (fault_is("unwritten", argv)) {
		if (callkey_derive_e2e_keys(&keys, unwritten, CALLKEY_KEY_BYTES, participant) != CALLKEY_OK)
			return 2;
		if (keys.master_key[0] == 1)
			printf("1\n");
	}
	if (fault_is("overflow", argv))
		number = number + 1;
	/* The library must not know the address: Go's memory would still hold it. */
	if (fault_is("leak", argv))
		lost = malloc(CALLKEY_KEY_BYTES);
	if (lost != NULL)
		*lost = 1;
	lost = NULL;
	free(key);
	free(unwritten);
	return 0;
}
