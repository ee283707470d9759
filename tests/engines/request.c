#include "request.h"

#include <stdio.h>
#include <string.h>

static size_t bytes(const char *hex, uint8_t *out, size_t most)
{
	size_t n = 0;
	unsigned value;

	while (n < most && sscanf(hex + 2 * n, "%2x", &value) == 1)
		out[n++] = (uint8_t)value;
	return n;
}

static void answer(const char *error, const uint8_t *packet, size_t size)
{
	size_t i;

	if (error) {
		printf("error %s\n", error);
	} else {
		printf("ok ");
		for (i = 0; i < size; i++)
			printf("%02x", packet[i]);
		printf("\n");
	}
	fflush(stdout);
}

int requests(void)
{
	static char line[8192], word[32], kind[8], hex[8192];
	static uint8_t packet[2048];
	callkey_srtp_keys keys;
	unsigned long ssrc, roc;
	size_t size;

	while (fgets(line, sizeof line, stdin)) {
		if (sscanf(line, "%31s", word) != 1)
			return 1;
		if (strcmp(word, "sender") == 0 || strcmp(word, "receiver") == 0) {
			if (sscanf(line, "%*s %8191s %lu %lu", hex, &ssrc, &roc) != 3 ||
			    bytes(hex, (uint8_t *)&keys, sizeof keys) != sizeof keys)
				return 1;
			answer(engine_begin(word[0] == 's' ? SENDER : RECEIVER, &keys, (uint32_t)ssrc, (uint32_t)roc), NULL, 0);
		} else if (strncmp(word, "rekey-", 6) == 0) {
			if (sscanf(line, "%*s %8191s", hex) != 1 ||
			    bytes(hex, (uint8_t *)&keys, sizeof keys) != sizeof keys)
				return 1;
			answer(engine_rekey(word[6] == 's' ? SENDER : RECEIVER, &keys), NULL, 0);
		} else {
			const char *error;

			if (sscanf(line, "%*s %7s %8191s", kind, hex) != 2)
				return 1;
			size = bytes(hex, packet, sizeof packet);
			error = strcmp(word, "protect") == 0 ? engine_protect(strcmp(kind, "rtcp") == 0, packet, &size)
			                                     : engine_unprotect(strcmp(kind, "rtcp") == 0, packet, &size);
			answer(error, packet, size);
		}
	}
	return 0;
}
