"""What a store holds: its own account, and what it knows of a session."""

from __future__ import annotations

from ctypes import sizeof
from dataclasses import dataclass

from ._declarations import (
    PRIVATE_KEY_BYTES,
    SESSION_CAN_SEAL,
    SESSION_STALE,
    SESSION_UNACKNOWLEDGED,
    AccountStruct,
    SessionInfoStruct,
)
from ._secret import Secret


class Account(Secret):
    """A store's own private identity key, 32 secret bytes, and its registration id; for Store.import_identity."""

    __slots__ = ("registration_id",)
    _what = "account"
    _made_by = "Store.account()"

    registration_id: int

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
