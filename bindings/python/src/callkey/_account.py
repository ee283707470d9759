"""The own account of a device, and what is known of a session."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_uint8, sizeof
from dataclasses import dataclass

from ._call import Buffer, call, length, pointer, unsigned
from ._declarations import (
    PRIVATE_KEY_BYTES,
    SESSION_CAN_SEAL,
    SESSION_STALE,
    SESSION_UNACKNOWLEDGED,
    SIGNATURE_BYTES,
    AccountStruct,
    IdentityStruct,
    PrekeyStruct,
    SessionInfoStruct,
    SignedPrekeyStruct,
)
from ._prekey import Identity, Prekey, SignedPrekey
from ._secret import Secret
from .errors import KeyLengthError


class PrivateKey(Secret):
    """The private key of a prekey: 32 secret bytes. A program that keeps its records itself stores it under the id."""

    __slots__ = ()
    _what = "private key"
    _made_by = "prekey_generate(…), Account.signed_prekey(…) or PrivateKey.from_bytes(…)"

    @classmethod
    def from_bytes(cls, data: Buffer) -> PrivateKey:
        """A private key from storage. Raises KeyLengthError unless it is 32 bytes."""
        return cls._copied(_measured(data))


def _measured(data: Buffer | Secret) -> Buffer | Secret:
    if length(data) != PRIVATE_KEY_BYTES:
        raise KeyLengthError(f"a private key is {length(data)} bytes, not {PRIVATE_KEY_BYTES}")
    return data


class Account(Secret):
    """A device's own private identity key, 32 secret bytes, and its registration id.

    For a program that keeps its sessions itself (see Record), and for Store.import_identity.
    """

    __slots__ = ("registration_id",)
    _what = "account"
    _made_by = "Account.generate(), Account.from_bytes(…) or Store.account()"

    registration_id: int

    @classmethod
    def generate(cls) -> Account:
        """A new identity. Store reveal() and registration_id; both make it again with from_bytes."""
        with cls._empty() as out:
            call("callkey_account_generate", out)
            return cls._from_c(out)

    @classmethod
    def from_bytes(cls, private_key: Buffer | Secret, registration_id: int) -> Account:
        """An account from storage. Raises KeyLengthError unless the private key is 32 bytes."""
        account = cls._copied(_measured(private_key))
        account.registration_id = unsigned(registration_id, "registration_id")
        return account

    @property
    def identity(self) -> Identity:
        """The public part. Raises InvalidKeyError if the private key is 32 zero bytes."""
        out = IdentityStruct()
        call("callkey_account_identity", byref(out), self)
        return Identity._from_c(out)

    def sign(self, message: Buffer) -> bytes:
        """A signature of a message, 64 bytes (XEdDSA). It is random: each call makes another one."""
        out = (c_uint8 * SIGNATURE_BYTES)()
        call("callkey_account_sign", out, self, pointer(message), length(message))
        return bytes(out)

    def signed_prekey(self, id: int) -> tuple[SignedPrekey, PrivateKey]:
        """Makes a signed prekey: what to publish, and its private key to store under the id, 1 to 16777215.

        Make a new one once a month or more often. Delete the old one 30 days after that, with the base keys
        that were used with it: see message_parse.
        """
        out, private = SignedPrekeyStruct(), PrivateKey._zeros(PRIVATE_KEY_BYTES)
        call("callkey_signed_prekey_generate", byref(out), private, self, unsigned(id, "id"))
        return SignedPrekey._from_c(out), private

    @staticmethod
    def _empty() -> Secret:
        """The library's struct, to fill."""
        out = Secret._zeros(sizeof(AccountStruct))
        out._as(AccountStruct).struct_size = sizeof(AccountStruct)
        return out

    @classmethod
    def _from_c(cls, out: Secret) -> Account:
        start = AccountStruct.private_key.offset
        account = cls._cut(out, start, start + PRIVATE_KEY_BYTES)
        account.registration_id = out._as(AccountStruct).registration_id
        return account

    def _within(self) -> ctypes.Array[c_uint8]:
        return self._struct(AccountStruct(registration_id=self.registration_id), AccountStruct.private_key.offset)


def prekey_generate(id: int) -> tuple[Prekey, PrivateKey]:
    """Makes a one-time prekey: what to publish, and its private key to store under the id, 1 to 16777215.

    Delete the private key in the commit that stores the record of the message that used it.
    """
    out, private = PrekeyStruct(), PrivateKey._zeros(PRIVATE_KEY_BYTES)
    call("callkey_prekey_generate", byref(out), private, unsigned(id, "id"))
    return Prekey._from_c(out), private


@dataclass(frozen=True)
class SessionInfo:
    """What a session with a device is like. Nothing here is secret.

    registration_id, identity_key: the device's; the key has 32 bytes.
    begun: Unix seconds while the session is unacknowledged; then 0, because no record keeps it.
    can_seal: as Session.exists.
    unacknowledged: the device has not answered yet, so it gets pkmsg.
    stale: from an old copy of the store; it opens messages and seals none.
    archived: the number of earlier sessions that still open messages.
    kept_keys: the number of keys of skipped messages, in all sessions.
    """

    registration_id: int
    identity_key: bytes
    begun: int
    can_seal: bool
    unacknowledged: bool
    stale: bool
    archived: int
    kept_keys: int

    @classmethod
    def _from_c(cls, c: SessionInfoStruct) -> SessionInfo:
        return cls(
            registration_id=c.registration_id,
            identity_key=bytes(c.identity_key),
            begun=c.begun,
            can_seal=bool(c.flags & SESSION_CAN_SEAL),
            unacknowledged=bool(c.flags & SESSION_UNACKNOWLEDGED),
            stale=bool(c.flags & SESSION_STALE),
            archived=c.archived,
            kept_keys=c.kept_keys,
        )
