/* Made from abi/layout.json by abi/asserts.sh: where each member of each struct is, on machines
 * with 64-bit and with 32-bit pointers. It fails to compile where that does not hold; C89 has no
 * static assert. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "callkey.h"

#define WORD(bits64, bits32) (sizeof(void *) == 8 ? (bits64) : (bits32))
#define SIZE(type, size) typedef char type##_size[sizeof(type) == (size) ? 1 : -1]
#define MEMBER(type, member, offset, size) \
	typedef char type##_##member[offsetof(type, member) == (offset) && \
	                             sizeof(((type *)0)->member) == (size) ? 1 : -1]

SIZE(callkey_srtp_keys, WORD(130, 130));
MEMBER(callkey_srtp_keys, master_key, WORD(0, 0), WORD(16, 16));
MEMBER(callkey_srtp_keys, master_salt, WORD(16, 16), WORD(14, 14));
MEMBER(callkey_srtp_keys, srtp_cipher_key, WORD(30, 30), WORD(16, 16));
MEMBER(callkey_srtp_keys, srtp_auth_key, WORD(46, 46), WORD(20, 20));
MEMBER(callkey_srtp_keys, srtp_salt, WORD(66, 66), WORD(14, 14));
MEMBER(callkey_srtp_keys, srtcp_cipher_key, WORD(80, 80), WORD(16, 16));
MEMBER(callkey_srtp_keys, srtcp_auth_key, WORD(96, 96), WORD(20, 20));
MEMBER(callkey_srtp_keys, srtcp_salt, WORD(116, 116), WORD(14, 14));
SIZE(callkey_identity, WORD(36, 36));
MEMBER(callkey_identity, registration_id, WORD(0, 0), WORD(4, 4));
MEMBER(callkey_identity, public_key, WORD(4, 4), WORD(32, 32));
SIZE(callkey_prekey, WORD(36, 36));
MEMBER(callkey_prekey, id, WORD(0, 0), WORD(4, 4));
MEMBER(callkey_prekey, public_key, WORD(4, 4), WORD(32, 32));
SIZE(callkey_signed_prekey, WORD(100, 100));
MEMBER(callkey_signed_prekey, id, WORD(0, 0), WORD(4, 4));
MEMBER(callkey_signed_prekey, public_key, WORD(4, 4), WORD(32, 32));
MEMBER(callkey_signed_prekey, signature, WORD(36, 36), WORD(64, 64));
SIZE(callkey_prekey_bundle, WORD(184, 180));
MEMBER(callkey_prekey_bundle, struct_size, WORD(0, 0), WORD(8, 4));
MEMBER(callkey_prekey_bundle, registration_id, WORD(8, 4), WORD(4, 4));
MEMBER(callkey_prekey_bundle, prekey_id, WORD(12, 8), WORD(4, 4));
MEMBER(callkey_prekey_bundle, signed_prekey_id, WORD(16, 12), WORD(4, 4));
MEMBER(callkey_prekey_bundle, reserved, WORD(20, 16), WORD(4, 4));
MEMBER(callkey_prekey_bundle, identity_key, WORD(24, 20), WORD(32, 32));
MEMBER(callkey_prekey_bundle, prekey, WORD(56, 52), WORD(32, 32));
MEMBER(callkey_prekey_bundle, signed_prekey, WORD(88, 84), WORD(32, 32));
MEMBER(callkey_prekey_bundle, signed_prekey_signature, WORD(120, 116), WORD(64, 64));
SIZE(callkey_enc, WORD(32, 16));
MEMBER(callkey_enc, jid, WORD(0, 0), WORD(8, 4));
MEMBER(callkey_enc, enc_type, WORD(8, 4), WORD(4, 4));
MEMBER(callkey_enc, ciphertext, WORD(16, 8), WORD(8, 4));
MEMBER(callkey_enc, ciphertext_len, WORD(24, 12), WORD(8, 4));
SIZE(callkey_offer_options, WORD(96, 48));
MEMBER(callkey_offer_options, struct_size, WORD(0, 0), WORD(8, 4));
MEMBER(callkey_offer_options, flags, WORD(8, 4), WORD(4, 4));
MEMBER(callkey_offer_options, stanza_id, WORD(16, 8), WORD(8, 4));
MEMBER(callkey_offer_options, to, WORD(24, 12), WORD(8, 4));
MEMBER(callkey_offer_options, call_id, WORD(32, 16), WORD(8, 4));
MEMBER(callkey_offer_options, call_creator, WORD(40, 20), WORD(8, 4));
MEMBER(callkey_offer_options, capability, WORD(48, 24), WORD(8, 4));
MEMBER(callkey_offer_options, capability_len, WORD(56, 28), WORD(8, 4));
MEMBER(callkey_offer_options, privacy_token, WORD(64, 32), WORD(8, 4));
MEMBER(callkey_offer_options, privacy_token_len, WORD(72, 36), WORD(8, 4));
MEMBER(callkey_offer_options, device_identity, WORD(80, 40), WORD(8, 4));
MEMBER(callkey_offer_options, device_identity_len, WORD(88, 44), WORD(8, 4));
SIZE(callkey_store_options, WORD(16, 12));
MEMBER(callkey_store_options, struct_size, WORD(0, 0), WORD(8, 4));
MEMBER(callkey_store_options, flags, WORD(8, 4), WORD(4, 4));
MEMBER(callkey_store_options, busy_ms, WORD(12, 8), WORD(4, 4));
SIZE(callkey_call_info, WORD(576, 572));
MEMBER(callkey_call_info, struct_size, WORD(0, 0), WORD(8, 4));
MEMBER(callkey_call_info, kind, WORD(8, 4), WORD(4, 4));
MEMBER(callkey_call_info, keygen, WORD(12, 8), WORD(4, 4));
MEMBER(callkey_call_info, enc_type, WORD(16, 12), WORD(4, 4));
MEMBER(callkey_call_info, enc_version, WORD(20, 16), WORD(4, 4));
MEMBER(callkey_call_info, flags, WORD(24, 20), WORD(4, 4));
MEMBER(callkey_call_info, transaction_id, WORD(28, 24), WORD(4, 4));
MEMBER(callkey_call_info, call_id, WORD(32, 28), WORD(128, 128));
MEMBER(callkey_call_info, call_creator, WORD(160, 156), WORD(128, 128));
MEMBER(callkey_call_info, from, WORD(288, 284), WORD(128, 128));
MEMBER(callkey_call_info, sender, WORD(416, 412), WORD(128, 128));
MEMBER(callkey_call_info, sender_identity, WORD(544, 540), WORD(32, 32));

#endif
