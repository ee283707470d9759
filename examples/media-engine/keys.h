/*
 * One device's account, and the secrets of its call. Every call into libcallkey is in keys.c.
 *
 * The engine makes no call per packet, because the library may wait for a garbage collector or a lock.
 * keys_calls counts the calls, so that the engine can show this.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STREAM_MASTER_BYTES 30 /* for libsrtp: master key 16, master salt 14 */
#define FINGERPRINT_BYTES 8
#define FRAME_KEY_BYTES 32
#define SEAL_OVERHEAD 37 /* bytes that sealing adds to a picture, at most */

/* Keys one participant's streams, SRTP and SRTCP alike. */
struct stream_key {
	uint8_t master[STREAM_MASTER_BYTES];    /* secret */
	uint8_t fingerprint[FINGERPRINT_BYTES]; /* of the call key or epoch: may be shown */
	uint32_t epoch;                         /* its transaction id; 0: the call key */
};

/* Keys one participant's pictures: SFrame. */
struct frame_key {
	uint8_t secret[FRAME_KEY_BYTES];
	uint32_t epoch; /* as above; it is SFrame's key id */
};

struct keys;

/* An account with an identity and prekeys, in memory, or, for keys_copy, in a file that is removed at the end.
 * Any failure here ends the program. */
struct keys *keys_open(const char *own_jid, const char *capture);
void keys_close(struct keys *keys);

unsigned long keys_calls(void);
void keys_wipe(void *secret, size_t n);

/* Signal sessions. */
size_t keys_bundle(struct keys *keys, uint8_t *out, size_t room);
/* The account as it is now, before the call, into CAPTURE.db: it opens the capture's stanzas. Not encrypted, because
 * it is a test's. */
void keys_copy(struct keys *keys, const char *capture);
void keys_begin_session(struct keys *keys, const char *jid, const uint8_t *bundle, size_t n);

/* The call key: the caller creates it and seals it for each device; each device opens it. False: the
 * stanza has no key for this device. */
size_t keys_make_offer(struct keys *keys, uint8_t *out, size_t room, const char *call_id,
                       const char *to, const char *const *devices, size_t n);
bool keys_open_offer(struct keys *keys, const uint8_t *stanza, size_t n);
const char *keys_caller(const struct keys *keys);

/* The index of the device that sent this SRTP packet: the one whose key made its tag, or -1. ROC 0, tag
 * of 4 bytes. */
int keys_find_device(struct keys *keys, const char *const *candidates, size_t n,
                     const uint8_t *packet, size_t packet_len);

/* The group epoch: the creator makes one and seals it for each device of the roster; the others open
 * it. An epoch waits until the roster names its transaction. True: a new one is in force. */
void keys_make_epoch(struct keys *keys, uint32_t transaction);
size_t keys_seal_epoch(struct keys *keys, uint8_t *out, size_t room, const char *jid);
bool keys_open_epoch(struct keys *keys, const uint8_t *stanza, size_t n, const char *sender);
bool keys_roster(struct keys *keys, uint32_t transaction);
/* Its transaction; 0: the call key is in force. */
uint32_t keys_epoch(struct keys *keys);

/* Derived from the secret in force. The participant is the sender of the stream. */
void keys_derive(struct keys *keys, struct stream_key *out, const char *participant);
void keys_derive_frames(struct keys *keys, struct frame_key *out, const char *participant);
uint32_t keys_audio_ssrc(struct keys *keys, const char *participant);
uint32_t keys_video_ssrc(struct keys *keys, const char *participant);

/* The size of the frame. A counter must not be used twice with a key. */
size_t keys_seal_frame(const struct frame_key *key, uint8_t *out, size_t room, const uint8_t *picture,
                       size_t n, uint64_t counter);
/* *n is the room in out, then the size of the picture. False: not sealed with this key. */
bool keys_open_frame(const struct frame_key *key, uint8_t *out, size_t *n, const uint8_t *frame,
                     size_t frame_len, uint64_t *counter);

#endif
