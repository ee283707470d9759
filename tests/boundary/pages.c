/* Every pointer of every function against memory that must not be touched. Each buffer has exactly
 * the size that the header names, first right before an inaccessible page, then right behind one;
 * inputs cannot be written to. A byte too many, on either side, and a byte written to an input end
 * the program with SIGSEGV. With pages FUNCTION only that one. */
#define _DEFAULT_SOURCE
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t buffers;

/* Where the buffers lie. */
static enum { BEFORE, BEHIND } side;

enum { PAGE = 4096, MOST = 4096 };
static struct place { unsigned char *base; size_t size; } places[MOST];
static size_t placed;

static unsigned char *place(size_t n, const void *content)
{
	size_t room = (n + PAGE - 1) / PAGE * PAGE;
	unsigned char *base, *at;

	if (room == 0)
		room = PAGE;
	if (placed == MOST)
		exit(3);
	base = mmap(NULL, room + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED || mprotect(base + PAGE, room, PROT_READ | PROT_WRITE) != 0)
		exit(3);
	places[placed].base = base;
	places[placed++].size = room + 2 * PAGE;
	buffers++;
	at = base + PAGE + (side == BEFORE ? room - n : 0);
	memset(base + PAGE, 0xee, room);
	if (content != NULL) {
		memcpy(at, content, n);
		if (mprotect(base + PAGE, room, PROT_READ) != 0)
			exit(3);
	}
	return at;
}

/* An output that starts with its own size. */
static void *growing(void *out, size_t n)
{
	memcpy(out, &n, sizeof n);
	return out;
}

static void clean_up(void)
{
	while (placed > 0) {
		placed--;
		munmap(places[placed].base, places[placed].size);
	}
}

#define OUT(n) ((void *)place(n, NULL))
#define GROWING_OUT(type) growing(OUT(sizeof(type)), sizeof(type))
#define IN(p, n) ((const void *)place(n, p))
#define TEXT(s) ((const char *)place(strlen(s) + 1, s))
/* For what a stanza says. */
static callkey_call_info *about(void)
{
	callkey_call_info *info = OUT(sizeof *info);

	info->struct_size = sizeof *info;
	return info;
}

#define KEY IN(p.key, sizeof p.key), sizeof p.key

static const char *const *list(const char *text)
{
	const char *one = TEXT(text);

	return IN(&one, sizeof one);
}

static const callkey_offer_options *options(void)
{
	callkey_offer_options o = pair_options;

	o.stanza_id = TEXT(o.stanza_id);
	o.to = TEXT(o.to);
	o.call_id = TEXT(o.call_id);
	o.call_creator = TEXT(o.call_creator);
	o.capability = IN("capability", 10);
	o.capability_len = 10;
	o.privacy_token = IN("token", 5);
	o.privacy_token_len = 5;
	o.device_identity = IN(o.device_identity, o.device_identity_len);
	return IN(&o, sizeof o);
}

static pair p;
static callkey_epochs group;
static sealed enc, frame;
static offer whole;
static sealed_rekey rekey;
static record session;
static callkey_prekey_bundle bundle = CALLKEY_PREKEY_BUNDLE_INIT;
static uint8_t identity[CALLKEY_PUBLIC_KEY_BYTES], plaintext[CALLKEY_PLAINTEXT_MAX_BYTES];
static size_t plaintext_len;

#define TRY(call) \
	do { callkey_status s_ = (call); if (s_ != CALLKEY_OK) return s_; } while (0)

static callkey_status prepare(void)
{
	TRY(pair_open(&p));
	TRY(callkey_store_take_bundle(p.callee, &bundle));
	TRY(pair_seal(&p, &enc));
	TRY(pair_offer(&p, &whole));
	TRY(pair_rekey(&p, &rekey));
	pair_record(p.caller, BOB, &session);
	TRY(callkey_identity_get(p.caller, identity, BOB));
	frame.n = sizeof frame.bytes;
	TRY(callkey_sframe_seal(frame.bytes, &frame.n, p.key, sizeof p.key, p.key, 5, 5, 0));
	plaintext_len = sizeof plaintext;
	TRY(callkey_plaintext_encode(plaintext, &plaintext_len, p.key, sizeof p.key));
	TRY(callkey_epochs_new(&group));
	TRY(callkey_epochs_add(group, 1, p.key, sizeof p.key));
	return callkey_epochs_roster(group, 1);
}

/* Asks for the size, then gives exactly that much. The size itself is a placed buffer, too. */
#define SIZED(call) \
	do { \
		size_t *n = OUT(sizeof *n); \
		void *out = NULL; \
		callkey_status s_; \
		*n = 0; \
		s_ = call; \
		if (s_ != CALLKEY_ERR_BUFFER || *n == 0) \
			return s_ == CALLKEY_OK ? CALLKEY_ERR_INTERNAL : s_; \
		out = OUT(*n); \
		return call; \
	} while (0)

#define CALL(name) static callkey_status name(void)
#define RETURN(name, call) CALL(name) { return call; }
#define RETURN_SIZED(name, call) CALL(name) { SIZED(call); }

static const uint8_t packet[64] = {0x80};

RETURN(generate, callkey_generate(OUT(CALLKEY_KEY_BYTES)))
RETURN(check, callkey_check(KEY))
RETURN(fingerprint, callkey_fingerprint(OUT(CALLKEY_FINGERPRINT_BYTES), KEY))
RETURN_SIZED(participant_id, callkey_participant_id(out, n, TEXT(BOB)))
RETURN(derive_e2e_keys, callkey_derive_e2e_keys(OUT(CALLKEY_SRTP_KEYS_BYTES), KEY, TEXT(BOB)))
RETURN(derive_e2e_keys_raw, callkey_derive_e2e_keys_raw(OUT(CALLKEY_SRTP_KEYS_BYTES), KEY, TEXT(BOB)))
RETURN(derive_e2e_keys_batch, callkey_derive_e2e_keys_batch(OUT(CALLKEY_SRTP_KEYS_BYTES), OUT(4), KEY,
                                                            list(BOB), 1))
RETURN(derive_e2e_sframe_key, callkey_derive_e2e_sframe_key(OUT(CALLKEY_SFRAME_KEY_BYTES), KEY, TEXT(BOB)))
RETURN(derive_warp_auth_key, callkey_derive_warp_auth_key(OUT(CALLKEY_WARP_AUTH_KEY_BYTES), KEY))
RETURN(derive_hbh_keys, callkey_derive_hbh_keys(OUT(CALLKEY_SRTP_KEYS_BYTES),
                                                IN(p.key, CALLKEY_HBH_KEY_BYTES), CALLKEY_HBH_SRTP))
RETURN(derive_ssrcs, callkey_derive_ssrcs(OUT(4 * CALLKEY_SSRC_COUNT), TEXT("C0FFEE"), TEXT(BOB)))
RETURN_SIZED(raw_e2e_decode, callkey_raw_e2e_decode(out, n, KEY))
CALL(select_participant)
{
	callkey_status s = callkey_select_participant(OUT(sizeof(size_t)), KEY, list(BOB), 1,
	                                              IN(packet, sizeof packet), sizeof packet, 0, 10);
	return s == CALLKEY_ERR_AUTHENTICATION ? CALLKEY_OK : s; /* nobody's packet */
}
RETURN(warp_tag, callkey_warp_tag(OUT(CALLKEY_WARP_TAG_BYTES), KEY, IN(packet, sizeof packet), sizeof packet, 0))
RETURN_SIZED(sframe_seal, callkey_sframe_seal(out, n, KEY, IN("media", 5), 5, 5, 0))
RETURN_SIZED(sframe_open, callkey_sframe_open(out, n, OUT(8), OUT(8), KEY, IN(frame.bytes, frame.n), frame.n))
RETURN_SIZED(plaintext_encode, callkey_plaintext_encode(out, n, KEY))
RETURN(plaintext_decode, callkey_plaintext_decode(OUT(CALLKEY_KEY_BYTES), IN(plaintext, plaintext_len),
                                                  plaintext_len, 2))
CALL(offer_build)
{
	callkey_enc one = {TEXT(BOB), enc.enc_type, IN(enc.bytes, enc.n), enc.n};

	SIZED(callkey_offer_build(out, n, IN(&one, sizeof one), 1, options()));
}
RETURN_SIZED(offer_parse, callkey_offer_parse(out, n, about(), IN(whole.bytes, whole.n),
                                              whole.n, list(BOB), 1))
RETURN_SIZED(stanza_to_xml, callkey_stanza_to_xml(out, n, IN(whole.bytes, whole.n), whole.n))

/* A name that no file has. */
#define NEW_FILE "/tmp/pages-XXXXXX"
static int new_file(char *path)
{
	int fd = mkstemp(path);

	return fd >= 0 && close(fd) == 0 && unlink(path) == 0;
}

static void remove_store(const char *path)
{
	static const char *const parts[] = {"", "-wal", "-shm"};
	char part[64];
	size_t i;

	for (i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf(part, sizeof part, "%s%s", path, parts[i]);
		unlink(part);
	}
}

CALL(store_open)
{
	static const uint8_t storage_key[CALLKEY_STORAGE_KEY_BYTES] = {1};
	char path[] = NEW_FILE;
	callkey_store *opened = OUT(sizeof *opened);

	if (!new_file(path))
		return CALLKEY_ERR_STORE;
	TRY(callkey_store_open(opened, TEXT(path), IN(storage_key, sizeof storage_key), sizeof storage_key, NULL));
	TRY(callkey_store_close(*opened));
	remove_store(path);
	return CALLKEY_OK;
}
CALL(store_copy)
{
	char from[] = NEW_FILE, to[] = NEW_FILE;
	callkey_store s;

	if (!new_file(from) || !new_file(to))
		return CALLKEY_ERR_STORE;
	TRY(callkey_store_open(&s, from, p.key, sizeof p.key, NULL));
	TRY(callkey_store_copy(s, TEXT(to)));
	TRY(callkey_store_close(s));
	remove_store(from);
	remove_store(to);
	return CALLKEY_OK;
}
CALL(store_change_key)
{
	char path[] = NEW_FILE;
	callkey_store s;

	if (!new_file(path))
		return CALLKEY_ERR_STORE;
	TRY(callkey_store_open(&s, path, p.key, sizeof p.key, NULL));
	TRY(callkey_store_change_key(s, IN(p.key, CALLKEY_STORAGE_KEY_BYTES), CALLKEY_STORAGE_KEY_BYTES));
	TRY(callkey_store_close(s));
	remove_store(path);
	return CALLKEY_OK;
}
RETURN(message_done, callkey_message_done(p.callee, TEXT(ALICE), IN(enc.bytes, enc.n), enc.n))
RETURN(store_identity, callkey_store_identity(p.caller, OUT(sizeof(callkey_identity))))
CALL(store_import_identity)
{
	const callkey_store_options importing = {sizeof importing, CALLKEY_STORE_NO_IDENTITY, 0};
	callkey_store blank;

	TRY(callkey_store_open(&blank, NULL, NULL, 0, IN(&importing, sizeof importing)));
	TRY(callkey_store_import_identity(blank, IN(p.key, CALLKEY_PRIVATE_KEY_BYTES), 77));
	return callkey_store_close(blank);
}
RETURN(store_add_prekeys, callkey_store_add_prekeys(p.caller, OUT(3 * sizeof(callkey_prekey)), 3))
CALL(store_unpublished)
{
	callkey_prekey made[3];
	size_t *n = OUT(sizeof *n);

	TRY(callkey_store_add_prekeys(p.caller, made, 3));
	*n = 0;
	if (callkey_store_unpublished(p.caller, NULL, n) != CALLKEY_ERR_BUFFER)
		return CALLKEY_ERR_INTERNAL;
	return callkey_store_unpublished(p.caller, OUT(*n * sizeof(callkey_prekey)), n);
}
CALL(store_published)
{
	callkey_prekey made[3];
	uint32_t ids[3];
	size_t i;

	TRY(callkey_store_add_prekeys(p.caller, made, 3));
	for (i = 0; i < 3; i++)
		ids[i] = made[i].id;
	return callkey_store_published(p.caller, IN(ids, sizeof ids), 3);
}
RETURN(store_prekeys_left, callkey_store_prekeys_left(p.caller, OUT(sizeof(size_t))))
RETURN(store_signed_prekey, callkey_store_signed_prekey(p.callee, OUT(sizeof(callkey_signed_prekey)),
                                                        OUT(sizeof(uint64_t))))
RETURN(store_rotate_signed_prekey,
       callkey_store_rotate_signed_prekey(p.caller, OUT(sizeof(callkey_signed_prekey))))
RETURN(store_import_prekey, callkey_store_import_prekey(p.caller, 500001, IN(p.key, CALLKEY_PRIVATE_KEY_BYTES)))
RETURN(store_import_signed_prekey,
       callkey_store_import_signed_prekey(p.caller, 500001, IN(p.key, CALLKEY_PRIVATE_KEY_BYTES)))
RETURN(store_take_bundle, callkey_store_take_bundle(p.caller, GROWING_OUT(callkey_prekey_bundle)))
RETURN(store_alias, callkey_store_alias(p.caller, TEXT("1555@s.whatsapp.net"), TEXT(CAROL)))
RETURN(store_unalias, callkey_store_unalias(p.caller, TEXT("1555@s.whatsapp.net")))
RETURN(session_begin, callkey_session_begin(p.caller, TEXT(BOB), IN(&bundle, sizeof bundle)))
RETURN(session_check, callkey_session_check(p.caller, TEXT(BOB)))
RETURN(session_remove, callkey_session_remove(p.caller, TEXT(BOB)))
RETURN_SIZED(session_export, callkey_session_export(p.caller, out, n, TEXT(BOB)))
RETURN(session_import, callkey_session_import(p.caller, TEXT(BOB), IN(session.bytes, session.n), session.n))
RETURN(identity_get, callkey_identity_get(p.caller, OUT(CALLKEY_PUBLIC_KEY_BYTES), TEXT(BOB)))
RETURN(identity_trust, callkey_identity_trust(p.caller, TEXT(BOB), IN(identity, sizeof identity)))
RETURN_SIZED(enc_seal, callkey_enc_seal(p.caller, out, n, OUT(4), TEXT(BOB), KEY))
RETURN(enc_open, callkey_enc_open(p.callee, OUT(CALLKEY_KEY_BYTES), TEXT(ALICE), enc.enc_type, 2,
                                  IN(enc.bytes, enc.n), enc.n))
RETURN_SIZED(offer_seal, callkey_offer_seal(p.caller, out, n, OUT(4), OUT(4), KEY, list(BOB), 1, options()))
RETURN(offer_open, callkey_offer_open(p.callee, OUT(CALLKEY_KEY_BYTES), about(),
                                      IN(whole.bytes, whole.n), whole.n, list(BOB), 1, TEXT(ALICE)))
RETURN_SIZED(rekey_seal, callkey_rekey_seal(p.caller, out, n, KEY, 7, TEXT(BOB), options()))
RETURN(rekey_open, callkey_rekey_open(p.callee, OUT(CALLKEY_KEY_BYTES), about(),
                                      IN(rekey.bytes, rekey.n), rekey.n, TEXT(ALICE)))
CALL(epochs_new)
{
	callkey_epochs *made = OUT(sizeof *made);

	TRY(callkey_epochs_new(made));
	return callkey_epochs_free(*made);
}
RETURN(epochs_add, callkey_epochs_add(group, 2, KEY))
RETURN(epochs_current, callkey_epochs_current(group, OUT(CALLKEY_KEY_BYTES), OUT(4)))
CALL(last_error)
{
	callkey_generate(NULL);
	SIZED(callkey_last_error(out, n));
}
CALL(wipe)
{
	callkey_wipe(OUT(CALLKEY_KEY_BYTES), CALLKEY_KEY_BYTES);
	return CALLKEY_OK;
}

/* What is cut short anywhere, or has no end: nothing is read beyond what is there. */
CALL(cut_stanzas)
{
	size_t n;

	for (n = 0; n < whole.n; n++) {
		size_t *need = OUT(sizeof *need);
		callkey_status s;
		*need = 0;
		s = callkey_offer_parse(NULL, need, about(), IN(whole.bytes, n), n, list(BOB), 1);
		if (s == CALLKEY_OK || s == CALLKEY_ERR_BUFFER)
			return CALLKEY_ERR_INTERNAL;
		clean_up();
	}
	return CALLKEY_OK;
}
CALL(cut_records)
{
	size_t n;

	for (n = 0; n < session.n; n++) {
		if (callkey_session_import(p.caller, TEXT(BOB), IN(session.bytes, n), n) == CALLKEY_OK)
			return CALLKEY_ERR_INTERNAL;
		clean_up();
	}
	return CALLKEY_OK;
}
CALL(cut_messages)
{
	size_t n;

	for (n = 0; n < enc.n; n++) {
		if (callkey_enc_open(p.callee, OUT(CALLKEY_KEY_BYTES), TEXT(ALICE), enc.enc_type, 2,
		                     IN(enc.bytes, n), n) == CALLKEY_OK)
			return CALLKEY_ERR_INTERNAL;
		clean_up();
	}
	return CALLKEY_OK;
}
CALL(endless_text)
{
	char text[CALLKEY_JID_BYTES]; /* the NUL would be the next byte */
	size_t *n = OUT(sizeof *n);
	callkey_status s;

	memset(text, '1', sizeof text);
	*n = 0;
	s = callkey_participant_id(NULL, n, IN(text, sizeof text));
	return s == CALLKEY_ERR_ARGUMENT ? CALLKEY_OK : s;
}

#define ROW(name) {#name, name}
static const struct { const char *name; callkey_status (*call)(void); } rows[] = {
	ROW(generate), ROW(check), ROW(fingerprint), ROW(participant_id), ROW(derive_e2e_keys),
	ROW(derive_e2e_keys_raw), ROW(derive_e2e_keys_batch), ROW(derive_e2e_sframe_key),
	ROW(derive_warp_auth_key), ROW(derive_hbh_keys), ROW(derive_ssrcs), ROW(raw_e2e_decode),
	ROW(select_participant), ROW(warp_tag), ROW(sframe_seal), ROW(sframe_open),
	ROW(plaintext_encode), ROW(plaintext_decode), ROW(offer_build), ROW(offer_parse),
	ROW(stanza_to_xml), ROW(store_open), ROW(store_copy), ROW(store_change_key),
	ROW(message_done), ROW(store_identity), ROW(store_import_identity),
	ROW(store_add_prekeys), ROW(store_unpublished), ROW(store_published), ROW(store_prekeys_left),
	ROW(store_rotate_signed_prekey), ROW(store_signed_prekey), ROW(store_import_prekey),
	ROW(store_import_signed_prekey), ROW(store_take_bundle), ROW(store_alias),
	ROW(store_unalias), ROW(session_begin),
	ROW(session_check), ROW(session_remove), ROW(session_export), ROW(session_import),
	ROW(identity_get), ROW(identity_trust), ROW(enc_seal), ROW(enc_open), ROW(offer_seal),
	ROW(offer_open), ROW(rekey_seal), ROW(rekey_open), ROW(epochs_new), ROW(epochs_add),
	ROW(epochs_current), ROW(last_error), ROW(wipe),
	ROW(cut_stanzas), ROW(cut_records), ROW(cut_messages), ROW(endless_text),
};

int main(int argc, char **argv)
{
	size_t i;
	int behind;

	if (sysconf(_SC_PAGESIZE) > PAGE)
		return 3;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (argc > 1 && strcmp(argv[1], rows[i].name) != 0)
			continue;
		for (behind = 0; behind < 2; behind++) {
			callkey_status s;
			fprintf(stderr, "%s %s\n", rows[i].name, behind ? "behind" : "before");
			side = behind ? BEHIND : BEFORE;
			if ((s = prepare()) == CALLKEY_OK)
				s = rows[i].call();
			if (s != CALLKEY_OK) {
				fprintf(stderr, "%s: %s\n", rows[i].name, callkey_status_name(s));
				return 1;
			}
			clean_up();
			pair_close(&p);
			callkey_epochs_free(group);
		}
	}
	printf("%zu buffers of %zu functions and kinds of damage\n", buffers, sizeof rows / sizeof *rows);
	return 0;
}
