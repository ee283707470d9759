#include "protection.h"
#include "call.h"

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

srtp_t protection_open(uint32_t ssrc, const struct stream_key *key)
{
	uint8_t master[STREAM_MASTER_BYTES];
	srtp_policy_t policy;
	srtp_t context;

	set_policy(&policy, ssrc, key, master);
	protection_must(srtp_create(&context, &policy), "open a stream");
	keys_wipe(master, sizeof master);
	return context;
}

srtp_t protection_open_unchecked(uint32_t ssrc, const struct stream_key *key)
{
	uint8_t master[STREAM_MASTER_BYTES];
	srtp_policy_t policy;
	srtp_t context;

	set_policy(&policy, ssrc, key, master);
	srtp_crypto_policy_set_aes_cm_128_null_auth(&policy.rtp);
	protection_must(srtp_create(&context, &policy), "open a stream without check");
	keys_wipe(master, sizeof master);
	return context;
}

void protection_close(srtp_t context)
{
	/* libsrtp overwrites its session keys before it frees them. */
	if (context != NULL)
		protection_must(srtp_dealloc(context), "close a stream");
}

void protection_rekey(srtp_t context, uint32_t ssrc, const struct stream_key *key)
{
	uint8_t master[STREAM_MASTER_BYTES];
	srtp_policy_t policy;
	uint32_t roc = protection_roc(context, ssrc);

	set_policy(&policy, ssrc, key, master);
	protection_must(srtp_update_stream(context, &policy), "re-key a stream");
	keys_wipe(master, sizeof master);
	if (protection_roc(context, ssrc) != roc)
		give_up("libsrtp lost the ROC");
}

void protection_set_roc(srtp_t context, uint32_t ssrc, uint32_t roc)
{
	protection_must(srtp_set_stream_roc(context, ssrc, roc), "set the ROC");
}

uint32_t protection_roc(srtp_t context, uint32_t ssrc)
{
	uint32_t roc;

	protection_must(srtp_get_stream_roc(context, ssrc, &roc), "read the ROC");
	return roc;
}
