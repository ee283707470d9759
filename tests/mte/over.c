/* Accesses that the tagged heap must stop, selected by name: this program, Go, or C in the library reads
 * or writes one byte behind a block. */
#include "callkey.h"
#include "loan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int over_is(const char *name, char **argv)
{
	return argv[1] != NULL && strcmp(argv[1], name) == 0;
}

int main(int argc, char **argv)
{
	static uint8_t zeros[CALLKEY_KEY_BYTES];
	volatile const uint8_t *key = loan_lend(zeros, sizeof zeros, 0);
	const uint8_t *short_key = loan_lend(zeros, sizeof zeros - 1, 0);
	uint8_t fingerprint[CALLKEY_FINGERPRINT_BYTES];
	uint8_t *wiped = loan_lend(zeros, sizeof zeros, 1);

	(void)argc;
	if (over_is("read", argv))
		printf("%d\n", key[CALLKEY_KEY_BYTES]);
	if (over_is("go", argv))
		printf("%d\n", (int)callkey_fingerprint(fingerprint, short_key, CALLKEY_KEY_BYTES));
	if (over_is("c", argv))
		callkey_wipe(wiped, sizeof zeros + 1);
	/* A freed block gets a new tag. */
	loan_end();
	if (over_is("freed", argv))
		printf("%d\n", key[0]);
	return 0;
}
