#include "protection.h"
#include "call.h"

#include <stdlib.h>
#include <string.h>

void protection_must(srtp_err_status_t status, const char *what)
{
	if (status != srtp_err_status_ok)
		give_up("libsrtp: %s: status %d", what, (int)status);
}

void protection_start(void)
{
	protection_must(srtp_init(), "start");
}

void protection_stop(void)
{
	protection_must(srtp_shutdown(), "stop");
}

/* The policy needs its own copy of the master key, because libsrtp's pointer is not const. */
static void set_policy(srtp_policy_t *policy, uint32_t ssrc, const struct stream_key *key,
                       uint8_t master[STREAM_MASTER_BYTES])
{
	memset(policy, 0, sizeof *policy);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
	srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
	policy->ssrc.type = ssrc_specific;
	policy->ssrc.value = ssrc;
	policy->window_size = 128;
	memcpy(master, key->master, STREAM_MASTER_BYTES);
	policy->key = master;
}

static void describe(struct protection *context, uint32_t ssrc, const struct stream_key *key)
{
	context->ssrc = ssrc;
	context->epoch = key->epoch;
	memcpy(context->fingerprint, key->fingerprint, sizeof context->fingerprint);
}

static struct protection *open_context(uint32_t ssrc, const struct stream_key *key, bool checked)
{
	struct protection *context = malloc(sizeof *context);
	uint8_t master[STREAM_MASTER_BYTES];
	srtp_policy_t policy;

	if (context == NULL)
		give_up("out of memory");
	describe(context, ssrc, key);
	set_policy(&policy, ssrc, key, master);
	if (!checked)
		srtp_crypto_policy_set_aes_cm_128_null_auth(&policy.rtp);
	protection_must(srtp_create(&context->srtp, &policy), "open a stream");
	keys_wipe(master, sizeof master);
	return context;
}

struct protection *protection_open(uint32_t ssrc, const struct stream_key *key)
{
	return open_context(ssrc, key, true);
}

struct protection *protection_open_unchecked(uint32_t ssrc, const struct stream_key *key)
{
	return open_context(ssrc, key, false);
}

void protection_close(struct protection *context)
{
	if (context == NULL)
		return;
	/* libsrtp overwrites its session keys before it frees them. */
	protection_must(srtp_dealloc(context->srtp), "close a stream");
	keys_wipe(context, sizeof *context);
	free(context);
}

void protection_rekey(struct protection *context, const struct stream_key *key)
{
	uint8_t master[STREAM_MASTER_BYTES];
	srtp_policy_t policy;

	set_policy(&policy, context->ssrc, key, master);
	protection_must(srtp_update_stream(context->srtp, &policy), "re-key a stream");
	keys_wipe(master, sizeof master);
	describe(context, context->ssrc, key);
}

void protection_set_roc(struct protection *context, uint32_t roc)
{
	protection_must(srtp_set_stream_roc(context->srtp, context->ssrc, roc), "set the ROC");
}

uint32_t protection_roc(const struct protection *context)
{
	uint32_t roc;

	protection_must(srtp_get_stream_roc(context->srtp, context->ssrc, &roc), "read the ROC");
	return roc;
}
