"""The call key: 32 secret bytes that every media key of a call is derived from (CRY-01)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import c_int32, c_uint8

from ._call import OK, Buffer, attempt, call, failure, length, pointer, sized, text, texts
from ._declarations import (
    KEY_BYTES,
    SFRAME_KEY_BYTES,
    SRTP_KEYS_BYTES,
    WARP_AUTH_KEY_BYTES,
    SRTPKeysStruct,
)
from ._media import SFrameKey, SRTPKeys, WARPAuthKey
from ._secret import Secret, own_sized
from .errors import MalformedError


class Plaintext(Secret):
    """What is encrypted for one device: protobuf Message.call.callKey and padding, 37 to 52 secret bytes."""

    __slots__ = ()
    _what = "plaintext"


class CallKey(Secret):
    """The secret of one call, 32 bytes.

    The caller generates a fresh one for every call id and sends the same one to
    every device of the callee; sending the same offer again sends it again.
    """

    __slots__ = ()
    _what = "call key"

    @classmethod
    def generate(cls) -> CallKey:
        """A call key from the operating system's random source (wacrg:CRY-01)."""
        buffer = bytearray(KEY_BYTES)
        call("callkey_generate", pointer(buffer))
        return cls._own(buffer)

    @classmethod
    def from_bytes(cls, data: Buffer) -> CallKey:
        """A call key from elsewhere. Raises KeyLengthError unless it is exactly 32 bytes (CRY-01).

        The bytes are copied; give a bytearray and clear it to leave only this copy.
        """
        call("callkey_check", pointer(data), length(data))
        return cls._own(bytearray(data))

    @classmethod
    def from_hex(cls, digits: str) -> CallKey:
        """A call key from 64 hex digits. Raises MalformedError for other text, KeyLengthError for another length."""
        try:
            buffer = bytearray.fromhex(digits)
        except ValueError:
            raise MalformedError("a call key in hex is 64 hex digits") from None
        try:
            call("callkey_check", pointer(buffer), len(buffer))
        except BaseException:
            buffer[:] = bytes(len(buffer))
            raise
        return cls._own(buffer)

    def e2e_keys(self, participant: str) -> SRTPKeys:
        """The keys of the streams that ``participant`` sends: the own JID to send with, a peer's to receive with.

        Derive again for the device that answers: with another device's id
        nothing fails, and the audio is noise. Raises ParticipantError when the
        JID is empty, ArgumentError when it is over 127 bytes (wacrg:CRY-02,
        RFC 5869, RFC 3711 §4.3).
        """
        buffer = bytearray(SRTP_KEYS_BYTES)
        out = SRTPKeysStruct.from_buffer(buffer)
        call("callkey_derive_e2e_keys", out, pointer(self._live()), KEY_BYTES, text(participant, "participant"))
        return SRTPKeys._own(buffer)

    def e2e_keys_batch(self, participants: Sequence[str]) -> list[SRTPKeys]:
        """e2e_keys of many participants in one call, in their order.

        All or nothing: raises what the first refused participant raises.
        """
        ids = texts(participants, "participant")
        n = len(ids)
        joint = bytearray(n * SRTP_KEYS_BYTES)
        statuses = (c_int32 * n)()
        out = (SRTPKeysStruct * n).from_buffer(joint) if n else None
        call("callkey_derive_e2e_keys_batch", out, statuses, pointer(self._live()), KEY_BYTES, ids, n)
        del out
        try:
            for index, status in enumerate(statuses):
                if status != OK:
                    raise failure(status, f"participant {index} of {n} is not acceptable")
            step = SRTP_KEYS_BYTES
            with memoryview(joint) as view:
                return [SRTPKeys._own(bytearray(view[i * step : (i + 1) * step])) for i in range(n)]
        finally:
            joint[:] = bytes(len(joint))

    def sframe_key(self, participant: str) -> SFrameKey:
        """The SFrame key with a participant's id.

        Implementations disagree whose id belongs to which direction, the
        sender's own or the peer's; the app decides. Errors as e2e_keys.
        """
        buffer = bytearray(SFRAME_KEY_BYTES)
        call(
            "callkey_derive_e2e_sframe_key",
            pointer(buffer),
            pointer(self._live()),
            KEY_BYTES,
            text(participant, "participant"),
        )
        return SFrameKey._own(buffer)

    def warp_auth_key(self) -> WARPAuthKey:
        """The WARP authentication key, the same for all participants."""
        buffer = bytearray(WARP_AUTH_KEY_BYTES)
        call("callkey_derive_warp_auth_key", pointer(buffer), pointer(self._live()), KEY_BYTES)
        return WARPAuthKey._own(buffer)

    def plaintext(self) -> Plaintext:
        """What an app with its own Signal sessions encrypts for one device.

        The length of the padding is random, so make one for each device.
        """
        key = pointer(self._live())
        out, size = sized(c_uint8, lambda out, n: attempt("callkey_plaintext_encode", out, n, key, KEY_BYTES))
        return Plaintext._own(own_sized(out, size))


def plaintext_decode(plaintext: Buffer | Plaintext, version: int = 2) -> CallKey:
    """The call key in a plaintext that an app decrypted itself; ``version`` is the enc's ``v``, 2 or 3.

    Raises MalformedError (padding, protobuf, no call key), KeyLengthError and UnsupportedError (another version).
    """
    data = plaintext._live() if isinstance(plaintext, Secret) else plaintext
    buffer = bytearray(KEY_BYTES)
    call("callkey_plaintext_decode", pointer(buffer), pointer(data), length(data), ctypes.c_uint32(version))
    return CallKey._own(buffer)
