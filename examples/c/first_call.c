/*
 * A first call between two accounts, from key to media keys.
 *
 * Both sides run in this one program so that it is complete. In a real app each side has its own
 * store, and the bundle and the offer go through a server.
 *
 *     cc first_call.c -lcallkey && ./a.out
 */
#include <callkey.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLER "111111111111111:1@lid"
#define CALLEE "222222222222222:2@lid"

/* Every call to the library can fail, and a status alone does not name the device or argument, so
 * this also prints the last error. */
static void must(callkey_status status, const char *what)
{
	char text[512];
	size_t n = sizeof text;
	if (status == CALLKEY_OK)
		return;
	if (callkey_last_error(text, &n) != CALLKEY_OK)
		text[0] = '\0';
	fprintf(stderr, "%s: %s: %s\n", what, callkey_status_name(status), text);
	exit(EXIT_FAILURE);
}

static void print_fingerprint(const char *whose, const uint8_t fingerprint[CALLKEY_FINGERPRINT_BYTES])
{
	int i;
	printf("%s call key ", whose);
	for (i = 0; i < CALLKEY_FINGERPRINT_BYTES; i++)
		printf("%02x", fingerprint[i]);
	printf("\n");
}

int main(void)
{
	callkey_store caller, callee;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	callkey_offer_options options;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	callkey_status status;
	callkey_srtp_keys caller_sends, callee_receives;
	const char *devices[1], *own[1];
	const callkey_prekey_bundle *bundles[1];
	const uint8_t device_identity[] = "the server's certificate for this account";
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES];
	uint8_t caller_mark[CALLKEY_FINGERPRINT_BYTES], callee_mark[CALLKEY_FINGERPRINT_BYTES];
	uint8_t *offer;
	uint32_t enc_type;
	size_t offer_len = 0;
	int equal;

	/* ---- Does this library fit? ------------------------------------------------------------- */

	if (callkey_abi_version() >> 16 != CALLKEY_ABI_MAJOR || callkey_abi_version() < CALLKEY_ABI_VERSION) {
		fprintf(stderr, "libcallkey %s does not match the callkey.h of this program\n", callkey_version());
		return EXIT_FAILURE;
	}
	must(callkey_selftest(), "selftest");

	/* ---- Two accounts ----------------------------------------------------------------------- */

	/* In memory, to leave no files. A real account has a file, and a 32-byte storage key in the
	 * system's key chain. */
	must(callkey_store_open(&caller, NULL, NULL, 0, NULL), "open the caller's store");
	must(callkey_store_open(&callee, NULL, NULL, 0, NULL), "open the callee's store");

	/* ---- The callee publishes prekeys, the caller fetches them ------------------------------ */

	must(callkey_store_take_bundle(callee, &bundle), "take a bundle");

	/* ---- The caller makes a key, begins a session and seals the key in an offer ------------- */

	must(callkey_generate(key), "make a call key");

	/* Zero first: unused members, including those that a newer header adds, must be zero. */
	memset(&options, 0, sizeof options);
	options.struct_size = sizeof options;
	options.stanza_id = "1";
	options.to = "222222222222222@lid";
	options.call_id = "00112233445566778899AABBCCDDEEFF";
	options.call_creator = CALLER;
	options.device_identity = device_identity;
	options.device_identity_len = sizeof device_identity;
	devices[0] = CALLEE;
	bundles[0] = &bundle; /* NULL for a device that callkey_session_check finds a session with */

	/* Asking for the size begins nothing. */
	status = callkey_offer_begin(caller, NULL, &offer_len, &status, &enc_type, key, sizeof key, devices,
	                             bundles, 1, &options);
	if (status != CALLKEY_ERR_BUFFER)
		must(status, "ask for the size of the offer");
	offer = malloc(offer_len);
	if (offer == NULL)
		return EXIT_FAILURE;
	must(callkey_offer_begin(caller, offer, &offer_len, &status, &enc_type, key, sizeof key, devices,
	                         bundles, 1, &options), "seal the offer");
	must(status, "seal for the callee's device");
	printf("the offer is %lu bytes, its ciphertext a %s\n", (unsigned long)offer_len,
	       enc_type == CALLKEY_ENC_PKMSG ? "pkmsg: the first message of the session" : "msg");

	/* ---- The callee opens it ---------------------------------------------------------------- */

	own[0] = CALLEE;
	must(callkey_offer_open(callee, opened, &info, offer, offer_len, own, 1, NULL), "open the offer");
	printf("call %s from %s\n", info.call_id, info.sender);

	/* ---- Both derive the keys of the caller's streams --------------------------------------- */

	must(callkey_derive_e2e_keys(&caller_sends, key, sizeof key, CALLER), "derive to send");
	must(callkey_derive_e2e_keys(&callee_receives, opened, sizeof opened, info.sender), "derive to receive");
	equal = memcmp(&caller_sends, &callee_receives, sizeof caller_sends) == 0;

	/* A fingerprint can be shown and logged; a key cannot. */
	must(callkey_fingerprint(caller_mark, key, sizeof key), "fingerprint the caller's key");
	must(callkey_fingerprint(callee_mark, opened, sizeof opened), "fingerprint the callee's key");
	print_fingerprint("caller's", caller_mark);
	print_fingerprint("callee's", callee_mark);
	equal = equal && memcmp(caller_mark, callee_mark, sizeof caller_mark) == 0;

	/* ---- Clean up --------------------------------------------------------------------------- */

	/* Secrets left in memory may end up in a core dump, in swap, or in an uninitialised buffer that
	 * is sent later. The compiler removes a plain memset of an array that is not used again. */
	callkey_wipe(key, sizeof key);
	callkey_wipe(opened, sizeof opened);
	callkey_wipe(&caller_sends, sizeof caller_sends);
	callkey_wipe(&callee_receives, sizeof callee_receives);
	free(offer);
	must(callkey_store_close(caller), "close the caller's store");
	must(callkey_store_close(callee), "close the callee's store");

	printf(equal ? "one call key, the same media keys on both sides\n" : "the two sides differ\n");
	return equal ? EXIT_SUCCESS : EXIT_FAILURE;
}
