/*
 * The exported functions, in the header's order. Each has the same shape: enter, check every
 * pointer and length, run the Go function of the same name, clear the outputs after a failure,
 * leave. callkey.h and _cgo_export.h are both included, so a difference between the contract, this
 * file and the Go code does not compile.
 *
 * Go functions take the thread's failure text as their first argument and get inputs without
 * const, which cgo cannot express; they do not write to them.
 */
#include "callkey.h"
#include "fork.h"
#include "guard.h"
#include "_cgo_export.h"

#include <string.h>

/* Lengths above this are mistakes, such as a negative number made unsigned. */
#define MAX_BYTES ((size_t)1 << 30)
/* The longest list of devices, participants or prekeys; an offer takes no more either. */
#define MAX_ELEMENTS 4096

/* The parts of the shape. After the first check that fails the others do nothing. */
#define ENTER() struct guard guard; callkey_status status = guard_enter(&guard)
#define ENTER_STORE() ENTER(); guard.files = 1
#define NEED(pointer) \
	do { if (status == CALLKEY_OK && (pointer) == NULL) \
		status = guard_refuse(&guard, #pointer, "is NULL"); } while (0)
#define BYTES(pointer, length) \
	do { if (status == CALLKEY_OK) \
		status = check_list(&guard, #pointer, pointer, length, MAX_BYTES); } while (0)
#define ELEMENTS(pointer, count) \
	do { if (status == CALLKEY_OK) \
		status = check_list(&guard, #pointer, pointer, count, MAX_ELEMENTS); } while (0)
#define ROOM(pointer, length) \
	do { if (status == CALLKEY_OK) status = check_room(&guard, #pointer, pointer, length); } while (0)
#define RUN(call) \
	do { if (status == CALLKEY_OK) status = call; } while (0)
#define LEAVE() return guard_leave(&guard, status)

static callkey_status check_list(struct guard *guard, const char *name, const void *p, size_t n,
                                 size_t max)
{
	if (n > max)
		return guard_refuse(guard, name, "is longer than any such input can be");
	if (p == NULL && n != 0)
		return guard_refuse(guard, name, "is NULL and its length is not 0");
	return CALLKEY_OK;
}

static callkey_status check_room(struct guard *guard, const char *name, const void *out,
                                 const size_t *out_len)
{
	if (out_len == NULL)
		return guard_refuse(guard, name, "has no length: the pointer to its capacity is NULL");
	if (out == NULL && *out_len != 0)
		return guard_refuse(guard, name, "is NULL and its capacity is not 0");
	return CALLKEY_OK;
}

/* Fixed outputs are zero after a failure. */
static void clear_unless_ok(callkey_status status, void *out, size_t n)
{
	if (status != CALLKEY_OK && status != CALLKEY_ERR_BUFFER)
		callkey_wipe(out, n);
}

/* So is the length of a variable output, unless it says what is needed. */
static void no_size_unless_ok(callkey_status status, size_t *out_len)
{
	if (status != CALLKEY_OK && status != CALLKEY_ERR_BUFFER && out_len != NULL)
		*out_len = 0;
}

/* And a list of statuses holds the failure itself, for 0 would read as success. */
static void spread_unless_ok(callkey_status status, callkey_status *statuses, size_t n)
{
	size_t i;
	if (status == CALLKEY_OK || status == CALLKEY_ERR_BUFFER || statuses == NULL || n > MAX_ELEMENTS)
		return;
	for (i = 0; i < n; i++)
		statuses[i] = status;
}

static void clear_elements_unless_ok(callkey_status status, void *out, size_t n, size_t size)
{
	if (n <= MAX_ELEMENTS)
		clear_unless_ok(status, out, n * size);
}

/* A struct that starts with struct_size comes from a program with this library's callkey.h, an older
 * or a newer one. The library works on a copy of its own version: TAKE reads an input into one, SHAPE
 * checks an output before the work and GIVE fills it from one. `last` is the last member that the
 * struct had when it first appeared. */
#define TAKE(to, from, last) \
	do { if (status == CALLKEY_OK) \
		status = take_struct(&guard, #from, &(to), sizeof(to), from, FIRST_SIZE(to, last)); } while (0)
#define SHAPE(out, from, last) \
	do { if (status == CALLKEY_OK) \
		status = check_struct(&guard, #out, out, sizeof(from), FIRST_SIZE(from, last)); } while (0)
/* Also after a failure: then it clears out. A call that fills out whatever its status passes 1. */
#define GIVE(filled, out, from, last) \
	give_struct(filled, out, &(from), sizeof(from), FIRST_SIZE(from, last))

#define FIRST_SIZE(s, last) ((size_t)((char *)&(s).last - (char *)&(s)) + sizeof(s).last)
/* No struct will ever be larger. */
#define MAX_STRUCT 4096

/* A struct ends where a member ends, never in the middle of a pointer. */
static int struct_size_is_possible(size_t n, size_t size, size_t first)
{
	return n >= first && n <= MAX_STRUCT &&
	       (n == first || n >= size || n % sizeof(size_t) == 0);
}

static callkey_status check_struct(struct guard *guard, const char *name, const void *p,
                                   size_t size, size_t first)
{
	size_t n;

	if (p == NULL)
		return guard_refuse(guard, name, "is NULL");
	memcpy(&n, p, sizeof n);
	if (!struct_size_is_possible(n, size, first))
		return guard_refuse(guard, name, "has a struct_size that is not the size of the struct");
	return CALLKEY_OK;
}

/* Members that an older program lacks are zero, members that a newer one adds must be zero. A NULL
 * that the function allows is all zero. */
static callkey_status take_struct(struct guard *guard, const char *name, void *to, size_t size,
                                  const void *from, size_t first)
{
	callkey_status status;
	size_t n, i;

	memset(to, 0, size);
	if (from == NULL)
		return CALLKEY_OK;
	status = check_struct(guard, name, from, size, first);
	if (status != CALLKEY_OK)
		return status;
	memcpy(&n, from, sizeof n);
	for (i = size; i < n; i++) {
		if (((const unsigned char *)from)[i] != 0) {
			guard_refuse(guard, name, "has members that are newer than this library");
			return CALLKEY_ERR_UNSUPPORTED;
		}
	}
	memcpy(to, from, n < size ? n : size);
	return CALLKEY_OK;
}

/* struct_size stays the caller's. Where it is not possible nobody knows how much memory out has. */
static void give_struct(int filled, void *out, const void *from, size_t size, size_t first)
{
	size_t n;

	if (out == NULL)
		return;
	memcpy(&n, out, sizeof n);
	if (!struct_size_is_possible(n, size, first))
		return;
	callkey_wipe((char *)out + sizeof n, n - sizeof n);
	if (filled)
		memcpy((char *)out + sizeof n, (const char *)from + sizeof n,
		       (n < size ? n : size) - sizeof n);
}

/* ---- Library ---- */

/* It answers after an internal error too, or nobody could learn what that was, and it leaves the
 * thread's text as it is. */
callkey_status callkey_last_error(char *out, size_t *out_len)
{
	size_t need;
	callkey_status status = CALLKEY_OK;

	if (fork_child())
		status = CALLKEY_ERR_FORKED;
	else if (out_len == NULL || (out == NULL && *out_len != 0))
		status = CALLKEY_ERR_ARGUMENT;
	if (status != CALLKEY_OK) {
		no_size_unless_ok(status, out_len);
		return status;
	}
	need = strlen(failure_last()) + 1;
	if (*out_len < need)
		status = CALLKEY_ERR_BUFFER;
	else
		memcpy(out, failure_last(), need);
	*out_len = need;
	return status;
}

callkey_status callkey_selftest(void)
{
	ENTER();
	RUN(ck_selftest(guard.text));
	LEAVE();
}

/* ---- The key ---- */

callkey_status callkey_generate(uint8_t key[CALLKEY_KEY_BYTES])
{
	ENTER();
	NEED(key);
	RUN(ck_generate(guard.text, key));
	clear_unless_ok(status, key, CALLKEY_KEY_BYTES);
	LEAVE();
}

callkey_status callkey_check(const uint8_t *key, size_t key_len)
{
	ENTER();
	BYTES(key, key_len);
	RUN(ck_check(guard.text, (uint8_t *)key, key_len));
	LEAVE();
}

callkey_status callkey_fingerprint(uint8_t out[CALLKEY_FINGERPRINT_BYTES], const uint8_t *key,
                                   size_t key_len)
{
	ENTER();
	NEED(out);
	BYTES(key, key_len);
	RUN(ck_fingerprint(guard.text, out, (uint8_t *)key, key_len));
	clear_unless_ok(status, out, CALLKEY_FINGERPRINT_BYTES);
	LEAVE();
}

void callkey_wipe(void *p, size_t n)
{
	if (p == NULL)
		return;
	memset(p, 0, n);
	/* The compiler must believe that someone reads the zeros, or it drops the memset. */
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

/* ---- Derivation ---- */

callkey_status callkey_participant_id(char *out, size_t *out_len, const char *jid)
{
	ENTER();
	ROOM(out, out_len);
	NEED(jid);
	RUN(ck_participant_id(guard.text, out, out_len, (char *)jid));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

callkey_status callkey_derive_e2e_keys(callkey_srtp_keys *out, const uint8_t *key, size_t key_len,
                                       const char *participant)
{
	ENTER();
	NEED(out);
	BYTES(key, key_len);
	NEED(participant);
	RUN(ck_derive_e2e_keys(guard.text, out, (uint8_t *)key, key_len, (char *)participant));
	clear_unless_ok(status, out, sizeof *out);
	LEAVE();
}

callkey_status callkey_derive_e2e_keys_raw(callkey_srtp_keys *out, const uint8_t *raw_e2e,
                                           size_t raw_e2e_len, const char *participant)
{
	ENTER();
	NEED(out);
	BYTES(raw_e2e, raw_e2e_len);
	NEED(participant);
	RUN(ck_derive_e2e_keys_raw(guard.text, out, (uint8_t *)raw_e2e, raw_e2e_len,
	                           (char *)participant));
	clear_unless_ok(status, out, sizeof *out);
	LEAVE();
}

callkey_status callkey_derive_e2e_keys_batch(callkey_srtp_keys *out, callkey_status *statuses,
                                             const uint8_t *key, size_t key_len,
                                             const char *const *participants, size_t n)
{
	ENTER();
	ELEMENTS(out, n);
	ELEMENTS(statuses, n);
	BYTES(key, key_len);
	ELEMENTS(participants, n);
	RUN(ck_derive_e2e_keys_batch(guard.text, out, statuses, (uint8_t *)key, key_len,
	                             (char **)participants, n));
	clear_elements_unless_ok(status, out, n, sizeof *out);
	spread_unless_ok(status, statuses, n);
	LEAVE();
}

callkey_status callkey_derive_e2e_sframe_key(uint8_t out[CALLKEY_SFRAME_KEY_BYTES],
                                             const uint8_t *key, size_t key_len,
                                             const char *participant)
{
	ENTER();
	NEED(out);
	BYTES(key, key_len);
	NEED(participant);
	RUN(ck_derive_e2e_sframe_key(guard.text, out, (uint8_t *)key, key_len,
	                             (char *)participant));
	clear_unless_ok(status, out, CALLKEY_SFRAME_KEY_BYTES);
	LEAVE();
}

callkey_status callkey_derive_warp_auth_key(uint8_t out[CALLKEY_WARP_AUTH_KEY_BYTES],
                                            const uint8_t *key, size_t key_len)
{
	ENTER();
	NEED(out);
	BYTES(key, key_len);
	RUN(ck_derive_warp_auth_key(guard.text, out, (uint8_t *)key, key_len));
	clear_unless_ok(status, out, CALLKEY_WARP_AUTH_KEY_BYTES);
	LEAVE();
}

callkey_status callkey_derive_hbh_keys(callkey_srtp_keys *out,
                                       const uint8_t hbh_key[CALLKEY_HBH_KEY_BYTES], uint32_t which)
{
	ENTER();
	NEED(out);
	NEED(hbh_key);
	RUN(ck_derive_hbh_keys(guard.text, out, (uint8_t *)hbh_key, which));
	clear_unless_ok(status, out, sizeof *out);
	LEAVE();
}

callkey_status callkey_derive_ssrcs(uint32_t out[CALLKEY_SSRC_COUNT], const char *call_id,
                                    const char *participant)
{
	ENTER();
	NEED(out);
	NEED(call_id);
	NEED(participant);
	RUN(ck_derive_ssrcs(guard.text, out, (char *)call_id, (char *)participant));
	clear_unless_ok(status, out, CALLKEY_SSRC_COUNT * sizeof *out);
	LEAVE();
}

callkey_status callkey_raw_e2e_decode(uint8_t *out, size_t *out_len, const uint8_t *content,
                                      size_t content_len)
{
	ENTER();
	ROOM(out, out_len);
	BYTES(content, content_len);
	RUN(ck_raw_e2e_decode(guard.text, out, out_len, (uint8_t *)content, content_len));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

callkey_status callkey_select_participant(size_t *index, const uint8_t *key, size_t key_len,
                                          const char *const *participants, size_t n,
                                          const uint8_t *rtp_packet, size_t rtp_packet_len,
                                          uint32_t roc, uint32_t tag_len)
{
	ENTER();
	NEED(index);
	BYTES(key, key_len);
	ELEMENTS(participants, n);
	BYTES(rtp_packet, rtp_packet_len);
	RUN(ck_select_participant(guard.text, index, (uint8_t *)key, key_len,
	                          (char **)participants, n, (uint8_t *)rtp_packet, rtp_packet_len,
	                          roc, tag_len));
	clear_unless_ok(status, index, sizeof *index);
	LEAVE();
}

/* ---- Media frames ---- */

callkey_status callkey_warp_tag(uint8_t out[CALLKEY_WARP_TAG_BYTES], const uint8_t *auth_key,
                                size_t auth_key_len, const uint8_t *packet, size_t packet_len,
                                uint32_t roc)
{
	ENTER();
	NEED(out);
	BYTES(auth_key, auth_key_len);
	BYTES(packet, packet_len);
	RUN(ck_warp_tag(guard.text, out, (uint8_t *)auth_key, auth_key_len, (uint8_t *)packet,
	                packet_len, roc));
	clear_unless_ok(status, out, CALLKEY_WARP_TAG_BYTES);
	LEAVE();
}

callkey_status callkey_sframe_seal(uint8_t *out, size_t *out_len, const uint8_t *sframe_key,
                                   size_t sframe_key_len, const uint8_t *payload,
                                   size_t payload_len, uint64_t counter, uint64_t key_id)
{
	ENTER();
	ROOM(out, out_len);
	BYTES(sframe_key, sframe_key_len);
	BYTES(payload, payload_len);
	RUN(ck_sframe_seal(guard.text, out, out_len, (uint8_t *)sframe_key, sframe_key_len,
	                   (uint8_t *)payload, payload_len, counter, key_id));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

callkey_status callkey_sframe_open(uint8_t *out, size_t *out_len, uint64_t *counter,
                                   uint64_t *key_id, const uint8_t *sframe_key,
                                   size_t sframe_key_len, const uint8_t *frame, size_t frame_len)
{
	ENTER();
	ROOM(out, out_len);
	NEED(counter);
	NEED(key_id);
	BYTES(sframe_key, sframe_key_len);
	BYTES(frame, frame_len);
	RUN(ck_sframe_open(guard.text, out, out_len, counter, key_id, (uint8_t *)sframe_key,
	                   sframe_key_len, (uint8_t *)frame, frame_len));
	no_size_unless_ok(status, out_len);
	clear_unless_ok(status, counter, sizeof *counter);
	clear_unless_ok(status, key_id, sizeof *key_id);
	LEAVE();
}

/* ---- Plaintexts and stanzas ---- */

callkey_status callkey_plaintext_encode(uint8_t *out, size_t *out_len, const uint8_t *key,
                                        size_t key_len)
{
	ENTER();
	ROOM(out, out_len);
	BYTES(key, key_len);
	RUN(ck_plaintext_encode(guard.text, out, out_len, (uint8_t *)key, key_len));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

callkey_status callkey_plaintext_decode(uint8_t key[CALLKEY_KEY_BYTES], const uint8_t *plaintext,
                                        size_t plaintext_len, uint32_t enc_version)
{
	ENTER();
	NEED(key);
	BYTES(plaintext, plaintext_len);
	RUN(ck_plaintext_decode(guard.text, key, (uint8_t *)plaintext, plaintext_len, enc_version));
	clear_unless_ok(status, key, CALLKEY_KEY_BYTES);
	LEAVE();
}

callkey_status callkey_offer_build(uint8_t *out, size_t *out_len, const callkey_enc *encs, size_t n,
                                   const callkey_offer_options *options)
{
	callkey_offer_options taken;
	ENTER();
	ROOM(out, out_len);
	ELEMENTS(encs, n);
	TAKE(taken, options, flags);
	RUN(ck_offer_build(guard.text, out, out_len, (callkey_enc *)encs, n,
	                   options == NULL ? NULL : &taken));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

callkey_status callkey_offer_parse(uint8_t *ciphertext, size_t *ciphertext_len,
                                   callkey_call_info *info, const uint8_t *stanza,
                                   size_t stanza_len, const char *const *own_jids, size_t n_own)
{
	callkey_call_info said;
	ENTER();
	memset(&said, 0, sizeof said);
	ROOM(ciphertext, ciphertext_len);
	SHAPE(info, said, sender_identity);
	BYTES(stanza, stanza_len);
	ELEMENTS(own_jids, n_own);
	RUN(ck_offer_parse(guard.text, ciphertext, ciphertext_len, &said, (uint8_t *)stanza,
	                   stanza_len, (char **)own_jids, n_own));
	no_size_unless_ok(status, ciphertext_len);
	GIVE(1, info, said, sender_identity);
	LEAVE();
}

callkey_status callkey_stanza_to_xml(char *out, size_t *out_len, const uint8_t *stanza,
                                     size_t stanza_len)
{
	ENTER();
	ROOM(out, out_len);
	BYTES(stanza, stanza_len);
	RUN(ck_stanza_to_xml(guard.text, out, out_len, (uint8_t *)stanza, stanza_len));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

/* ---- Store ---- */

callkey_status callkey_store_open(callkey_store *out, const char *path, const uint8_t *storage_key,
                                  size_t storage_key_len, const callkey_store_options *options)
{
	callkey_store_options taken;
	ENTER_STORE();
	NEED(out);
	BYTES(storage_key, storage_key_len);
	TAKE(taken, options, flags);
	RUN(ck_store_open(guard.text, out, (char *)path, (uint8_t *)storage_key, storage_key_len,
	                  &taken));
	clear_unless_ok(status, out, sizeof *out);
	LEAVE();
}

callkey_status callkey_store_close(callkey_store store)
{
	ENTER_STORE();
	RUN(ck_store_close(guard.text, store));
	LEAVE();
}

callkey_status callkey_store_copy(callkey_store store, const char *path)
{
	ENTER_STORE();
	NEED(path);
	RUN(ck_store_copy(guard.text, store, (char *)path));
	LEAVE();
}

callkey_status callkey_store_change_key(callkey_store store, const uint8_t *storage_key,
                                        size_t storage_key_len)
{
	ENTER_STORE();
	BYTES(storage_key, storage_key_len);
	RUN(ck_store_change_key(guard.text, store, (uint8_t *)storage_key, storage_key_len));
	LEAVE();
}

callkey_status callkey_store_identity(callkey_store store, callkey_identity *out)
{
	ENTER_STORE();
	NEED(out);
	RUN(ck_store_identity(guard.text, store, out));
	clear_unless_ok(status, out, sizeof *out);
	LEAVE();
}

callkey_status callkey_store_import_identity(callkey_store store,
                                             const uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES],
                                             uint32_t registration_id)
{
	ENTER_STORE();
	NEED(private_key);
	RUN(ck_store_import_identity(guard.text, store, (uint8_t *)private_key, registration_id));
	LEAVE();
}

callkey_status callkey_store_add_prekeys(callkey_store store, callkey_prekey *out, size_t n)
{
	ENTER_STORE();
	ELEMENTS(out, n);
	RUN(ck_store_add_prekeys(guard.text, store, out, n));
	clear_elements_unless_ok(status, out, n, sizeof *out);
	LEAVE();
}

callkey_status callkey_store_unpublished(callkey_store store, callkey_prekey *out, size_t *n)
{
	ENTER_STORE();
	ROOM(out, n);
	RUN(ck_store_unpublished(guard.text, store, out, n));
	no_size_unless_ok(status, n);
	LEAVE();
}

callkey_status callkey_store_published(callkey_store store, const uint32_t *ids, size_t n)
{
	ENTER_STORE();
	ELEMENTS(ids, n);
	RUN(ck_store_published(guard.text, store, (uint32_t *)ids, n));
	LEAVE();
}

callkey_status callkey_store_prekeys_left(callkey_store store, size_t *n)
{
	ENTER_STORE();
	NEED(n);
	RUN(ck_store_prekeys_left(guard.text, store, n));
	clear_unless_ok(status, n, sizeof *n);
	LEAVE();
}

callkey_status callkey_store_rotate_signed_prekey(callkey_store store, callkey_signed_prekey *out)
{
	ENTER_STORE();
	NEED(out);
	RUN(ck_store_rotate_signed_prekey(guard.text, store, out));
	clear_unless_ok(status, out, sizeof *out);
	LEAVE();
}

callkey_status callkey_store_signed_prekey(callkey_store store, callkey_signed_prekey *out,
                                           uint64_t *since)
{
	ENTER_STORE();
	NEED(out);
	NEED(since);
	RUN(ck_store_signed_prekey(guard.text, store, out, since));
	clear_unless_ok(status, out, sizeof *out);
	clear_unless_ok(status, since, sizeof *since);
	LEAVE();
}

callkey_status callkey_store_import_prekey(callkey_store store, uint32_t id,
                                           const uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES])
{
	ENTER_STORE();
	NEED(private_key);
	RUN(ck_store_import_prekey(guard.text, store, id, (uint8_t *)private_key));
	LEAVE();
}

callkey_status
callkey_store_import_signed_prekey(callkey_store store, uint32_t id,
                                   const uint8_t private_key[CALLKEY_PRIVATE_KEY_BYTES])
{
	ENTER_STORE();
	NEED(private_key);
	RUN(ck_store_import_signed_prekey(guard.text, store, id, (uint8_t *)private_key));
	LEAVE();
}

callkey_status callkey_store_take_bundle(callkey_store store, callkey_prekey_bundle *out)
{
	callkey_prekey_bundle made = CALLKEY_PREKEY_BUNDLE_INIT;
	ENTER_STORE();
	SHAPE(out, made, signed_prekey_signature);
	RUN(ck_store_take_bundle(guard.text, store, &made));
	GIVE(status == CALLKEY_OK, out, made, signed_prekey_signature);
	LEAVE();
}

callkey_status callkey_store_alias(callkey_store store, const char *alias_jid, const char *jid)
{
	ENTER_STORE();
	NEED(alias_jid);
	NEED(jid);
	RUN(ck_store_alias(guard.text, store, (char *)alias_jid, (char *)jid));
	LEAVE();
}

callkey_status callkey_store_unalias(callkey_store store, const char *alias_jid)
{
	ENTER_STORE();
	NEED(alias_jid);
	RUN(ck_store_unalias(guard.text, store, (char *)alias_jid));
	LEAVE();
}

/* ---- Sessions and identities ---- */

callkey_status callkey_session_begin(callkey_store store, const char *jid,
                                     const callkey_prekey_bundle *bundle)
{
	callkey_prekey_bundle taken;
	ENTER_STORE();
	NEED(jid);
	NEED(bundle);
	TAKE(taken, bundle, signed_prekey_signature);
	RUN(ck_session_begin(guard.text, store, (char *)jid, &taken));
	LEAVE();
}

callkey_status callkey_session_check(callkey_store store, const char *jid)
{
	ENTER_STORE();
	NEED(jid);
	RUN(ck_session_check(guard.text, store, (char *)jid));
	LEAVE();
}

callkey_status callkey_session_remove(callkey_store store, const char *jid)
{
	ENTER_STORE();
	NEED(jid);
	RUN(ck_session_remove(guard.text, store, (char *)jid));
	LEAVE();
}

callkey_status callkey_session_export(callkey_store store, uint8_t *out, size_t *out_len,
                                      const char *jid)
{
	ENTER_STORE();
	ROOM(out, out_len);
	NEED(jid);
	RUN(ck_session_export(guard.text, store, out, out_len, (char *)jid));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

callkey_status callkey_session_import(callkey_store store, const char *jid, const uint8_t *record,
                                      size_t record_len)
{
	ENTER_STORE();
	NEED(jid);
	BYTES(record, record_len);
	RUN(ck_session_import(guard.text, store, (char *)jid, (uint8_t *)record, record_len));
	LEAVE();
}

callkey_status callkey_identity_get(callkey_store store,
                                    uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES], const char *jid)
{
	ENTER_STORE();
	NEED(public_key);
	NEED(jid);
	RUN(ck_identity_get(guard.text, store, public_key, (char *)jid));
	clear_unless_ok(status, public_key, CALLKEY_PUBLIC_KEY_BYTES);
	LEAVE();
}

callkey_status callkey_identity_trust(callkey_store store, const char *jid,
                                      const uint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES])
{
	ENTER_STORE();
	NEED(jid);
	NEED(public_key);
	RUN(ck_identity_trust(guard.text, store, (char *)jid, (uint8_t *)public_key));
	LEAVE();
}

/* ---- Delivery ---- */

callkey_status callkey_enc_seal(callkey_store store, uint8_t *ciphertext, size_t *ciphertext_len,
                                uint32_t *enc_type, const char *jid, const uint8_t *key,
                                size_t key_len)
{
	ENTER_STORE();
	ROOM(ciphertext, ciphertext_len);
	NEED(enc_type);
	NEED(jid);
	BYTES(key, key_len);
	RUN(ck_enc_seal(guard.text, store, ciphertext, ciphertext_len, enc_type, (char *)jid,
	                (uint8_t *)key, key_len));
	no_size_unless_ok(status, ciphertext_len);
	clear_unless_ok(status, enc_type, sizeof *enc_type);
	LEAVE();
}

callkey_status callkey_enc_open(callkey_store store, uint8_t key[CALLKEY_KEY_BYTES], const char *jid,
                                uint32_t enc_type, uint32_t enc_version, const uint8_t *ciphertext,
                                size_t ciphertext_len)
{
	ENTER_STORE();
	NEED(key);
	NEED(jid);
	BYTES(ciphertext, ciphertext_len);
	RUN(ck_enc_open(guard.text, store, key, (char *)jid, enc_type, enc_version,
	                (uint8_t *)ciphertext, ciphertext_len));
	clear_unless_ok(status, key, CALLKEY_KEY_BYTES);
	LEAVE();
}

callkey_status callkey_message_done(callkey_store store, const char *jid, const uint8_t *ciphertext,
                                    size_t ciphertext_len)
{
	ENTER_STORE();
	NEED(jid);
	BYTES(ciphertext, ciphertext_len);
	RUN(ck_message_done(guard.text, store, (char *)jid, (uint8_t *)ciphertext, ciphertext_len));
	LEAVE();
}

callkey_status callkey_offer_seal(callkey_store store, uint8_t *out, size_t *out_len,
                                  callkey_status *statuses, uint32_t *enc_types, const uint8_t *key,
                                  size_t key_len, const char *const *jids, size_t n,
                                  const callkey_offer_options *options)
{
	callkey_offer_options taken;
	ENTER_STORE();
	ROOM(out, out_len);
	ELEMENTS(statuses, n);
	ELEMENTS(enc_types, n);
	BYTES(key, key_len);
	ELEMENTS(jids, n);
	TAKE(taken, options, flags);
	RUN(ck_offer_seal(guard.text, store, out, out_len, statuses, enc_types, (uint8_t *)key,
	                  key_len, (char **)jids, n, options == NULL ? NULL : &taken));
	no_size_unless_ok(status, out_len);
	if (status != CALLKEY_ERR_NO_DEVICES)
		spread_unless_ok(status, statuses, n);
	clear_elements_unless_ok(status, enc_types, n, sizeof *enc_types);
	LEAVE();
}

callkey_status callkey_offer_open(callkey_store store, uint8_t key[CALLKEY_KEY_BYTES],
                                  callkey_call_info *info, const uint8_t *stanza, size_t stanza_len,
                                  const char *const *own_jids, size_t n_own, const char *sender_jid)
{
	callkey_call_info said;
	ENTER_STORE();
	memset(&said, 0, sizeof said);
	NEED(key);
	SHAPE(info, said, sender_identity);
	BYTES(stanza, stanza_len);
	ELEMENTS(own_jids, n_own);
	RUN(ck_offer_open(guard.text, store, key, &said, (uint8_t *)stanza, stanza_len,
	                  (char **)own_jids, n_own, (char *)sender_jid));
	clear_unless_ok(status, key, CALLKEY_KEY_BYTES);
	GIVE(1, info, said, sender_identity);
	LEAVE();
}

callkey_status callkey_rekey_seal(callkey_store store, uint8_t *out, size_t *out_len,
                                  const uint8_t *epoch, size_t epoch_len, uint32_t transaction_id,
                                  const char *jid, const callkey_offer_options *options)
{
	callkey_offer_options taken;
	ENTER_STORE();
	ROOM(out, out_len);
	BYTES(epoch, epoch_len);
	NEED(jid);
	NEED(options);
	TAKE(taken, options, flags);
	RUN(ck_rekey_seal(guard.text, store, out, out_len, (uint8_t *)epoch, epoch_len,
	                  transaction_id, (char *)jid, &taken));
	no_size_unless_ok(status, out_len);
	LEAVE();
}

callkey_status callkey_rekey_open(callkey_store store, uint8_t epoch[CALLKEY_KEY_BYTES],
                                  callkey_call_info *info, const uint8_t *stanza,
                                  size_t stanza_len, const char *sender_jid)
{
	callkey_call_info said;
	ENTER_STORE();
	memset(&said, 0, sizeof said);
	NEED(epoch);
	SHAPE(info, said, sender_identity);
	BYTES(stanza, stanza_len);
	RUN(ck_rekey_open(guard.text, store, epoch, &said, (uint8_t *)stanza, stanza_len,
	                  (char *)sender_jid));
	clear_unless_ok(status, epoch, CALLKEY_KEY_BYTES);
	GIVE(1, info, said, sender_identity);
	LEAVE();
}

/* ---- Group epochs ---- */

callkey_status callkey_epochs_new(callkey_epochs *out)
{
	ENTER();
	NEED(out);
	RUN(ck_epochs_new(guard.text, out));
	clear_unless_ok(status, out, sizeof *out);
	LEAVE();
}

callkey_status callkey_epochs_free(callkey_epochs epochs)
{
	ENTER();
	RUN(ck_epochs_free(guard.text, epochs));
	LEAVE();
}

callkey_status callkey_epochs_add(callkey_epochs epochs, uint32_t transaction_id,
                                    const uint8_t *epoch, size_t epoch_len)
{
	ENTER();
	BYTES(epoch, epoch_len);
	RUN(ck_epochs_add(guard.text, epochs, transaction_id, (uint8_t *)epoch, epoch_len));
	LEAVE();
}

callkey_status callkey_epochs_roster(callkey_epochs epochs, uint32_t transaction_id)
{
	ENTER();
	RUN(ck_epochs_roster(guard.text, epochs, transaction_id));
	LEAVE();
}

callkey_status callkey_epochs_current(callkey_epochs epochs, uint8_t epoch[CALLKEY_KEY_BYTES],
                                      uint32_t *transaction_id)
{
	ENTER();
	NEED(epoch);
	NEED(transaction_id);
	RUN(ck_epochs_current(guard.text, epochs, epoch, transaction_id));
	clear_unless_ok(status, epoch, CALLKEY_KEY_BYTES);
	clear_unless_ok(status, transaction_id, sizeof *transaction_id);
	LEAVE();
}
