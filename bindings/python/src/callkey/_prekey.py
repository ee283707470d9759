"""The keys that a device publishes so that others can begin a Signal session with it. Nothing here is secret."""

from __future__ import annotations

import json
from ctypes import c_uint8
from dataclasses import dataclass
from typing import Any

from ._call import Buffer, length
from ._declarations import (
    PUBLIC_KEY_BYTES,
    SIGNATURE_BYTES,
    IdentityStruct,
    PrekeyBundleStruct,
    PrekeyStruct,
    SignedPrekeyStruct,
)
from .errors import MalformedError


@dataclass(frozen=True)
class Identity:
    """A store's own identity: registration id 1 to 16380, raw X25519 public key (32 bytes, no 05 type byte)."""

    registration_id: int
    public_key: bytes

    @classmethod
    def _from_c(cls, c: IdentityStruct) -> Identity:
        return cls(c.registration_id, bytes(c.public_key))


@dataclass(frozen=True)
class Prekey:
    """A one-time prekey to publish: public key 32 bytes."""

    id: int
    public_key: bytes

    @classmethod
    def _from_c(cls, c: PrekeyStruct) -> Prekey:
        return cls(c.id, bytes(c.public_key))


@dataclass(frozen=True)
class SignedPrekey:
    """A signed prekey to publish: public key 32 bytes, XEdDSA signature 64 bytes."""

    id: int
    public_key: bytes
    signature: bytes

    @classmethod
    def _from_c(cls, c: SignedPrekeyStruct) -> SignedPrekey:
        return cls(c.id, bytes(c.public_key), bytes(c.signature))


@dataclass(frozen=True)
class PrekeyBundle:
    """All published keys of one device, as fetched from the server.

    ``prekey_id`` 0 and ``prekey`` b"" mean that there is no one-time prekey. Public keys are
    raw 32-byte X25519, the signature is 64 bytes. Their length is checked here; the keys
    themselves are checked when a session begins.
    """

    registration_id: int
    identity_key: bytes
    signed_prekey_id: int
    signed_prekey: bytes
    signed_prekey_signature: bytes
    prekey_id: int = 0
    prekey: bytes = b""

    def __post_init__(self) -> None:
        _size(self.identity_key, PUBLIC_KEY_BYTES, "identity_key")
        _size(self.signed_prekey, PUBLIC_KEY_BYTES, "signed_prekey")
        _size(self.signed_prekey_signature, SIGNATURE_BYTES, "signed_prekey_signature")
        _size(self.prekey, PUBLIC_KEY_BYTES if self.prekey_id else 0, "prekey")
        for name in ("registration_id", "signed_prekey_id", "prekey_id"):
            value = getattr(self, name)
            if not isinstance(value, int) or not 0 <= value <= 0xFFFFFFFF:
                raise MalformedError(f"{name} of a prekey bundle is not an unsigned 32-bit number")

    def to_dict(self) -> dict[str, Any]:
        """Numbers and hex texts, ready for JSON."""
        return {
            "registration_id": self.registration_id,
            "identity_key": self.identity_key.hex(),
            "signed_prekey_id": self.signed_prekey_id,
            "signed_prekey": self.signed_prekey.hex(),
            "signed_prekey_signature": self.signed_prekey_signature.hex(),
            "prekey_id": self.prekey_id,
            "prekey": self.prekey.hex(),
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> PrekeyBundle:
        """A bundle from the output of to_dict. Raises MalformedError for anything else."""
        try:
            return cls(
                registration_id=fields["registration_id"],
                identity_key=bytes.fromhex(fields["identity_key"]),
                signed_prekey_id=fields["signed_prekey_id"],
                signed_prekey=bytes.fromhex(fields["signed_prekey"]),
                signed_prekey_signature=bytes.fromhex(fields["signed_prekey_signature"]),
                prekey_id=fields["prekey_id"],
                prekey=bytes.fromhex(fields["prekey"]),
            )
        except MalformedError:
            raise
        except (KeyError, TypeError, ValueError):
            raise MalformedError("the prekey bundle does not parse") from None

    def to_bytes(self) -> bytes:
        """to_dict as JSON in UTF-8, to keep or send. It is this package's own format, not a server's."""
        return json.dumps(self.to_dict(), separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: Buffer) -> PrekeyBundle:
        """A bundle from the output of to_bytes. Raises MalformedError for anything else."""
        try:
            fields = json.loads(bytes(data))
        except (ValueError, RecursionError):
            raise MalformedError("the prekey bundle does not parse") from None
        return cls.from_dict(fields)

    @classmethod
    def _from_c(cls, c: PrekeyBundleStruct) -> PrekeyBundle:
        return cls(
            registration_id=c.registration_id,
            identity_key=bytes(c.identity_key),
            signed_prekey_id=c.signed_prekey_id,
            signed_prekey=bytes(c.signed_prekey),
            signed_prekey_signature=bytes(c.signed_prekey_signature),
            prekey_id=c.prekey_id,
            prekey=bytes(c.prekey) if c.prekey_id else b"",
        )

    def _to_c(self) -> PrekeyBundleStruct:
        key = c_uint8 * PUBLIC_KEY_BYTES
        return PrekeyBundleStruct(
            registration_id=self.registration_id,
            prekey_id=self.prekey_id,
            signed_prekey_id=self.signed_prekey_id,
            identity_key=key(*self.identity_key),
            prekey=key(*self.prekey),
            signed_prekey=key(*self.signed_prekey),
            signed_prekey_signature=(c_uint8 * SIGNATURE_BYTES)(*self.signed_prekey_signature),
        )


def _size(value: bytes, size: int, what: str) -> None:
    if length(value) != size:
        raise MalformedError(f"{what} of a prekey bundle is {length(value)} bytes, not {size}")
