/*
 * A call, its answer, and a second call, each step with what an app does in it.
 *
 * Both sides run in this one program. In the world each has its own store in a file, the bundle
 * comes from the server, and the offer and the answer go through it.
 *
 *     cc answered_call.c -lcallkey && ./a.out
 */
#include <callkey.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALICE "111111111111111:0@lid"
#define BOB "222222222222222:0@lid"

/* Both of Bob's names: a stanza may use either. */
static const char *const bobs_names[] = {BOB, "15550002:0@s.whatsapp.net"};
static const char *const bobs_devices[] = {BOB};

static void give_up(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(EXIT_FAILURE);
}

/* Every call is checked. The last error says which argument or device it was; it never holds a
 * secret. */
#define MUST(call) must(call, #call)

static void must(callkey_status status, const char *call)
{
	char text[512] = "";
	size_t n = sizeof text;

	if (status == CALLKEY_OK)
		return;
	callkey_last_error(text, &n);
	fprintf(stderr, "%s: %s: %s\n", callkey_status_name(status), text, call);
	exit(EXIT_FAILURE);
}

static void print_fingerprint(const char *who, const uint8_t *key)
{
	uint8_t mark[CALLKEY_FINGERPRINT_BYTES];
	size_t i;

	/* One-way, so it may be printed and logged. The key never may. */
	MUST(callkey_fingerprint(mark, key, CALLKEY_KEY_BYTES));
	printf("  %s key ", who);
	for (i = 0; i < sizeof mark; i++)
		printf("%02x", mark[i]);
	printf("\n");
}

/* Alice calls, Bob opens the offer, and both derive the keys of the media that Alice sends.
 * Returns the type of the ciphertext that it took. */
static uint32_t place_call(callkey_store alice, callkey_store bob, const char *call_id)
{
	/* The account's certificate from the server, opaque to the library. Without it the server
	 * drops an offer that holds a pkmsg. */
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
	/* Zero first: members that a newer header adds must be zero where they are not used. */
	memset(&options, 0, sizeof options);
	options.struct_size = sizeof options;
	options.stanza_id = "5131.7-1";
	options.to = "222222222222222@lid";
	options.call_id = call_id;
	options.call_creator = ALICE;
	options.device_identity = device_identity;
	options.device_identity_len = sizeof device_identity;

	/* Asking for the size changes nothing. Padding is random, so the stanza can come out
	 * shorter. */
	if (callkey_offer_seal(alice, NULL, &n, &device, &type, key, sizeof key, bobs_devices, 1,
	                       &options) != CALLKEY_ERR_BUFFER || (stanza = malloc(n)) == NULL)
		give_up("no room for the offer");
	MUST(callkey_offer_seal(alice, stanza, &n, &device, &type, key, sizeof key, bobs_devices, 1,
	                        &options));
	MUST(device); /* with several devices: go on with those that worked, report the others */
	printf("  an offer of %lu bytes, its ciphertext a %s\n", (unsigned long)n,
	       type == CALLKEY_ENC_PKMSG ? "pkmsg" : "msg");
	print_fingerprint("Alice's", key);

	/* ---- Bob: the same key, once ------------------------------------------------------------ */

	MUST(callkey_offer_open(bob, opened, &info, stanza, n, bobs_names, 2, NULL));
	print_fingerprint("Bob's  ", opened);
	/* Servers deliver twice. That is no attack and no failure, but there is no key in it. */
	if (callkey_offer_open(bob, again, &info, stanza, n, bobs_names, 2, NULL) !=
	    CALLKEY_ERR_DUPLICATE)
		give_up("the second delivery was not noticed");

	/* ---- Both: keys of Alice's media, by the id of the device that sends it ----------------- */

	MUST(callkey_derive_e2e_keys(&sent, key, sizeof key, ALICE));
	MUST(callkey_derive_e2e_keys(&received, opened, sizeof opened, info.call_creator));
	if (memcmp(&sent, &received, sizeof sent) != 0)
		give_up("the two sides have different media keys");
	printf("  call %s: both have the same SRTP keys\n", info.call_id);
	/* Here an engine takes the first 30 bytes, master key and salt, to libsrtp. When another
	 * device of Bob answers, his side's keys are derived again with that device's id:
	 * group_call.c. */

	/* ---- Erase ------------------------------------------------------------------------------ */

	/* Who has the key can decrypt a recording of the call. What stays on the stack ends up in a
	 * core dump, in swap, or under the next function; and memset on an array that is not read
	 * again is removed by the compiler. */
	callkey_wipe(key, sizeof key);
	callkey_wipe(opened, sizeof opened);
	callkey_wipe(&sent, sizeof sent);
	callkey_wipe(&received, sizeof received);
	free(stanza); /* holds ciphertext only */
	return type;
}

/* Bob's device sends Alice's a key in an <enc> of its own, as some do in an <accept>. It shows
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
		give_up("the answer holds another key");
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
		give_up("this libcallkey is not the one that the program was compiled for");
	printf("libcallkey %s\n", callkey_version());
	MUST(callkey_selftest());

	/* ---- Two accounts ----------------------------------------------------------------------- */

	/* In memory, to leave nothing behind. A file takes a path and 32 bytes of storage key, from
	 * the system's key store. */
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

	/* Closing erases what the stores hold in memory. */
	MUST(callkey_store_close(alice));
	MUST(callkey_store_close(bob));
	return EXIT_SUCCESS;
}
