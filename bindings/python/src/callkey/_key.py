"""The call key: 32 secret bytes from which every media key of a call is derived (CRY-01)."""

from __future__ import annotations

import ctypes

from ._call import Buffer, attempt, call, length
from ._declarations import KEY_BYTES, WARP_AUTH_KEY_BYTES
from ._e2e import E2ESecret
from ._media import WARPAuthKey
from ._secret import Secret, given, sized_secret


class Plaintext(Secret):
    """The plaintext to encrypt for one device: protobuf Message.call.callKey and padding, 37 to 52 secret bytes."""

    __slots__ = ()
    _what = "plaintext"
    _made_by = "CallKey.plaintext()"


class CallKey(E2ESecret):
    """The secret of one call, 32 bytes.

    The caller generates a fresh one for every call id and sends it to every device of the
    callee. A repeated offer has the same one.
    """

    __slots__ = ()
    _what = "call key"
    _made_by = "CallKey.generate(), from_bytes(…), from_hex(…) or from_base64(…)"

    def warp_auth_key(self) -> WARPAuthKey:
        """The WARP authentication key, the same for all participants."""
        key = WARPAuthKey._zeros(WARP_AUTH_KEY_BYTES)
        call("callkey_derive_warp_auth_key", key, self, KEY_BYTES)
        return key

    def plaintext(self) -> Plaintext:
        """The plaintext for one device, for an app with its own Signal sessions.

        The length of the padding is random, so make one for each device.
        """
        return sized_secret(Plaintext, lambda out, n: attempt("callkey_plaintext_encode", out, n, self, KEY_BYTES))


def plaintext_decode(plaintext: Buffer | Plaintext, version: int = 2) -> CallKey:
    """The call key in a plaintext that the app decrypted itself; ``version`` is the enc's ``v``, 2 or 3.

    Raises MalformedError (padding, protobuf, no call key), KeyLengthError, InvalidKeyError (zeros: its
    sender had wiped the key) and UnsupportedError (another version).
    """
    key = CallKey._zeros(KEY_BYTES)
    call("callkey_plaintext_decode", key, given(plaintext), length(plaintext), ctypes.c_uint32(version))
    return key
