/* A host with tagged pointers to heap and stack: the library must accept them, and the sanitizer must
 * stop each wrong access, selected by name, in this program and in the library. */
#include "callkey.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong_is(const char *name, char **argv)
{
	return argv[1] != NULL && strcmp(argv[1], name) == 0;
}

static int tagged(const void *p)
{
	return (uintptr_t)p >> 56 != 0;
}

int main(int argc, char **argv)
{
	uint8_t fingerprint[CALLKEY_FINGERPRINT_BYTES];
	uint8_t local[CALLKEY_KEY_BYTES] = {0};
	uint8_t *volatile heap = calloc(1, CALLKEY_KEY_BYTES);
	volatile const uint8_t *stack = local;

	if (heap == NULL || callkey_fingerprint(fingerprint, heap, CALLKEY_KEY_BYTES) != CALLKEY_OK ||
	    callkey_fingerprint(fingerprint, local, sizeof local) != CALLKEY_OK)
		return 1;
	if (!tagged(heap) || !tagged(local)) {
		printf("no tags: %p %p\n", (void *)heap, (void *)local);
		return 1;
	}
	if (wrong_is("stack", argv))
		printf("%d\n", stack[CALLKEY_KEY_BYTES - 2 + argc]);
	if (wrong_is("heap", argv))
		printf("%d\n", heap[CALLKEY_KEY_BYTES - 2 + argc]);
	if (wrong_is("library", argv))
		callkey_wipe(heap, CALLKEY_KEY_BYTES + 1);
	free(heap);
	if (wrong_is("freed", argv))
		callkey_wipe(heap, CALLKEY_KEY_BYTES);
	return 0;
}
