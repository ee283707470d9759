"""callkey: call keys for end-to-end encrypted WhatsApp calls, over libcallkey.

A call key is 32 random bytes that the caller makes for one call and sends to
every device of the callee inside that device's Signal session. Both sides then
derive the call's media keys from it::

    with callkey.Store.open("caller.db", storage_key=storage_key) as store:
        store.session("222222222222222:0@lid").begin(bundle)
        with callkey.CallKey.generate() as key:
            offer = store.seal_offer(key, ["222222222222222:0@lid"])
            send = key.e2e_keys("111111111111111:0@lid").libsrtp_key

and on the other side ``key, info = store.open_offer(offer.wire, own=[…], sender=…)``. Secrets
are objects that wipe themselves and never print their bytes; errors derive from CallKeyError
and from the matching built-in exception.

The shared library is loaded at first use (or by load()). It does not survive fork(): start
worker processes with spawn.
"""

from . import errors
from ._account import Account, PrivateKey, SessionInfo, prekey_generate
from ._answer import Call, MediaKeys
from ._batch import Sealed
from ._call import Buffer, Packet
from ._declarations import (
    FINGERPRINT_BYTES,
    HBH_KEY_BYTES,
    JID_BYTES,
    KEY_BYTES,
    MESSAGE_OVERHEAD_MAX_BYTES,
    PLAINTEXT_MAX_BYTES,
    PRIVATE_KEY_BYTES,
    PUBLIC_KEY_BYTES,
    RAW_E2E_MIN_BYTES,
    RECORD_SLACK_BYTES,
    SFRAME_KEY_BYTES,
    SFRAME_OVERHEAD_MAX_BYTES,
    SIGNATURE_BYTES,
    SRTP_KEYS_BYTES,
    SSRC_COUNT,
    STORAGE_KEY_BYTES,
    WARP_AUTH_KEY_BYTES,
    WARP_TAG_BYTES,
)
from ._derive import HBH, RawE2E, SSRCs, hbh_keys, participant_id, raw_e2e_decode, ssrcs
from ._devices import offer_devices
from ._epochs import Epoch, Epochs
from ._key import CallKey, Plaintext, plaintext_decode
from ._library import load
from ._media import SFrame, SFrameKey, SRTPKeys, WARPAuthKey, warp_tag
from ._message import MessageInfo, message_parse
from ._offer import (
    DeviceResult,
    Enc,
    EncType,
    Offer,
    OfferInfo,
    StanzaKind,
    offer_build,
    offer_parse,
    rekey_build,
    stanza_from_xml,
    stanza_to_xml,
)
from ._offer_options import OfferOptions
from ._prekey import Identity, Prekey, PrekeyBundle, SignedPrekey
from ._record import Ciphertext, OpenedMessage, Record, SealedMessage
from ._secret import Secret
from ._select import select_participant
from ._session import Session
from ._store import Store
from ._version import abi_version, selftest, version
from .errors import *  # noqa: F403

__version__ = "0.3.0"

__all__ = [
    "FINGERPRINT_BYTES",
    "HBH",
    "HBH_KEY_BYTES",
    "JID_BYTES",
    "KEY_BYTES",
    "MESSAGE_OVERHEAD_MAX_BYTES",
    "PLAINTEXT_MAX_BYTES",
    "PRIVATE_KEY_BYTES",
    "PUBLIC_KEY_BYTES",
    "RAW_E2E_MIN_BYTES",
    "RECORD_SLACK_BYTES",
    "SFRAME_KEY_BYTES",
    "SFRAME_OVERHEAD_MAX_BYTES",
    "SIGNATURE_BYTES",
    "SRTP_KEYS_BYTES",
    "SSRC_COUNT",
    "STORAGE_KEY_BYTES",
    "WARP_AUTH_KEY_BYTES",
    "WARP_TAG_BYTES",
    "Account",
    "Buffer",
    "Call",
    "CallKey",
    "Ciphertext",
    "DeviceResult",
    "Enc",
    "EncType",
    "Epoch",
    "Epochs",
    "Identity",
    "MediaKeys",
    "MessageInfo",
    "Offer",
    "OfferInfo",
    "OfferOptions",
    "OpenedMessage",
    "Packet",
    "Plaintext",
    "Prekey",
    "PrekeyBundle",
    "PrivateKey",
    "RawE2E",
    "Record",
    "SFrame",
    "SFrameKey",
    "SRTPKeys",
    "SSRCs",
    "Sealed",
    "SealedMessage",
    "Secret",
    "Session",
    "SessionInfo",
    "SignedPrekey",
    "StanzaKind",
    "Store",
    "WARPAuthKey",
    "abi_version",
    "errors",
    "hbh_keys",
    "load",
    "message_parse",
    "offer_build",
    "offer_devices",
    "offer_parse",
    "participant_id",
    "plaintext_decode",
    "prekey_generate",
    "raw_e2e_decode",
    "rekey_build",
    "select_participant",
    "selftest",
    "ssrcs",
    "stanza_from_xml",
    "stanza_to_xml",
    "version",
    "warp_tag",
]
__all__ += errors.__all__
