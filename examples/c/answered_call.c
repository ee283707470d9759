/*
 * A call, its answer, and a second call, with all the steps of an app.
 *
 * Both sides run in this one program. In a real app each has its own store in a file, the bundle
 * comes from the server, and the offer and the answer go through the server.
 *
 *     cc answered_call.c -lcallkey && ./a.out
 */
#include <callkey.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALICE "111111111111111:0@lid"
#define BOB "222222222222222:0@lid"

/* Both of Bob's JIDs: a stanza may use either. */
static const char *const bobs_names[] = {BOB, "15550002:0@s.whatsapp.net"};
static const char *const bobs_devices[] = {BOB};

static void give_up(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(EXIT_FAILURE);
}

/* Every call is checked. The last error names the argument or device; it never contains a secret. */
#define MUST(call) must(call, #call)

static void must(callkey_status status, const char *call)
{
	char text[512] = "";
	size_t n = sizeof text;

	if (status == CALLKEY_OK)
		return;
	if (callkey_last_error(text, &n) != CALLKEY_OK)
		text[0] = '\0';
	fprintf(stderr, "%s: %s: %s\n", callkey_status_name(status), text, call);
	exit(EXIT_FAILURE);
}

static void print_fingerprint(const char *who, const uint8_t *key)
{
	uint8_t mark[CALLKEY_FINGERPRINT_BYTES];
	size_t i;

	/* A fingerprint may be printed and logged. The key must not. */
	MUST(callkey_fingerprint(mark, key, CALLKEY_KEY_BYTES));
	printf("  %s key ", who);
	for (i = 0; i < sizeof mark; i++)
		printf("%02x", mark[i]);
	printf("\n");
}

/* Alice calls, Bob opens the offer, and both derive the keys of the media that Alice sends.
 * Returns the type of the ciphertext. */
static uint32_t place_call(callkey_store alice, callkey_store bob, const char *call_id)
{
	/* The account's certificate from the server, opaque to the library. Without it the server
	 * drops an offer with a pkmsg. */
	static const uint8_t device_identity[] = {0x0a, 0x12, 0x08, 0x01, 0x10, 0x02};
	callkey_offer_options options;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	callkey_srtp_keys sent, received;
	callkey_status device;
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], again[CALLKEY_KEY_BYTES], *stanza = NULL;
	uint32_t type;
	size_t n = 0;

	/* ---- Alice: a fresh key for this call id, sealed for each of Bob's devices -------------- */

	MUST(callkey_generate(key));
	/* Zero first: unused members, including those that a newer header adds, must be zero. */
	memset(&options, 0, sizeof options);
	options.struct_size = sizeof options;
	options.stanza_id = "5131.7-1";
	options.to = "222222222222222@lid";
	options.call_id = call_id;
	options.call_creator = ALICE;
	options.device_identity = device_identity;
	options.device_identity_len = sizeof device_identity;

	/* Asking for the size changes nothing. Padding is random, so the stanza may be shorter. */
	if (callkey_offer_seal(alice, NULL, &n, &device, &type, key, sizeof key, bobs_devices, 1,
	                       &options) != CALLKEY_ERR_BUFFER || (stanza = malloc(n)) == NULL)
		give_up("out of memory for the offer");
	MUST(callkey_offer_seal(alice, stanza, &n, &device, &type, key, sizeof key, bobs_devices, 1,
	                        &options));
	MUST(device); /* with several devices: continue with those that worked, report the others */
	printf("  an offer of %lu bytes, its ciphertext a %s\n", (unsigned long)n,
	       type == CALLKEY_ENC_PKMSG ? "pkmsg" : "msg");
	print_fingerprint("Alice's", key);

	/* ---- Bob: the same key, once ------------------------------------------------------------ */

	MUST(callkey_offer_open(bob, opened, &info, stanza, n, bobs_names, 2, NULL));
	print_fingerprint("Bob's  ", opened);
	/* Servers deliver twice. That is neither an attack nor a failure, but it yields no key. */
	if (callkey_offer_open(bob, again, &info, stanza, n, bobs_names, 2, NULL) !=
	    CALLKEY_ERR_DUPLICATE)
		give_up("the second delivery was not noticed");

	/* ---- Both: keys of Alice's media, by the id of the device that sends it ----------------- */

	MUST(callkey_derive_e2e_keys(&sent, key, sizeof key, ALICE));
	MUST(callkey_derive_e2e_keys(&received, opened, sizeof opened, info.call_creator));
	if (memcmp(&sent, &received, sizeof sent) != 0)
		give_up("the two sides have different media keys");
	printf("  call %s: both have the same SRTP keys\n", info.call_id);
	/* Here an engine gives the first 30 bytes, master key and salt, to libsrtp. If another device
	 * of Bob answers, derive his side's keys again with that device's id: see group_call.c. */

	/* ---- Erase ------------------------------------------------------------------------------ */

	/* Anyone with the key can decrypt a recording of the call. Secrets left on the stack may end
	 * up in a core dump or in swap; and the compiler removes a memset on an array that is not read
	 * again. */
	callkey_wipe(key, sizeof key);
	callkey_wipe(opened, sizeof opened);
	callkey_wipe(&sent, sizeof sent);
	callkey_wipe(&received, sizeof received);
	free(stanza); /* it has only ciphertext */
	return type;
}

/* Bob's device sends Alice's device a key in its own <enc>, as some do in an <accept>. It proves to
 * Alice that Bob has the session. */
static void answer(callkey_store bob, callkey_store alice)
{
	uint8_t key[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], enc[512];
	size_t n = sizeof enc;
	uint32_t type;

	MUST(callkey_generate(key));
	MUST(callkey_enc_seal(bob, enc, &n, &type, ALICE, key, sizeof key));
	MUST(callkey_enc_open(alice, opened, BOB, type, 2, enc, n));
	if (memcmp(key, opened, sizeof key) != 0)
		give_up("the answer has another key");
	callkey_wipe(key, sizeof key);
	callkey_wipe(opened, sizeof opened);
}

int main(void)
{
	callkey_store alice, bob;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;

	/* ---- The library ------------------------------------------------------------------------ */

	if (callkey_abi_version() >> 16 != CALLKEY_ABI_MAJOR ||
	    callkey_abi_version() < CALLKEY_ABI_VERSION)
		give_up("this libcallkey does not match the callkey.h of this program");
	printf("libcallkey %s\n", callkey_version());
	MUST(callkey_selftest());

	/* ---- Two accounts ----------------------------------------------------------------------- */

	/* In memory, to leave no files. A file needs a path and a 32-byte storage key from the system's
	 * key store. */
	MUST(callkey_store_open(&alice, NULL, NULL, 0, NULL));
	MUST(callkey_store_open(&bob, NULL, NULL, 0, NULL));

	/* ---- Bob publishes, Alice fetches ------------------------------------------------------- */

	MUST(callkey_store_take_bundle(bob, &bundle));
	MUST(callkey_session_begin(alice, BOB, &bundle));

	/* ---- Calls ------------------------------------------------------------------------------ */

	printf("first call\n");
	if (place_call(alice, bob, "00112233445566778899AABBCCDDEEFF") != CALLKEY_ENC_PKMSG)
		give_up("the first message of a session must be a pkmsg");
	answer(bob, alice);
	printf("second call, after Bob's answer\n");
	if (place_call(alice, bob, "FFEEDDCCBBAA99887766554433221100") != CALLKEY_ENC_MSG)
		give_up("an answered session must not begin again");

	/* ---- Done ------------------------------------------------------------------------------- */

	/* Closing a store erases its secrets in memory. */
	MUST(callkey_store_close(alice));
	MUST(callkey_store_close(bob));
	return EXIT_SUCCESS;
}
