"""Encs, offers, and the contents of a stanza about its call."""

from __future__ import annotations

import ctypes
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

from ._call import Buffer, attempt, length, pointer, public, sized_bytes, sized_text, text, texts, unsigned
from ._declarations import (
    ENC_MSG,
    ENC_NONE,
    ENC_PKMSG,
    INFO_ACCEPT,
    INFO_GROUP,
    INFO_VIDEO,
    KIND_ACCEPT,
    KIND_NONE,
    KIND_OFFER,
    KIND_OTHER,
    KIND_REKEY,
    CallInfoStruct,
    EncStruct,
)
from ._offer_options import OfferOptions, options_to_c
from .errors import CallKeyError, UnsupportedError


class EncType(enum.IntEnum):
    """The ``type`` of an enc: PKMSG until the device has acknowledged the session, MSG from then on."""

    NONE = ENC_NONE
    MSG = ENC_MSG
    PKMSG = ENC_PKMSG

    @classmethod
    def parse(cls, text: str) -> EncType:
        """The type that a stanza names, ``"msg"`` or ``"pkmsg"``. Raises UnsupportedError for any other."""
        if not isinstance(text, str):
            raise TypeError(f"enc_type must be a str, not {type(text).__name__}")
        for known in (cls.MSG, cls.PKMSG):
            if text == str(known):
                return known
        raise UnsupportedError(f"enc type {text!r} is not supported")

    def __str__(self) -> str:
        return self.name.lower()


def enc_type_number(given: EncType | str) -> int:
    """The argument for C, where a stanza's text may be given."""
    return EncType.parse(given) if isinstance(given, str) else unsigned(given, "enc_type")


@dataclass(frozen=True, init=False)
class Enc:
    """One device's ciphertext, for an ``<enc v="2" type="…" count="0">``.

    The type may be given as a stanza names it; see EncType.parse.
    """

    jid: str
    enc_type: EncType
    ciphertext: bytes

    def __init__(self, jid: str, enc_type: EncType | str, ciphertext: bytes) -> None:
        object.__setattr__(self, "jid", jid)
        object.__setattr__(self, "enc_type", EncType.parse(enc_type) if isinstance(enc_type, str) else enc_type)
        object.__setattr__(self, "ciphertext", ciphertext)


@dataclass(frozen=True)
class DeviceResult:
    """The result for one device of an offer: sealed, or skipped with the reason.

    error: why it was skipped, with the device and the reason in this case; None if the key was sealed for it.
    """

    jid: str
    status: int
    enc_type: EncType
    error: CallKeyError | None = field(default=None, compare=False)

    @property
    def sealed(self) -> bool:
        return self.status == 0


@dataclass(frozen=True)
class Offer:
    """A sealed offer. ``wire`` is binary XML as in the encrypted socket frame, flag byte first."""

    wire: bytes
    results: tuple[DeviceResult, ...]

    @property
    def xml(self) -> str:
        """The stanza as text for people; byte contents in hex."""
        return stanza_to_xml(self.wire)


class StanzaKind(enum.IntEnum):
    """The kind of a stanza. Only the first four carry a key."""

    NONE = KIND_NONE
    """A bare ``<enc>`` or ``<destination>``."""
    OFFER = KIND_OFFER
    ACCEPT = KIND_ACCEPT
    REKEY = KIND_REKEY
    """An ``<enc_rekey>``."""
    OTHER = KIND_OTHER
    """Another call stanza, such as ``<terminate>``."""

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class OfferInfo:
    """The contents of a stanza about its call; "" and 0 for missing ones.

    sender: the device of the session that was, or would be, used; without a key, the device that
        sent the stanza, "" if none is named. After ConflictError it is the device that the server
        names, "" if it names none.
    from_: the sender by the server's word: ``from`` of ``<call>``, a device, a user or a group.
        It and call_creator are told as they came if they are not devices; sender is a device or "".
    keygen: 0 also if it can't be read.
    sender_identity: the identity key in a pkmsg. Unless the key was opened, anyone may have
        written it there.

    A device's JID is spelled like its participant id, e.g. ``user:0@lid``, whatever the stanza has.
    A key that opened proves only the session of ``sender``.
    """

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
    kind: StanzaKind = StanzaKind.NONE
    from_: str = ""
    sender_identity: bytes | None = None

    @classmethod
    def _from_c(cls, c: CallInfoStruct) -> OfferInfo:
        identity = bytes(c.sender_identity)
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
            kind=StanzaKind(c.kind),
            from_=_text(getattr(c, "from")),
            sender_identity=identity if any(identity) else None,
        )


def told(c: CallInfoStruct) -> OfferInfo | None:
    """The stanza's contents if its key did not open; None if it did not parse either."""
    return OfferInfo._from_c(c) if any(bytes(c)[ctypes.sizeof(ctypes.c_size_t) :]) else None


def _text(value: bytes) -> str:
    # A peer's text need not be UTF-8, and an opened key must not be lost because of it.
    return value.decode(errors="surrogateescape")


def offer_build(encs: Sequence[Enc], options: OfferOptions | None = None) -> bytes:
    """The stanza for ciphertexts from the app's own Signal sessions (wacrg:SIG-01).

    Raises NoDevicesError without an enc, and DeviceIdentityError for a pkmsg without the options'
    ``device_identity``.
    """
    row = (EncStruct * len(encs))()
    for place, enc in zip(row, encs):
        _write_enc(place, enc)
    around = None if options is None else options_to_c(options)
    return sized_bytes(lambda out, n: attempt("callkey_offer_build", out, n, row, len(encs), around))


def rekey_build(enc: Enc, options: OfferOptions, *, transaction_id: int) -> bytes:
    """The ``<call><enc_rekey>`` for an epoch that the app's own Signal session encrypted for one device (wacrg:SIG-06):
    ``Store.seal_rekey`` without its store. It goes to the device of ``enc``.

    The parameters are those of ``seal_rekey``.

    Raises DeviceIdentityError for a pkmsg without the options' ``device_identity``.
    """
    number = unsigned(transaction_id, "transaction_id")
    one, around = EncStruct(), options_to_c(options)
    _write_enc(one, enc)
    return sized_bytes(lambda out, n: attempt("callkey_rekey_build", out, n, ctypes.byref(one), number, around))


def _write_enc(place: EncStruct, enc: Enc) -> None:
    place.jid = text(enc.jid, "jid")
    place.enc_type = enc.enc_type
    place.ciphertext = public(enc.ciphertext, "ciphertext")
    place.ciphertext_len = length(enc.ciphertext)


def offer_parse(wire: Buffer, *, own: Sequence[str]) -> tuple[bytes, OfferInfo]:
    """This device's ciphertext and the stanza's contents about the call, without decryption.

    ``own`` are this device's JIDs, LID and phone number, with device. ``sender`` is the first
    sender that the stanza names; if ``from_`` is another user, find out who it is before you
    accept an unknown identity under either name.

    Raises NotForThisDeviceError, MalformedError and UnsupportedError; if the stanza parsed,
    ``info`` of the exception has its contents.
    """
    info = CallInfoStruct()
    jids = texts(own, "own")
    data = pointer(wire)
    try:
        ciphertext = sized_bytes(
            lambda out, n: attempt(
                "callkey_offer_parse", out, n, ctypes.byref(info), data, length(wire), jids, len(jids)
            )
        )
    except CallKeyError as error:
        error.info = told(info)
        raise
    return ciphertext, OfferInfo._from_c(info)


def stanza_to_xml(wire: Buffer) -> str:
    """Any stanza of WhatsApp binary XML as text for people; byte contents in hex. Raises MalformedError."""
    data = pointer(wire)
    return sized_text(lambda out, n: attempt("callkey_stanza_to_xml", out, n, data, length(wire)))


def stanza_from_xml(xml: str) -> bytes:
    """The stanza that stanza_to_xml wrote as text, not compressed; between nodes there may be other white space.

    A value that reads as a JID is written as one, and every other text in one form. Raises MalformedError, with the
    line and column in bytes of UTF-8, for all that stanza_to_xml would not write.
    """
    shown = text(xml, "xml")
    return sized_bytes(lambda out, n: attempt("callkey_stanza_from_xml", out, n, shown))
