/* Every function once, valid and refused, also on a store in a file, between two marks that a
 * trace of system calls shows: output FOLDER. Prints nothing itself; the exit status is 0 when the
 * calls did what they should. */
#define _POSIX_C_SOURCE 200809L
#include "every.h"
#include "pair.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPECT(condition) do { if (!(condition)) return __LINE__; } while (0)

static int in_a_file(const char *folder)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {1, 2, 3};
	static const uint8_t wrong_key[CALLKEY_STORAGE_KEY_BYTES] = {3, 2, 1};
	callkey_store s, other;
	callkey_prekey prekeys[20];
	callkey_prekey_bundle bundle;
	callkey_identity own;
	char path[512], nowhere[600];

	snprintf(path, sizeof path, "%s/store", folder);
	snprintf(nowhere, sizeof nowhere, "%s/no such folder/store", folder);
	EXPECT(callkey_store_open(&s, path, storage_key, sizeof storage_key, 0) == CALLKEY_OK);
	EXPECT(callkey_store_add_prekeys(s, prekeys, 20) == CALLKEY_OK);
	EXPECT(callkey_store_bundle(s, &bundle) == CALLKEY_OK);
	EXPECT(callkey_store_open(&other, path, wrong_key, sizeof wrong_key, 0) == CALLKEY_ERR_STORE_KEY);
	EXPECT(callkey_store_open(&other, nowhere, storage_key, sizeof storage_key, 0) == CALLKEY_ERR_STORE);
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
	EXPECT(callkey_store_open(&s, path, storage_key, sizeof storage_key, 0) == CALLKEY_OK);
	EXPECT(callkey_store_identity(s, &own) == CALLKEY_OK);
	EXPECT(callkey_store_close(s) == CALLKEY_OK);
	return 0;
}

int main(int argc, char **argv)
{
	char words[512];
	size_t i, n = sizeof words;
	int failed;

	if (argc != 2)
		return 2;
	EXPECT(callkey_selftest() == CALLKEY_OK); /* now Go's runtime has started, too */
	access("/mark/begin", F_OK);
	EXPECT(every_prepare() == CALLKEY_OK);
	for (i = 0; i < every_count; i++)
		EXPECT(every_calls[i].call(every_store(&every_calls[i])) == CALLKEY_OK);
	for (i = 0; i < every_count; i++) /* refused */
		if (every_calls[i].store != 0)
			EXPECT(every_calls[i].call(1) == CALLKEY_ERR_HANDLE);
	EXPECT(callkey_generate(NULL) == CALLKEY_ERR_ARGUMENT);
	EXPECT(callkey_last_error(words, &n) == CALLKEY_OK && strstr(words, "NULL") != NULL);
	failed = in_a_file(argv[1]);
	every_done();
	access("/mark/end", F_OK);
	return failed;
}
