"""Encs, offers, and what a stanza says about its call."""

from __future__ import annotations

import ctypes
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from ._call import Buffer, attempt, failure, length, pointer, sized_bytes, sized_text, text, texts
from ._declarations import (
    ENC_MSG,
    ENC_NONE,
    ENC_PKMSG,
    INFO_ACCEPT,
    INFO_GROUP,
    INFO_VIDEO,
    OFFER_MULTI_DEVICE,
    OFFER_VIDEO,
    EncStruct,
    OfferInfoStruct,
    OfferOptionsStruct,
)
from .errors import CallKeyError


class EncType(enum.IntEnum):
    """The ``type`` of an enc: PKMSG until the device has acknowledged the session, MSG from then on."""

    NONE = ENC_NONE
    MSG = ENC_MSG
    PKMSG = ENC_PKMSG

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Enc:
    """One device's ciphertext: what becomes ``<enc v="2" type="…" count="0">``."""

    jid: str
    enc_type: EncType
    ciphertext: bytes


@dataclass(frozen=True)
class DeviceResult:
    """What became of one device of an offer: sealed for, or skipped and why."""

    jid: str
    status: int
    enc_type: EncType

    @property
    def sealed(self) -> bool:
        return self.status == 0

    @property
    def error(self) -> CallKeyError | None:
        """What sealing for this device alone would have raised; None when it was sealed for."""
        return None if self.sealed else failure(self.status)


@dataclass(frozen=True)
class Offer:
    """A sealed offer. ``wire`` is binary XML as it travels inside the encrypted socket frame, flag byte first."""

    wire: bytes
    results: tuple[DeviceResult, ...]

    @property
    def xml(self) -> str:
        """The stanza as text for people; byte contents in hex."""
        return stanza_to_xml(self.wire)


@dataclass(frozen=True)
class OfferInfo:
    """What a stanza says about its call; "" and 0 where it says nothing."""

    keygen: int
    enc_type: EncType
    enc_version: int
    video: bool
    group: bool
    accept: bool
    transaction_id: int
    call_id: str
    call_creator: str
    sender: str

    @classmethod
    def _from_c(cls, c: OfferInfoStruct) -> OfferInfo:
        return cls(
            keygen=c.keygen,
            enc_type=EncType(c.enc_type),
            enc_version=c.enc_version,
            video=bool(c.flags & INFO_VIDEO),
            group=bool(c.flags & INFO_GROUP),
            accept=bool(c.flags & INFO_ACCEPT),
            transaction_id=c.transaction_id,
            call_id=_text(c.call_id),
            call_creator=_text(c.call_creator),
            sender=_text(c.sender),
        )


def _text(value: bytes) -> str:
    # A peer's text need not be UTF-8, and a key that was opened must not be lost over it.
    return value.decode(errors="surrogateescape")


def offer_build(
    encs: Sequence[Enc],
    *,
    call_id: str | None = None,
    call_creator: str | None = None,
    to: str | None = None,
    stanza_id: str | None = None,
    video: bool = False,
    multi_device: bool = False,
    capability: Buffer | None = None,
    privacy_token: Buffer | None = None,
    device_identity: Buffer | None = None,
) -> bytes:
    """The stanza around ciphertexts that the app's own Signal sessions made (wacrg:SIG-01).

    Options as in Store.seal_offer. Raises NoDevicesError without an enc,
    DeviceIdentityError for a pkmsg without ``device_identity``.
    """
    row = (EncStruct * len(encs))()
    for place, enc in zip(row, encs):
        place.jid = text(enc.jid, "jid")
        place.enc_type = enc.enc_type
        place.ciphertext = pointer(enc.ciphertext)
        place.ciphertext_len = length(enc.ciphertext)
    options = offer_options(
        call_id, call_creator, to, stanza_id, video, multi_device, capability, privacy_token, device_identity
    )
    return sized_bytes(lambda out, n: attempt("callkey_offer_build", out, n, row, len(encs), options))


def offer_parse(wire: Buffer, *, own: Sequence[str]) -> tuple[bytes, OfferInfo]:
    """This device's ciphertext and what the stanza says about the call, without decrypting.

    ``own`` are this device's JIDs, LID and phone number, with device. Raises
    NotForThisDeviceError, MalformedError and UnsupportedError.
    """
    info = OfferInfoStruct()
    jids = texts(own, "own")
    data = pointer(wire)
    ciphertext = sized_bytes(
        lambda out, n: attempt("callkey_offer_parse", out, n, ctypes.byref(info), data, length(wire), jids, len(jids))
    )
    return ciphertext, OfferInfo._from_c(info)


def stanza_to_xml(wire: Buffer) -> str:
    """Any stanza of WhatsApp binary XML as text for people; byte contents in hex. Raises MalformedError."""
    data = pointer(wire)
    return sized_text(lambda out, n: attempt("callkey_stanza_to_xml", out, n, data, length(wire)))


def offer_options(
    call_id: str | None,
    call_creator: str | None,
    to: str | None,
    stanza_id: str | None,
    video: bool,
    multi_device: bool,
    capability: Buffer | None,
    privacy_token: Buffer | None,
    device_identity: Buffer | None,
) -> OfferOptionsStruct | None:
    """callkey_offer_options, or None when nothing is set: then only the key node is made."""
    named = {"call_id": call_id, "call_creator": call_creator, "to": to, "stanza_id": stanza_id}
    blobs = {"capability": capability, "privacy_token": privacy_token, "device_identity": device_identity}
    if not (video or multi_device or any(v is not None for v in (*named.values(), *blobs.values()))):
        return None
    options = OfferOptionsStruct(struct_size=ctypes.sizeof(OfferOptionsStruct))
    options.flags = (OFFER_VIDEO if video else 0) | (OFFER_MULTI_DEVICE if multi_device else 0)
    for name, value in named.items():
        setattr(options, name, None if value is None else text(value, name))
    for name, blob in blobs.items():
        if blob is not None:
            setattr(options, name, pointer(blob))
            setattr(options, name + "_len", length(blob))
    return options
