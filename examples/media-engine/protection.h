/* libsrtp with the call's profile: AES_CM_128_HMAC_SHA1_32 for RTP, ..._80 for RTCP. */
#ifndef PROTECTION_H
#define PROTECTION_H

#include "keys.h"

#include <srtp2/srtp.h>

#define RTP_TAG_BYTES 4

/* A finished context for one sender's SSRC, and which key it has. One thread at a time uses it. */
struct protection {
	srtp_t srtp;
	uint32_t ssrc;
	uint32_t epoch; /* as in struct stream_key */
	uint8_t fingerprint[FINGERPRINT_BYTES];
};

void protection_start(void);
void protection_stop(void);

/* These allocate and wait: not for an audio thread. */
struct protection *protection_open(uint32_t ssrc, const struct stream_key *key);
/* Decrypts RTP without a tag and without a check, like an engine that ignores the tag. */
struct protection *protection_open_unchecked(uint32_t ssrc, const struct stream_key *key);
/* Wipes it; it may be NULL. */
void protection_close(struct protection *context);

/* Sets another key for our own stream. libsrtp keeps the ROC and the SRTCP index, which must not start
 * again at 0 (RFC 3711 sections 3.3.1 and 3.4). It allocates, too. */
void protection_rekey(struct protection *context, const struct stream_key *key);

/* For a stream that started, or was received, under another context. Allocates nothing. */
void protection_set_roc(struct protection *context, uint32_t roc);
uint32_t protection_roc(const struct protection *context);

/* Ends the program unless status is OK. */
void protection_must(srtp_err_status_t status, const char *what);

#endif
