/* fork(): the child is refused at once, the parent goes on. */
#include "check.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static accounts a;

/* In the child; its result is the process's exit status. */
static int every_call_is_refused(void)
{
	static const char *const jids[] = {CALLEE};
	uint8_t key[CALLKEY_KEY_BYTES], bytes[512];
	char text[64];
	uint32_t ssrcs[CALLKEY_SSRC_COUNT], type;
	callkey_srtp_keys keys;
	callkey_status status = 0;
	callkey_identity identity;
	callkey_prekey prekey;
	callkey_signed_prekey signed_prekey;
	callkey_prekey_bundle bundle;
	callkey_offer_info info;
	callkey_enc enc = {CALLEE, CALLKEY_ENC_MSG, bytes, 10};
	callkey_store store = 77;
	size_t n = sizeof bytes;
	int wrong = 0;
	memset(key, 1, sizeof key);
#define FORKED(call) (n = sizeof bytes, wrong += (call) != CALLKEY_ERR_FORKED)
	FORKED(callkey_last_error((char *)bytes, &n));
	FORKED(callkey_selftest());
	FORKED(callkey_check(key, 32));
	FORKED(callkey_fingerprint(bytes, key, 32));
	FORKED(callkey_participant_id(text, &n, "1@lid"));
	FORKED(callkey_derive_e2e_keys(&keys, key, 32, "1@lid"));
	wrong += !all_bytes(&keys, 0, sizeof keys);
	FORKED(callkey_derive_e2e_keys_raw(&keys, key, 32, "1@lid"));
	FORKED(callkey_derive_e2e_keys_batch(&keys, &status, key, 32, jids, 1));
	wrong += status != CALLKEY_ERR_FORKED;
	FORKED(callkey_derive_e2e_sframe_key(bytes, key, 32, "1@lid"));
	FORKED(callkey_derive_warp_auth_key(bytes, key, 32));
	FORKED(callkey_derive_hbh_keys(&keys, key, 0));
	FORKED(callkey_derive_ssrcs(ssrcs, "call", "1@lid"));
	FORKED(callkey_raw_e2e_decode(bytes, &n, key, 32));
	FORKED(callkey_plaintext_encode(bytes, &n, key, 32));
	FORKED(callkey_plaintext_decode(bytes, key, 32, 2));
	FORKED(callkey_offer_build(bytes, &n, &enc, 1, NULL));
	FORKED(callkey_offer_parse(bytes, &n, &info, key, 32, jids, 1));
	FORKED(callkey_stanza_to_xml(text, &n, key, 32));
	FORKED(callkey_store_open(&store, NULL, NULL, 0, 0));
	wrong += store != 0;
	FORKED(callkey_store_identity(a.caller, &identity));
	FORKED(callkey_store_import_identity(a.caller, key, 1));
	FORKED(callkey_store_add_prekeys(a.caller, &prekey, 1));
	FORKED(callkey_store_rotate_signed_prekey(a.caller, &signed_prekey));
	FORKED(callkey_store_import_prekey(a.caller, 1, key));
	FORKED(callkey_store_import_signed_prekey(a.caller, 1, key));
	FORKED(callkey_store_bundle(a.caller, &bundle));
	FORKED(callkey_store_alias(a.caller, "1@lid", "2@lid"));
	FORKED(callkey_session_begin(a.caller, CALLEE, &bundle));
	FORKED(callkey_session_check(a.caller, CALLEE));
	FORKED(callkey_session_remove(a.caller, CALLEE));
	FORKED(callkey_session_export(a.caller, bytes, &n, CALLEE));
	FORKED(callkey_session_import(a.caller, CALLEE, key, 32));
	FORKED(callkey_identity_get(a.caller, bytes, CALLEE));
	FORKED(callkey_identity_trust(a.caller, CALLEE, key));
	FORKED(callkey_enc_seal(a.caller, bytes, &n, &type, CALLEE, key, 32));
	FORKED(callkey_enc_open(a.caller, bytes, CALLEE, CALLKEY_ENC_MSG, 2, key, 32));
	FORKED(callkey_offer_seal(a.caller, bytes, &n, &status, &type, key, 32, jids, 1, NULL));
	FORKED(callkey_offer_open(a.caller, bytes, &info, key, 32, jids, 1, NULL));
	FORKED(callkey_store_close(a.caller));
	FORKED(callkey_generate(key));
	wrong += !all_bytes(key, 0, sizeof key);
	/* What needs no Go still works. */
	wrong += strcmp(callkey_status_name(CALLKEY_ERR_FORKED), "CALLKEY_ERR_FORKED") != 0;
	wrong += callkey_abi_version() != CALLKEY_ABI_VERSION;
	memset(bytes, 1, sizeof bytes);
	callkey_wipe(bytes, sizeof bytes);
	wrong += !all_bytes(bytes, 0, sizeof bytes);
	return wrong;
}

/* If this failed, a server that forks would hang in its child for ever, or lose its store. */
static void a_child_is_refused_and_the_parent_goes_on(void)
{
	int state = -1;
	pid_t child;
	a = accounts_open();
	child = fork();
	if (child == 0) {
		alarm(20); /* a hang is a failure */
		_exit(every_call_is_refused());
	}
	CHECK(child > 0 && waitpid(child, &state, 0) == child);
	CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0);
	CHECK_STATUS(callkey_session_check(a.caller, CALLEE), CALLKEY_OK);
	CHECK_STATUS(callkey_selftest(), CALLKEY_OK);
	accounts_close(a);
}

void test_fork(void)
{
	TEST(a_child_is_refused_and_the_parent_goes_on);
}
