/* libsrtp 2 as an engine: see tests/engines/engine.py for the requests. */
#include <stdio.h>
#include <string.h>

#include <srtp2/srtp.h>

#include "callkey.h"

#include "../request.h"

/* docs: stream */
/* The suite of the media keys: tags of 4 bytes in SRTP and of 10 in SRTCP. */
static void set_policy(srtp_policy_t *policy, const callkey_srtp_keys *keys, uint32_t ssrc)
{
	memset(policy, 0, sizeof *policy);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
	policy->ssrc.type = ssrc_specific;
	policy->ssrc.value = ssrc;
	policy->key = (unsigned char *)keys->master_key; /* and master_salt behind it: 30 bytes */
	policy->window_size = 1024;
}

/* A stream to protect or to unprotect, at this roll-over counter: 0 from a call's first packet. */
static srtp_err_status_t begin(srtp_t *session, const callkey_srtp_keys *keys, uint32_t ssrc, uint32_t roc)
{
	srtp_policy_t policy;
	srtp_err_status_t status;

	set_policy(&policy, keys, ssrc);
	status = srtp_create(session, &policy);
	return status ? status : srtp_set_stream_roc(*session, ssrc, roc);
}

/* A new epoch: other keys, the same roll-over counter. */
static srtp_err_status_t change_keys(srtp_t session, const callkey_srtp_keys *keys, uint32_t ssrc)
{
	srtp_policy_t policy;

	set_policy(&policy, keys, ssrc);
	return srtp_update_stream(session, &policy);
}
/* docs: end */

static const char *text(srtp_err_status_t status)
{
	static char said[40];

	if (status == srtp_err_status_ok)
		return NULL;
	snprintf(said, sizeof said, "srtp_err_status_t %d", (int)status);
	return said;
}

static srtp_t streams[2];
static uint32_t ssrcs[2];

const char *engine_begin(enum side side, const callkey_srtp_keys *keys, uint32_t ssrc, uint32_t roc)
{
	if (streams[side])
		srtp_dealloc(streams[side]);
	ssrcs[side] = ssrc;
	return text(begin(&streams[side], keys, ssrc, roc));
}

const char *engine_rekey(enum side side, const callkey_srtp_keys *keys)
{
	return text(change_keys(streams[side], keys, ssrcs[side]));
}

const char *engine_protect(int rtcp, uint8_t *packet, size_t *size)
{
	int n = (int)*size;
	srtp_err_status_t status =
		rtcp ? srtp_protect_rtcp(streams[SENDER], packet, &n) : srtp_protect(streams[SENDER], packet, &n);

	*size = (size_t)n;
	return text(status);
}

const char *engine_unprotect(int rtcp, uint8_t *packet, size_t *size)
{
	int n = (int)*size;
	srtp_err_status_t status = rtcp ? srtp_unprotect_rtcp(streams[RECEIVER], packet, &n)
	                                : srtp_unprotect(streams[RECEIVER], packet, &n);

	*size = (size_t)n;
	return text(status);
}

int main(void)
{
	return srtp_init() == srtp_err_status_ok ? requests() : 1;
}
