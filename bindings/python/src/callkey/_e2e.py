"""The common base of a call key and a group's epoch: 32 bytes from which media keys are derived."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_int32
from typing import TypeVar

from ._base64 import decoded
from ._call import OK, Buffer, call, failure, text, texts
from ._declarations import KEY_BYTES, SFRAME_KEY_BYTES, SRTP_KEYS_BYTES
from ._media import SFrameKey, SRTPKeys
from ._secret import Secret
from .errors import MalformedError

Self = TypeVar("Self", bound="E2ESecret")


class E2ESecret(Secret):
    """32 secret bytes from which the media keys of every participant are derived."""

    __slots__ = ()

    @classmethod
    def generate(cls: type[Self]) -> Self:
        """A new one from the operating system's random source (wacrg:CRY-01)."""
        secret = cls._zeros(KEY_BYTES)
        call("callkey_generate", secret)
        return secret

    @classmethod
    def from_bytes(cls: type[Self], data: Buffer) -> Self:
        """One from existing bytes. Raises KeyLengthError unless they are exactly 32 (CRY-01).

        The bytes are copied; pass a bytearray and clear it to leave only this copy.
        """
        if isinstance(data, str):
            raise TypeError("bytes are needed, not str; from_hex and from_base64 take text")
        return cls._copied(data)._checked()

    @classmethod
    def from_hex(cls: type[Self], digits: str) -> Self:
        """One from 64 hex digits. Raises MalformedError for other text, KeyLengthError for another length."""
        try:
            data = bytearray.fromhex(_text(digits))
        except ValueError:
            raise MalformedError(f"a {cls._what} in hex is 64 hex digits") from None
        return cls._moved(data)

    @classmethod
    def from_base64(cls: type[Self], text: str) -> Self:
        """One from base64, of either alphabet, with or without padding.

        Raises MalformedError for other text, KeyLengthError for another length.
        """
        data = decoded(_text(text))
        if data is None:
            raise MalformedError(f"a {cls._what} in base64 is 44 characters, or 43 without padding")
        return cls._moved(data)

    @classmethod
    def _moved(cls: type[Self], data: bytearray) -> Self:
        """One from bytes that are wiped here."""
        secret = cls._filled(data)
        data[:] = bytes(len(data))
        return secret._checked()

    def _checked(self: Self) -> Self:
        try:
            call("callkey_check", self, len(self))
        except BaseException:
            self.wipe()
            raise
        return self

    def e2e_keys(self, participant: str) -> SRTPKeys:
        """The SRTP keys of the streams that ``participant`` sends: pass your own JID to send, a peer's to receive.

        Derive again for the device that answers: with another device's id nothing fails, but
        the audio is noise. Raises ParticipantError if the JID is empty, ArgumentError if it is
        over 127 bytes (wacrg:CRY-02, RFC 5869, RFC 3711 §4.3).
        """
        keys = SRTPKeys._zeros(SRTP_KEYS_BYTES)
        call("callkey_derive_e2e_keys", keys, self, KEY_BYTES, text(participant, "participant"))
        return keys

    def sframe_key(self, participant: str) -> SFrameKey:
        """The SFrame key for a participant's id.

        Implementations disagree about the id for a direction, the sender's or the peer's; the
        app decides. No source says whether a group call's SFrame keys come from its epoch. Errors
        as e2e_keys.
        """
        key = SFrameKey._zeros(SFRAME_KEY_BYTES)
        call("callkey_derive_e2e_sframe_key", key, self, KEY_BYTES, text(participant, "participant"))
        return key

    def e2e_keys_batch(self, participants: Sequence[str]) -> list[SRTPKeys]:
        """e2e_keys for many participants in one call, in their order.

        All or nothing: raises the error of the first bad participant.
        """
        ids = texts(participants, "participant")
        n = len(ids)
        statuses = (c_int32 * n)()
        with SRTPKeys._zeros(n * SRTP_KEYS_BYTES) as joint:
            call("callkey_derive_e2e_keys_batch", joint, statuses, self, KEY_BYTES, ids, n)
            for index, status in enumerate(statuses):
                if status != OK:
                    raise failure(status, f"participant {index} of {n} is not a participant id")
            step = SRTP_KEYS_BYTES
            return [SRTPKeys._cut(joint, i * step, (i + 1) * step) for i in range(n)]


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a str is needed, not {type(value).__name__}; from_bytes takes bytes")
    return value
