/*
 * Finds the device that answered from its first packet, then makes the call a group call and changes
 * its secret.
 *
 * All sides run in this one program. In a real call stanzas go through the server and packets through
 * the relay.
 *
 *     cc group_call.c -lcallkey && ./a.out
 */
#include <callkey.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALICE "111111111111111:0@lid"
#define BOBS_PHONE "222222222222222:0@lid"
#define BOBS_TABLET "222222222222222:7@lid"
#define BOBS_DESKTOP "222222222222222:12@lid"

#define RTP_BYTES 32 /* a header of 12, and the encrypted payload */
#define TAG_BYTES 4  /* AES_CM_128_HMAC_SHA1_32 */

static const char *const bobs_devices[] = {BOBS_PHONE, BOBS_TABLET, BOBS_DESKTOP};

static void give_up(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(EXIT_FAILURE);
}

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

/* Stands for libsrtp: a packet with a tag made from the sender's key. */
static void send_packet(uint8_t packet[RTP_BYTES + TAG_BYTES], const uint8_t *key,
                        const char *sender, uint16_t seq)
{
	callkey_srtp_keys keys;

	memset(packet, 0x5a, RTP_BYTES);
	packet[0] = 0x80;
	packet[1] = 0x78;
	packet[2] = (uint8_t)(seq >> 8);
	packet[3] = (uint8_t)seq;
	MUST(callkey_derive_e2e_keys(&keys, key, CALLKEY_KEY_BYTES, sender));
	MUST(callkey_warp_tag(packet + RTP_BYTES, keys.srtp_auth_key, sizeof keys.srtp_auth_key, packet,
	                      RTP_BYTES, 0));
	callkey_wipe(&keys, sizeof keys);
}

/* ---- A call between two: which of Bob's devices answered? --------------------------------------- */

static const char *who_answered(const uint8_t *key)
{
	uint8_t packet[RTP_BYTES + TAG_BYTES];
	callkey_srtp_keys receive;
	uint8_t sframe[CALLKEY_SFRAME_KEY_BYTES];
	size_t answered;

	send_packet(packet, key, BOBS_TABLET, 1);

	/* Alice only knows whom she called. With the keys of the wrong device no call fails, but the
	 * audio is noise. So she checks the first packet that arrives. */
	MUST(callkey_select_participant(&answered, key, CALLKEY_KEY_BYTES, bobs_devices, 3, packet,
	                                sizeof packet, 0, TAG_BYTES));
	printf("  %s answered\n", bobs_devices[answered]);

	/* Derive all keys (SRTP, SRTCP and SFrame) again for that device. */
	MUST(callkey_derive_e2e_keys(&receive, key, CALLKEY_KEY_BYTES, bobs_devices[answered]));
	MUST(callkey_derive_e2e_sframe_key(sframe, key, CALLKEY_KEY_BYTES, bobs_devices[answered]));
	/* Here libsrtp gets the first 30 bytes of receive. */
	callkey_wipe(&receive, sizeof receive);
	callkey_wipe(sframe, sizeof sframe);
	return bobs_devices[answered];
}

/* ---- A group call: a new epoch for every change of its members ---------------------------------- */

/* Alice makes an epoch and sends it to Bob's device. Both sides add it to their callkey_epochs; it and
 * the server's roster may arrive in any order. */
static void change_epoch(callkey_store alice, callkey_store bob, callkey_epochs alices,
                         callkey_epochs bobs, const char *device, uint32_t number, int roster_first)
{
	static const uint8_t device_identity[] = {0x0a, 0x12, 0x08, 0x01, 0x10, 0x02};
	callkey_offer_options options;
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint8_t epoch[CALLKEY_KEY_BYTES], opened[CALLKEY_KEY_BYTES], stanza[1024];
	size_t n = sizeof stanza;
	callkey_status status;

	memset(&options, 0, sizeof options);
	options.struct_size = sizeof options;
	options.call_id = "00112233445566778899AABBCCDDEEFF";
	options.call_creator = ALICE;
	options.device_identity = device_identity;
	options.device_identity_len = sizeof device_identity;

	MUST(callkey_generate(epoch));
	MUST(callkey_rekey_seal(alice, stanza, &n, epoch, sizeof epoch, number, device, &options));
	MUST(callkey_epochs_add(alices, number, epoch, sizeof epoch));
	MUST(callkey_epochs_roster(alices, number));

	if (roster_first)
		MUST(callkey_epochs_roster(bobs, number));
	MUST(callkey_rekey_open(bob, opened, &info, stanza, n, NULL));
	/* Only the creator of the call, or a connected member of its roster, may do this. */
	if (strcmp(info.sender, info.call_creator) != 0)
		give_up("the sender must not change the epoch");
	/* STALE and CONFLICT are not a reason to hang up: the epoch in force stays in force. */
	status = callkey_epochs_add(bobs, info.transaction_id, opened, sizeof opened);
	if (status != CALLKEY_OK)
		printf("  epoch %lu is rejected: %s\n", (unsigned long)info.transaction_id,
		       callkey_status_text(status));
	MUST(callkey_epochs_roster(bobs, number));
	callkey_wipe(epoch, sizeof epoch);
	callkey_wipe(opened, sizeof opened);
}

/* A member's side of a stream: finds the sender and the keys to receive it with. */
static void receive(callkey_epochs bobs, callkey_epochs alices, uint16_t seq)
{
	static const char *const members[] = {BOBS_TABLET, ALICE, "333333333333333:1@lid"};
	callkey_srtp_keys keys[3];
	callkey_status statuses[3];
	uint8_t ours[CALLKEY_KEY_BYTES], theirs[CALLKEY_KEY_BYTES], packet[RTP_BYTES + TAG_BYTES];
	uint32_t number, same;
	size_t sender;

	MUST(callkey_epochs_current(alices, theirs, &same));
	send_packet(packet, theirs, ALICE, seq);

	MUST(callkey_epochs_current(bobs, ours, &number));
	MUST(callkey_derive_e2e_keys_batch(keys, statuses, ours, sizeof ours, members, 3));
	MUST(callkey_select_participant(&sender, ours, sizeof ours, members, 3, packet, sizeof packet, 0,
	                                TAG_BYTES));
	if (number != same || sender != 1)
		give_up("the members have different media keys");
	printf("  epoch %lu: a packet of %s\n", (unsigned long)number, members[sender]);
	/* keys[sender] goes to libsrtp for that SSRC, which keeps its roll-over counter. */
	callkey_wipe(keys, sizeof keys);
	callkey_wipe(ours, sizeof ours);
	callkey_wipe(theirs, sizeof theirs);
}

int main(void)
{
	callkey_store alice, bob;
	callkey_epochs alices, bobs;
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
	uint8_t key[CALLKEY_KEY_BYTES];
	const char *device;

	printf("a call\n");
	MUST(callkey_generate(key)); /* first_call.c and answered_call.c show how to send it to Bob */
	device = who_answered(key);
	callkey_wipe(key, sizeof key);

	printf("it becomes a group call\n");
	MUST(callkey_store_open(&alice, NULL, NULL, 0, NULL));
	MUST(callkey_store_open(&bob, NULL, NULL, 0, NULL));
	MUST(callkey_store_take_bundle(bob, &bundle));
	MUST(callkey_session_begin(alice, device, &bundle));
	MUST(callkey_epochs_new(&alices));
	MUST(callkey_epochs_new(&bobs));
	change_epoch(alice, bob, alices, bobs, device, 1, 0);
	receive(bobs, alices, 1);
	change_epoch(alice, bob, alices, bobs, device, 2, 1);
	receive(bobs, alices, 2);

	/* Freeing erases the epochs; closing erases the stores' secrets in memory. */
	MUST(callkey_epochs_free(alices));
	MUST(callkey_epochs_free(bobs));
	MUST(callkey_store_close(alice));
	MUST(callkey_store_close(bob));
	return EXIT_SUCCESS;
}
