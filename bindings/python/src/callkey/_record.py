"""Session records: exported, and of a program that keeps them in a database of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from ctypes import byref, c_size_t, c_uint8, c_uint32
from typing import Any, NamedTuple

from ._account import Account, PrivateKey, SessionInfo
from ._call import BUFFER, Buffer, attempt, call, length, pointer, public, unsigned
from ._declarations import (
    MESSAGE_OVERHEAD_MAX_BYTES,
    PUBLIC_KEY_BYTES,
    RecordKeysStruct,
    SessionInfoStruct,
)
from ._key import Plaintext
from ._memory import Memory, Pointing
from ._offer import EncType, enc_type_number
from ._prekey import PrekeyBundle
from ._refusal import of_record
from ._secret import Secret, given
from .errors import ArgumentError

# What a call adds to a record, unless messages were skipped: then the call is made again with the size that it told.
_GROWTH = 2048


class Ciphertext(NamedTuple):
    """A sealed message: the ``type`` and the content of an enc."""

    enc_type: EncType
    content: bytes


class SealedMessage(NamedTuple):
    """What Record.seal returns. Commit ``record`` before ``ciphertext`` leaves."""

    ciphertext: Ciphertext
    record: Record


class OpenedMessage(NamedTuple):
    """What Record.open returns. Commit ``record`` before ``plaintext`` is used.

    identity: the key that the message is from, 32 bytes. At first contact trust it for the device, in the same
        commit.
    """

    plaintext: Plaintext
    identity: bytes
    record: Record


class Record(Secret):
    """All sessions with one device, in Signal's storage protobuf: secret, because it has the chain and root keys.

    It is what Session.export returns, and what a program keeps that has its sessions in a database of its own.
    A record never changes: each method returns the next one, which replaces it::

        with Record.from_bytes(row) as record:
            ciphertext, following = record.seal(plaintext, identity=trusted)
            with following:
                cursor.execute("UPDATE session SET record = %s WHERE …", (sealed(following.reveal()),))
        connection.commit()
        send(ciphertext)

    Two results of one record are both valid, and only one may be committed: hold a lock on the device's
    row from reading to the commit. No method waits for anything: no lock, no disk.

    identity: the identity key that the program trusts for the device, 32 bytes; None: it knows none yet.
    now: Unix seconds; None: the system's clock.

    Any method may raise MalformedError (the bytes are no record) and UnsupportedError (a session of a
    newer kind).
    """

    __slots__ = ()
    _what = "session record"
    _made_by = "Session.export() or Record.from_bytes(…)"

    @classmethod
    def from_bytes(cls, data: Buffer) -> Record:
        """A record from storage; b"" if there is none for the device. The methods and Session.restore check it."""
        return cls._copied(data)

    def begin(
        self, bundle: PrekeyBundle, *, account: Account, identity: Buffer | None, now: int | None = None
    ) -> Record:
        """Begins a session from the bundle that the device published (X3DH). Earlier sessions still open messages.

        Messages are pkmsg until the device answers. At first contact trust ``bundle.identity_key`` for the device
        from now on, in the same commit.

        Raises InvalidKeyError (bad key or signature) and UntrustedIdentityError.
        """
        keys, at, c = _keys(identity, account=account), _seconds(now), bundle._to_c()

        def invoke(outputs: list[_Output]) -> int:
            return attempt("callkey_record_begin", *_pairs(outputs), self, len(self), keys, byref(c), at)

        with of_record(self, identity, bundle.identity_key):
            record: Record = _written(invoke, _Output(Record, len(self) + _GROWTH))[0]
        return record

    def seal(self, plaintext: Buffer | Secret, *, identity: Buffer | None, now: int | None = None) -> SealedMessage:
        """Encrypts any message for the device, at most 2^24 bytes. The program pads it; CallKey.plaintext is padded.

        Raises NoSessionError (see begin) and UntrustedIdentityError, also without an identity.
        """
        keys, at, message = _keys(identity), _seconds(now), given(plaintext)
        enc_type = c_uint32(0)

        def invoke(outputs: list[_Output]) -> int:
            return attempt(
                "callkey_record_seal",
                *_pairs(outputs),
                byref(enc_type),
                self,
                len(self),
                keys,
                message,
                length(plaintext),
                at,
            )

        with of_record(self, identity):
            record, content = _written(
                invoke,
                _Output(Record, len(self) + _GROWTH),
                _Output(Secret, length(plaintext) + MESSAGE_OVERHEAD_MAX_BYTES),
            )
        return SealedMessage(Ciphertext(EncType(enc_type.value), content.reveal()), record)

    def open(
        self,
        enc_type: EncType | str,
        ciphertext: Buffer,
        *,
        identity: Buffer | None,
        account: Account | None = None,
        prekey: PrivateKey | None = None,
        signed_prekey: PrivateKey | None = None,
        now: int | None = None,
    ) -> OpenedMessage:
        """Decrypts a message of the device.

        Pass no prekeys first. NoPrekeyError says that the message begins a session, and only then do the ids of a pkmsg
        count: fetch the prekeys that message_parse tells, and open it again. In the commit that stores the record,
        delete the one-time prekey, or without one remember the base key: then the message begins no second session.

        Raises AuthenticationError, DuplicateError, TooFarError, NoSessionError, NoPrekeyError (a prekey that it
        names is None), NoIdentityError (the account is None), UntrustedIdentityError (also for a msg without an
        identity) and InvalidKeyError.
        """
        keys = _keys(identity, account=account, prekey_private=prekey, signed_prekey_private=signed_prekey)
        content, at = pointer(ciphertext), _seconds(now)
        sender = (c_uint8 * PUBLIC_KEY_BYTES)()

        def invoke(outputs: list[_Output]) -> int:
            return attempt(
                "callkey_record_open",
                *_pairs(outputs),
                sender,
                self,
                len(self),
                keys,
                enc_type_number(enc_type),
                content,
                length(ciphertext),
                at,
            )

        with of_record(self, identity, message=(enc_type, ciphertext)):
            record, plaintext = _written(
                invoke, _Output(Record, len(self) + _GROWTH), _Output(Plaintext, length(ciphertext))
            )
        return OpenedMessage(plaintext, bytes(sender), record)

    def info(self, *, identity: Buffer | None, now: int | None = None) -> SessionInfo:
        """What the record is like; can_seal is False without an identity. Raises NoSessionError if it is empty."""
        out = SessionInfoStruct()
        call("callkey_record_info", byref(out), self, len(self), _identity(identity), _seconds(now))
        return SessionInfo._from_c(out)

    def merge(self, other: Record) -> Record:
        """One record of two of one device: when two of its names turn out to be one.

        Where both have the same session, the one that is further along stays. A record of another program, the
        storage protobuf or the JSON of the Go Signal library, is taken over by merging it with an empty one:
        that checks its keys. Raises InvalidKeyError, and ConflictError for records of different identities.
        """

        def invoke(outputs: list[_Output]) -> int:
            return attempt("callkey_record_merge", *_pairs(outputs), self, len(self), other, len(other))

        record: Record = _written(invoke, _Output(Record, len(self) + len(other)))[0]
        return record


class _Output:
    """A variable output: its kind, and the room for it."""

    def __init__(self, kind: type[Secret], capacity: int) -> None:
        self.kind = kind
        self.out = kind._zeros(capacity)
        self.size = c_size_t(capacity)

    def grow(self) -> None:
        """Makes the room that was told, if it is more."""
        if self.size.value > len(self.out):
            self.out = self.kind._zeros(self.size.value)
        self.size.value = len(self.out)

    def fit(self) -> Secret:
        with self.out:
            return self.kind._cut(self.out, 0, self.size.value)


def _pairs(outputs: list[_Output]) -> list[object]:
    return [each for output in outputs for each in (output.out, byref(output.size))]


def _written(invoke: Callable[[list[_Output]], int], *outputs: _Output) -> list[Any]:
    """The outputs of a call; made again while BUFFER tells that one needs more room."""
    every = list(outputs)
    while invoke(every) == BUFFER:
        for output in every:
            output.grow()
    return [output.fit() for output in every]


def _keys(identity: Buffer | None, **secrets: Memory | None) -> Pointing:
    c = RecordKeysStruct()
    trusted = _identity(identity)
    if trusted is not None:
        c.identity_key = trusted
    return Pointing(c, **secrets)


def _identity(key: Buffer | None) -> Any:
    if key is None:
        return None
    where = public(key, "identity")
    if len(where) != PUBLIC_KEY_BYTES:
        raise ArgumentError(f"identity is {len(where)} bytes, not {PUBLIC_KEY_BYTES}")
    return where


def _seconds(now: int | None) -> int:
    return unsigned(int(time.time()) if now is None else now, "now", 2**64 - 1)
