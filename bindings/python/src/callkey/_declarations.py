"""What callkey.h declares, once: every struct and every function.

The tests read the header and fail when this table and the header differ in a
name, an argument or a size.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char, c_char_p, c_int32, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

ABI_MAJOR = 0
ABI_MINOR = 3

KEY_BYTES = 32
FINGERPRINT_BYTES = 8
RAW_E2E_MIN_BYTES = 32
SRTP_KEYS_BYTES = 130
SFRAME_KEY_BYTES = 32
SFRAME_OVERHEAD_MAX_BYTES = 37
WARP_AUTH_KEY_BYTES = 32
WARP_TAG_BYTES = 4
HBH_KEY_BYTES = 30
SSRC_COUNT = 9
PLAINTEXT_MAX_BYTES = 52
PUBLIC_KEY_BYTES = 32
PRIVATE_KEY_BYTES = 32
SIGNATURE_BYTES = 64
STORAGE_KEY_BYTES = 32
JID_BYTES = 128  # 127 and the NUL

ENC_NONE = 0
ENC_MSG = 1
ENC_PKMSG = 2

HBH_UPLINK = 0
HBH_DOWNLINK = 1
HBH_SRTP = 2
HBH_SRTCP = 3
SSRC_AUDIO = 0
SSRC_AUDIO_FEC = 1
SSRC_AUDIO_NACK = 2
SSRC_VIDEO = 3
SSRC_VIDEO_FEC = 4
SSRC_VIDEO_NACK = 5
SSRC_HBH_FEC_1 = 6
SSRC_HBH_FEC_2 = 7
SSRC_APP_DATA = 8

STORE_NO_IDENTITY = 1
STORE_PLAINTEXT = 2
STORE_MUST_EXIST = 4
STORE_KEEP_OPENED = 8
STORE_RESTORED = 16

OFFER_VIDEO = 1
OFFER_MULTI_DEVICE = 2

KIND_NONE = 0
KIND_OFFER = 1
KIND_ACCEPT = 2
KIND_REKEY = 3
KIND_OTHER = 4

INFO_VIDEO = 1
INFO_GROUP = 2
INFO_ACCEPT = 4


class GrowingStruct(ctypes.Structure):
    """A struct of callkey.h that starts with its own size, so that later versions may add members."""

    def __init__(self, **members: Any) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **members)


class SRTPKeysStruct(ctypes.Structure):
    """130 bytes without padding; the first 30 are what libsrtp takes."""

    _fields_ = [
        ("master_key", c_uint8 * 16),
        ("master_salt", c_uint8 * 14),
        ("srtp_cipher_key", c_uint8 * 16),
        ("srtp_auth_key", c_uint8 * 20),
        ("srtp_salt", c_uint8 * 14),
        ("srtcp_cipher_key", c_uint8 * 16),
        ("srtcp_auth_key", c_uint8 * 20),
        ("srtcp_salt", c_uint8 * 14),
    ]


class IdentityStruct(ctypes.Structure):
    _fields_ = [("registration_id", c_uint32), ("public_key", c_uint8 * 32)]


class PrekeyStruct(ctypes.Structure):
    _fields_ = [("id", c_uint32), ("public_key", c_uint8 * 32)]


class SignedPrekeyStruct(ctypes.Structure):
    _fields_ = [("id", c_uint32), ("public_key", c_uint8 * 32), ("signature", c_uint8 * 64)]


class PrekeyBundleStruct(GrowingStruct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("registration_id", c_uint32),
        ("prekey_id", c_uint32),
        ("signed_prekey_id", c_uint32),
        ("reserved", c_uint32),
        ("identity_key", c_uint8 * 32),
        ("prekey", c_uint8 * 32),
        ("signed_prekey", c_uint8 * 32),
        ("signed_prekey_signature", c_uint8 * 64),
    ]


class EncStruct(ctypes.Structure):
    _fields_ = [
        ("jid", c_char_p),
        ("enc_type", c_uint32),
        ("ciphertext", POINTER(c_uint8)),
        ("ciphertext_len", c_size_t),
    ]


class StoreOptionsStruct(GrowingStruct):
    _fields_ = [("struct_size", c_size_t), ("flags", c_uint32), ("busy_ms", c_uint32)]


class OfferOptionsStruct(GrowingStruct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("flags", c_uint32),
        ("stanza_id", c_char_p),
        ("to", c_char_p),
        ("call_id", c_char_p),
        ("call_creator", c_char_p),
        ("capability", POINTER(c_uint8)),
        ("capability_len", c_size_t),
        ("privacy_token", POINTER(c_uint8)),
        ("privacy_token_len", c_size_t),
        ("device_identity", POINTER(c_uint8)),
        ("device_identity_len", c_size_t),
    ]


class CallInfoStruct(GrowingStruct):
    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", c_uint32),
        ("keygen", c_uint32),
        ("enc_type", c_uint32),
        ("enc_version", c_uint32),
        ("flags", c_uint32),
        ("transaction_id", c_uint32),
        ("call_id", c_char * JID_BYTES),
        ("call_creator", c_char * JID_BYTES),
        ("from", c_char * JID_BYTES),
        ("sender", c_char * JID_BYTES),
        ("sender_identity", c_uint8 * PUBLIC_KEY_BYTES),
    ]


STRUCTS: dict[str, type[ctypes.Structure]] = {
    "callkey_srtp_keys": SRTPKeysStruct,
    "callkey_store_options": StoreOptionsStruct,
    "callkey_identity": IdentityStruct,
    "callkey_prekey": PrekeyStruct,
    "callkey_signed_prekey": SignedPrekeyStruct,
    "callkey_prekey_bundle": PrekeyBundleStruct,
    "callkey_enc": EncStruct,
    "callkey_offer_options": OfferOptionsStruct,
    "callkey_call_info": CallInfoStruct,
}

_status = c_int32
_store = c_uint64
_epochs = c_uint64
_bytes = POINTER(c_uint8)
_len = c_size_t
_len_out = POINTER(c_size_t)
_text = c_char_p
_text_out = POINTER(c_char)
_texts = POINTER(c_char_p)

# name → (result, arguments), in the header's order.
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    # Sizes
    "callkey_key_bytes": (c_size_t, []),
    "callkey_fingerprint_bytes": (c_size_t, []),
    "callkey_raw_e2e_min_bytes": (c_size_t, []),
    "callkey_srtp_keys_bytes": (c_size_t, []),
    "callkey_sframe_key_bytes": (c_size_t, []),
    "callkey_sframe_overhead_max_bytes": (c_size_t, []),
    "callkey_warp_auth_key_bytes": (c_size_t, []),
    "callkey_warp_tag_bytes": (c_size_t, []),
    "callkey_hbh_key_bytes": (c_size_t, []),
    "callkey_ssrc_count": (c_size_t, []),
    "callkey_plaintext_max_bytes": (c_size_t, []),
    "callkey_public_key_bytes": (c_size_t, []),
    "callkey_private_key_bytes": (c_size_t, []),
    "callkey_signature_bytes": (c_size_t, []),
    "callkey_storage_key_bytes": (c_size_t, []),
    "callkey_jid_bytes": (c_size_t, []),
    # Library
    "callkey_abi_version": (c_uint32, []),
    "callkey_version": (c_char_p, []),
    "callkey_status_name": (c_char_p, [_status]),
    "callkey_status_text": (c_char_p, [_status]),
    "callkey_last_error": (_status, [_text_out, _len_out]),
    "callkey_selftest": (_status, []),
    # The key
    "callkey_generate": (_status, [_bytes]),
    "callkey_check": (_status, [_bytes, _len]),
    "callkey_fingerprint": (_status, [_bytes, _bytes, _len]),
    "callkey_wipe": (None, [c_void_p, _len]),
    # Derivation
    "callkey_participant_id": (_status, [_text_out, _len_out, _text]),
    "callkey_derive_e2e_keys": (_status, [POINTER(SRTPKeysStruct), _bytes, _len, _text]),
    "callkey_derive_e2e_keys_raw": (_status, [POINTER(SRTPKeysStruct), _bytes, _len, _text]),
    "callkey_derive_e2e_keys_batch": (
        _status,
        [POINTER(SRTPKeysStruct), POINTER(_status), _bytes, _len, _texts, _len],
    ),
    "callkey_derive_e2e_sframe_key": (_status, [_bytes, _bytes, _len, _text]),
    "callkey_derive_warp_auth_key": (_status, [_bytes, _bytes, _len]),
    "callkey_derive_hbh_keys": (_status, [POINTER(SRTPKeysStruct), _bytes, c_uint32]),
    "callkey_derive_ssrcs": (_status, [POINTER(c_uint32), _text, _text]),
    "callkey_raw_e2e_decode": (_status, [_bytes, _len_out, _bytes, _len]),
    "callkey_select_participant": (
        _status,
        [_len_out, _bytes, _len, _texts, _len, _bytes, _len, c_uint32, c_uint32],
    ),
    # Media frames
    "callkey_warp_tag": (_status, [_bytes, _bytes, _len, _bytes, _len, c_uint32]),
    "callkey_sframe_seal": (_status, [_bytes, _len_out, _bytes, _len, _bytes, _len, c_uint64, c_uint64]),
    "callkey_sframe_open": (
        _status,
        [_bytes, _len_out, POINTER(c_uint64), POINTER(c_uint64), _bytes, _len, _bytes, _len],
    ),
    # Plaintext and stanzas
    "callkey_plaintext_encode": (_status, [_bytes, _len_out, _bytes, _len]),
    "callkey_plaintext_decode": (_status, [_bytes, _bytes, _len, c_uint32]),
    "callkey_offer_build": (
        _status,
        [_bytes, _len_out, POINTER(EncStruct), _len, POINTER(OfferOptionsStruct)],
    ),
    "callkey_offer_parse": (
        _status,
        [_bytes, _len_out, POINTER(CallInfoStruct), _bytes, _len, _texts, _len],
    ),
    "callkey_stanza_to_xml": (_status, [_text_out, _len_out, _bytes, _len]),
    # Store
    "callkey_store_open": (_status, [POINTER(_store), _text, _bytes, _len, POINTER(StoreOptionsStruct)]),
    "callkey_store_close": (_status, [_store]),
    "callkey_store_copy": (_status, [_store, _text]),
    "callkey_store_change_key": (_status, [_store, _bytes, _len]),
    "callkey_store_identity": (_status, [_store, POINTER(IdentityStruct)]),
    "callkey_store_import_identity": (_status, [_store, _bytes, c_uint32]),
    "callkey_store_add_prekeys": (_status, [_store, POINTER(PrekeyStruct), _len]),
    "callkey_store_unpublished": (_status, [_store, POINTER(PrekeyStruct), _len_out]),
    "callkey_store_published": (_status, [_store, POINTER(c_uint32), _len]),
    "callkey_store_prekeys_left": (_status, [_store, _len_out]),
    "callkey_store_rotate_signed_prekey": (_status, [_store, POINTER(SignedPrekeyStruct)]),
    "callkey_store_signed_prekey": (_status, [_store, POINTER(SignedPrekeyStruct), POINTER(c_uint64)]),
    "callkey_store_import_prekey": (_status, [_store, c_uint32, _bytes]),
    "callkey_store_import_signed_prekey": (_status, [_store, c_uint32, _bytes]),
    "callkey_store_take_bundle": (_status, [_store, POINTER(PrekeyBundleStruct)]),
    "callkey_store_alias": (_status, [_store, _text, _text]),
    "callkey_store_unalias": (_status, [_store, _text]),
    # Sessions and identities of other devices
    "callkey_session_begin": (_status, [_store, _text, POINTER(PrekeyBundleStruct)]),
    "callkey_session_check": (_status, [_store, _text]),
    "callkey_session_remove": (_status, [_store, _text]),
    "callkey_session_export": (_status, [_store, _bytes, _len_out, _text]),
    "callkey_session_import": (_status, [_store, _text, _bytes, _len]),
    "callkey_identity_get": (_status, [_store, _bytes, _text]),
    "callkey_identity_trust": (_status, [_store, _text, _bytes]),
    # Delivery
    "callkey_enc_seal": (_status, [_store, _bytes, _len_out, POINTER(c_uint32), _text, _bytes, _len]),
    "callkey_enc_open": (_status, [_store, _bytes, _text, c_uint32, c_uint32, _bytes, _len]),
    "callkey_message_done": (_status, [_store, _text, _bytes, _len]),
    "callkey_offer_seal": (
        _status,
        [
            _store,
            _bytes,
            _len_out,
            POINTER(_status),
            POINTER(c_uint32),
            _bytes,
            _len,
            _texts,
            _len,
            POINTER(OfferOptionsStruct),
        ],
    ),
    "callkey_offer_open": (
        _status,
        [_store, _bytes, POINTER(CallInfoStruct), _bytes, _len, _texts, _len, _text],
    ),
    "callkey_rekey_seal": (
        _status,
        [_store, _bytes, _len_out, _bytes, _len, c_uint32, _text, POINTER(OfferOptionsStruct)],
    ),
    "callkey_rekey_open": (_status, [_store, _bytes, POINTER(CallInfoStruct), _bytes, _len, _text]),
    # Group epochs
    "callkey_epochs_new": (_status, [POINTER(_epochs)]),
    "callkey_epochs_free": (_status, [_epochs]),
    "callkey_epochs_add": (_status, [_epochs, c_uint32, _bytes, _len]),
    "callkey_epochs_roster": (_status, [_epochs, c_uint32]),
    "callkey_epochs_current": (_status, [_epochs, _bytes, POINTER(c_uint32)]),
}
