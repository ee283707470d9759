/* libsrtp with the call's profile: AES_CM_128_HMAC_SHA1_32 for RTP, ..._80 for RTCP. */
#ifndef PROTECTION_H
#define PROTECTION_H

#include "keys.h"

#include <srtp2/srtp.h>

#define RTP_TAG_BYTES 4

void protection_start(void);
void protection_stop(void);

/* A context for one sender's SSRC, SRTP and SRTCP. */
srtp_t protection_open(uint32_t ssrc, const struct stream_key *key);
void protection_close(srtp_t context);

/* Sets another key for our own stream. libsrtp keeps the ROC and the SRTCP index, which must not start
 * again at 0 (RFC 3711 sections 3.3.1 and 3.4). */
void protection_rekey(srtp_t context, uint32_t ssrc, const struct stream_key *key);

/* For a stream that started, or was received, under another context. */
void protection_set_roc(srtp_t context, uint32_t ssrc, uint32_t roc);
uint32_t protection_roc(srtp_t context, uint32_t ssrc);

/* Decrypts RTP without a tag and without a check, like an engine that ignores the tag. */
srtp_t protection_open_unchecked(uint32_t ssrc, const struct stream_key *key);

/* Ends the program unless status is OK. */
void protection_must(srtp_err_status_t status, const char *what);

#endif
