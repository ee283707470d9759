#include "keys.h"
#include "call.h"

#include <callkey.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(FRAME_KEY_BYTES == CALLKEY_SFRAME_KEY_BYTES, "the size of an SFrame key");
_Static_assert(SEAL_OVERHEAD == CALLKEY_SFRAME_OVERHEAD_MAX_BYTES, "what sealing adds");

struct keys {
	char jid[CALLKEY_JID_BYTES];
	char call_id[CALLKEY_JID_BYTES];
	char caller[CALLKEY_JID_BYTES];
	callkey_store store;
	char file[512]; /* of the store; "": in memory */
	callkey_epochs epochs;
	bool has_call_key; /* false for a late joiner of a group call, which has only epochs */
	uint8_t call_key[CALLKEY_KEY_BYTES];
};

/* Opaque to the library: a real account gets it from its server. */
static const uint8_t device_identity[] = {0x0a, 0x12, 0x08, 0x01, 0x10, 0x02};

static unsigned long calls;

/* Counts a call that may fail. */
static callkey_status ask(callkey_status status)
{
	calls++;
	return status;
}

#define MUST(call) must((call), #call)

static void must(callkey_status status, const char *call)
{
	char text[512] = "";
	size_t n = sizeof text;

	calls++;
	if (status == CALLKEY_OK)
		return;
	if (callkey_last_error(text, &n) != CALLKEY_OK)
		text[0] = '\0';
	give_up("%s: %s: %s", callkey_status_name(status), text, call);
}

static void copy(char out[CALLKEY_JID_BYTES], const char *text)
{
	if (strlen(text) >= CALLKEY_JID_BYTES)
		give_up("too long: %s", text);
	strcpy(out, text);
}

/* CAPTURE and an ending. There is no such file then. */
static void capture_path(char out[512], const char *capture, const char *ending)
{
	int n = snprintf(out, 512, "%s.%s", capture, ending);

	if (n < 0 || n >= 512)
		give_up("the name of the capture is too long");
	if (unlink(out) != 0 && errno != ENOENT)
		give_up("%s: %s", out, strerror(errno));
}

struct keys *keys_open(const char *own_jid, const char *capture)
{
	callkey_store_options options = CALLKEY_STORE_OPTIONS_INIT;
	struct keys *keys = calloc(1, sizeof *keys);

	if (keys == NULL)
		give_up("out of memory");
	if (callkey_abi_version() >> 16 != CALLKEY_ABI_MAJOR ||
	    callkey_abi_version() < CALLKEY_ABI_VERSION)
		give_up("this libcallkey does not match the callkey.h of this program");
	copy(keys->jid, own_jid);
	options.flags = capture == NULL ? 0 : CALLKEY_STORE_PLAINTEXT;
	if (capture != NULL)
		capture_path(keys->file, capture, "live");
	MUST(callkey_store_open(&keys->store, capture == NULL ? NULL : keys->file, NULL, 0, &options));
	MUST(callkey_epochs_new(&keys->epochs));
	return keys;
}

void keys_close(struct keys *keys)
{
	MUST(callkey_epochs_free(keys->epochs));
	MUST(callkey_store_close(keys->store));
	if (keys->file[0] != '\0')
		unlink(keys->file);
	callkey_wipe(keys, sizeof *keys);
	free(keys);
}

unsigned long keys_calls(void)
{
	return calls;
}

void keys_wipe(void *secret, size_t n)
{
	callkey_wipe(secret, n);
}

size_t keys_bundle(struct keys *keys, uint8_t *out, size_t room)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;

	/* Both ends are the same program on the same machine, so the struct travels as it is. */
	if (room < sizeof bundle)
		give_up("the buffer is too small for a bundle");
	MUST(callkey_store_take_bundle(keys->store, &bundle));
	memcpy(out, &bundle, sizeof bundle);
	return sizeof bundle;
}

void keys_copy(struct keys *keys, const char *capture)
{
	char path[512];

	capture_path(path, capture, "db");
	MUST(callkey_store_copy(keys->store, path));
}

void keys_begin_session(struct keys *keys, const char *jid, const uint8_t *bytes, size_t n)
{
	callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;

	if (n != sizeof bundle)
		give_up("a bundle of %lu bytes", (unsigned long)n);
	memcpy(&bundle, bytes, sizeof bundle);
	MUST(callkey_session_begin(keys->store, jid, &bundle));
}

static callkey_offer_options stanza_options(const struct keys *keys, const char *to)
{
	callkey_offer_options options;

	memset(&options, 0, sizeof options);
	options.struct_size = sizeof options;
	options.to = to;
	options.call_id = keys->call_id;
	options.call_creator = keys->caller;
	options.device_identity = device_identity;
	options.device_identity_len = sizeof device_identity;
	return options;
}

size_t keys_make_offer(struct keys *keys, uint8_t *out, size_t room, const char *call_id,
                       const char *to, const char *const *devices, size_t n)
{
	callkey_offer_options options;
	callkey_status *statuses = calloc(n, sizeof *statuses);
	uint32_t *types = calloc(n, sizeof *types);
	size_t i;

	if (statuses == NULL || types == NULL)
		give_up("out of memory");
	copy(keys->call_id, call_id);
	copy(keys->caller, keys->jid);
	MUST(callkey_generate(keys->call_key));
	keys->has_call_key = true;
	options = stanza_options(keys, to);
	MUST(callkey_offer_seal(keys->store, out, &room, statuses, types, keys->call_key,
	                        sizeof keys->call_key, devices, n, &options));
	for (i = 0; i < n; i++)
		if (statuses[i] != CALLKEY_OK)
			give_up("%s: %s", devices[i], callkey_status_text(statuses[i]));
	free(statuses);
	free(types);
	return room;
}

bool keys_open_offer(struct keys *keys, const uint8_t *stanza, size_t n)
{
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	const char *own = keys->jid;
	/* Not into keys->call_key: an offer that is delivered again would set it to zeros. */
	uint8_t call_key[CALLKEY_KEY_BYTES];
	callkey_status status = ask(
	    callkey_offer_open(keys->store, call_key, &info, stanza, n, &own, 1, NULL));

	if (status == CALLKEY_ERR_NOT_FOR_THIS_DEVICE || status == CALLKEY_ERR_DUPLICATE)
		return false;
	if (status != CALLKEY_OK)
		give_up("the offer: %s", callkey_status_text(status));
	memcpy(keys->call_key, call_key, sizeof call_key);
	keys->has_call_key = true;
	callkey_wipe(call_key, sizeof call_key);
	copy(keys->call_id, info.call_id);
	copy(keys->caller, info.sender);
	return true;
}

const char *keys_caller(const struct keys *keys)
{
	return keys->caller;
}

int keys_find_device(struct keys *keys, const char *const *candidates, size_t n,
                     const uint8_t *packet, size_t packet_len)
{
	size_t place;
	callkey_status status = ask(callkey_select_participant(
	    &place, keys->call_key, sizeof keys->call_key, candidates, n, packet, packet_len, 0, 4));

	if (status == CALLKEY_ERR_AUTHENTICATION || status == CALLKEY_ERR_MALFORMED)
		return -1;
	if (status != CALLKEY_OK)
		give_up("the search for the device: %s", callkey_status_text(status));
	return (int)place;
}

void keys_make_epoch(struct keys *keys, uint32_t transaction)
{
	uint8_t epoch[CALLKEY_KEY_BYTES];

	MUST(callkey_generate(epoch));
	MUST(callkey_epochs_add(keys->epochs, transaction, epoch, sizeof epoch));
	callkey_wipe(epoch, sizeof epoch);
}

size_t keys_seal_epoch(struct keys *keys, uint8_t *out, size_t room, const char *jid)
{
	callkey_offer_options options = stanza_options(keys, jid);
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t transaction;

	MUST(callkey_epochs_current(keys->epochs, epoch, &transaction));
	MUST(callkey_rekey_seal(keys->store, out, &room, epoch, sizeof epoch, transaction, jid,
	                        &options));
	callkey_wipe(epoch, sizeof epoch);
	return room;
}

/* Transaction id of the epoch in force, 0 while the call key is. Either is written to secret. */
static uint32_t in_force(struct keys *keys, uint8_t secret[CALLKEY_KEY_BYTES])
{
	uint32_t transaction;
	callkey_status status = ask(callkey_epochs_current(keys->epochs, secret, &transaction));

	if (status == CALLKEY_OK)
		return transaction;
	if (status != CALLKEY_ERR_NOT_FOUND)
		give_up("the epoch in force: %s", callkey_status_text(status));
	/* Otherwise media would be sent under a key of zeros, which everyone knows. */
	if (!keys->has_call_key)
		give_up("no key to send or receive with yet");
	memcpy(secret, keys->call_key, CALLKEY_KEY_BYTES);
	return 0;
}

uint32_t keys_epoch(struct keys *keys)
{
	uint8_t secret[CALLKEY_KEY_BYTES];
	uint32_t transaction;
	callkey_status status = ask(callkey_epochs_current(keys->epochs, secret, &transaction));

	if (status != CALLKEY_OK && status != CALLKEY_ERR_NOT_FOUND)
		give_up("the epoch in force: %s", callkey_status_text(status));
	callkey_wipe(secret, sizeof secret);
	return transaction;
}

bool keys_open_epoch(struct keys *keys, const uint8_t *stanza, size_t n, const char *sender)
{
	callkey_call_info info = CALLKEY_CALL_INFO_INIT;
	uint8_t epoch[CALLKEY_KEY_BYTES];
	uint32_t before = keys_epoch(keys);
	callkey_status status = ask(
	    callkey_rekey_open(keys->store, epoch, &info, stanza, n, sender));

	if (status == CALLKEY_ERR_DUPLICATE)
		return false;
	if (status != CALLKEY_OK)
		give_up("the epoch: %s", callkey_status_text(status));
	/* A late joiner has no offer: the first epoch names the call. */
	if (keys->call_id[0] == '\0') {
		copy(keys->call_id, info.call_id);
		copy(keys->caller, info.call_creator);
	}
	if (strcmp(info.call_id, keys->call_id) != 0)
		give_up("an epoch of another call");
	status = ask(callkey_epochs_add(keys->epochs, info.transaction_id, epoch, sizeof epoch));
	callkey_wipe(epoch, sizeof epoch);
	if (status == CALLKEY_ERR_STALE)
		return false;
	if (status != CALLKEY_OK)
		give_up("the epoch: %s", callkey_status_text(status));
	return keys_epoch(keys) != before;
}

bool keys_roster(struct keys *keys, uint32_t transaction)
{
	uint32_t before = keys_epoch(keys);

	MUST(callkey_epochs_roster(keys->epochs, transaction));
	return keys_epoch(keys) != before;
}

void keys_derive(struct keys *keys, struct stream_key *out, const char *participant)
{
	callkey_srtp_keys derived;
	uint8_t secret[CALLKEY_KEY_BYTES];

	out->epoch = in_force(keys, secret);
	MUST(callkey_derive_e2e_keys(&derived, secret, sizeof secret, participant));
	MUST(callkey_fingerprint(out->fingerprint, secret, sizeof secret));
	memcpy(out->master, derived.master_key, sizeof derived.master_key);
	memcpy(out->master + sizeof derived.master_key, derived.master_salt,
	       sizeof derived.master_salt);
	callkey_wipe(&derived, sizeof derived);
	callkey_wipe(secret, sizeof secret);
}

/* Whether a client's group call keys SFrame with the epoch is not known (docs/protocol.md): here it does. */
void keys_derive_frames(struct keys *keys, struct frame_key *out, const char *participant)
{
	uint8_t secret[CALLKEY_KEY_BYTES];

	out->epoch = in_force(keys, secret);
	MUST(callkey_derive_e2e_sframe_key(out->secret, secret, sizeof secret, participant));
	callkey_wipe(secret, sizeof secret);
}

static uint32_t ssrc_of(struct keys *keys, const char *participant, size_t stream)
{
	uint32_t ssrcs[CALLKEY_SSRC_COUNT];

	MUST(callkey_derive_ssrcs(ssrcs, keys->call_id, participant));
	return ssrcs[stream];
}

uint32_t keys_audio_ssrc(struct keys *keys, const char *participant)
{
	return ssrc_of(keys, participant, CALLKEY_SSRC_AUDIO);
}

uint32_t keys_video_ssrc(struct keys *keys, const char *participant)
{
	return ssrc_of(keys, participant, CALLKEY_SSRC_VIDEO);
}

size_t keys_seal_frame(const struct frame_key *key, uint8_t *out, size_t room, const uint8_t *picture,
                       size_t n, uint64_t counter)
{
	MUST(callkey_sframe_seal(out, &room, key->secret, sizeof key->secret, picture, n, counter,
	                         key->epoch));
	return room;
}

bool keys_open_frame(const struct frame_key *key, uint8_t *out, size_t *n, const uint8_t *frame,
                     size_t frame_len, uint64_t *counter)
{
	uint64_t key_id;
	size_t room = *n;
	callkey_status status = ask(callkey_sframe_open(out, &room, counter, &key_id, key->secret,
	                                                sizeof key->secret, frame, frame_len));

	if (status == CALLKEY_ERR_AUTHENTICATION || status == CALLKEY_ERR_MALFORMED)
		return false;
	if (status != CALLKEY_OK)
		give_up("a picture: %s", callkey_status_text(status));
	*n = room;
	return true;
}
