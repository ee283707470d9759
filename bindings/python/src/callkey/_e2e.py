"""The common base of a call key and a group's epoch: 32 bytes from which media keys are derived."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_int32
from typing import TypeVar

from ._call import OK, Buffer, call, failure, text, texts
from ._declarations import KEY_BYTES, SRTP_KEYS_BYTES
from ._media import SRTPKeys
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
        return cls._copied(data)._checked()

    @classmethod
    def from_hex(cls: type[Self], digits: str) -> Self:
        """One from 64 hex digits. Raises MalformedError for other text, KeyLengthError for another length."""
        try:
            decoded = bytearray.fromhex(digits)
        except ValueError:
            raise MalformedError(f"a {cls._what} in hex is 64 hex digits") from None
        secret = cls._filled(decoded)
        decoded[:] = bytes(len(decoded))
        return secret._checked()

    def _checked(self: Self) -> Self:
        try:
            call("callkey_check", self, len(self))
        except BaseException:
            self.wipe()
            raise
        return self

    def e2e_keys(self, participant: str) -> SRTPKeys:
        """The keys of the streams that ``participant`` sends: pass your own JID to send, a peer's to receive.

        Derive again for the device that answers: with another device's id nothing fails, but
        the audio is noise. Raises ParticipantError if the JID is empty, ArgumentError if it is
        over 127 bytes (wacrg:CRY-02, RFC 5869, RFC 3711 §4.3).
        """
        keys = SRTPKeys._zeros(SRTP_KEYS_BYTES)
        call("callkey_derive_e2e_keys", keys, self, KEY_BYTES, text(participant, "participant"))
        return keys

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
