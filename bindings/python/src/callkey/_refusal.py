"""What an error says beside its text: the stanza, the device, and the identity key that was presented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ._call import OK, Buffer, call, failure, text
from ._declarations import JID_BYTES, CallInfoStruct
from ._memory import owner
from ._message import message_parse
from ._offer import EncType, OfferInfo, offer_parse, told
from .errors import CallKeyError, DuplicateError, NoSessionError, UntrustedIdentityError

if TYPE_CHECKING:
    from ._record import Record
    from ._store import Store


@contextmanager
def presenting(store: Store, jid: str, identity_key: bytes | None = None) -> Iterator[None]:
    """An UntrustedIdentityError gets the device and the key, which is that of its session unless it is given."""
    try:
        yield
    except UntrustedIdentityError as error:
        _name(error, store, jid, identity_key)
        raise


@contextmanager
def opening(store: Store, wire: Buffer, own: Sequence[str], sender: str | None) -> Iterator[CallInfoStruct]:
    """Gives the struct for the library to fill. An error gets the contents of the stanza, also if the library did not
    look at it, e.g. because the store is closed."""
    c = CallInfoStruct()
    try:
        yield c
    except CallKeyError as error:
        error.info = told(c) or _parsed(wire, own, sender)
        if error.info is not None and isinstance(error, UntrustedIdentityError):
            _name(error, store, error.info.sender, error.info.sender_identity)
        raise


@contextmanager
def opening_enc(store: Store, jid: str, enc_type: EncType | str, version: int, ciphertext: Buffer) -> Iterator[None]:
    """The same for an enc outside of a stanza."""
    try:
        yield
    except CallKeyError as error:
        error.info = _of_enc(jid, enc_type, version, ciphertext)
        if isinstance(error, UntrustedIdentityError):
            _name(error, store, jid, error.info.sender_identity)
        raise


@contextmanager
def of_record(
    record: Record,
    trusted: Buffer | None,
    presented: bytes | None = None,
    message: tuple[EncType | str, Buffer] | None = None,
) -> Iterator[None]:
    """The same for a record, which names no device: the key is that of the bundle or of the message, or else that of
    the record's newest session.

    trusted: the identity key that the program trusts.
    """
    try:
        yield
    except CallKeyError as error:
        if message is not None:
            error.info = _of_enc("", message[0], 0, message[1])
            presented = error.info.sender_identity
        if isinstance(error, UntrustedIdentityError):
            error.identity_key = presented or _of_newest(record, trusted)
        raise


def of_device(store: Store, jid: str, status: int, identity_key: bytes | None = None) -> CallKeyError | None:
    """The error of one device among several: its status is known, its reason is that of the device alone.

    identity_key: of the bundle that was presented; None: the device's session was to be used.
    """
    if status == OK:
        return None
    words = ""
    if status == DuplicateError.status:
        words = "an earlier device of the list is the same one"
    elif status != UntrustedIdentityError.status or identity_key is None:
        try:
            call("callkey_session_check", store._open(), text(jid, "jid"))
        except CallKeyError as alone:
            # An untrusted identity is no session there.
            if status in (alone.status, UntrustedIdentityError.status if type(alone) is NoSessionError else OK):
                words = str(alone)
    error = failure(status, words)
    error.args = (f"{jid}: {error}",)
    if isinstance(error, UntrustedIdentityError):
        _name(error, store, jid, identity_key)
    return error


def _name(error: UntrustedIdentityError, store: Store, jid: str, identity_key: bytes | None) -> None:
    error.jid = jid
    error.identity_key = identity_key or _of_session(store, jid)


def _of_session(store: Store, jid: str) -> bytes | None:
    """The identity key of the newest session, unless it is the trusted one: then an earlier session was meant."""
    try:
        key = store.session_info(jid).identity_key
    except CallKeyError:
        return None
    try:
        return None if store.identity_of(jid) == key else key
    except CallKeyError:  # after remove_identity
        return key


def _of_newest(record: Record, trusted: Buffer | None) -> bytes | None:
    try:
        key = record.info(identity=None).identity_key
    except CallKeyError:
        return None
    return None if trusted == key else key


def _parsed(wire: Buffer, own: Sequence[str], sender: str | None) -> OfferInfo | None:
    info = None
    for names in (own, ()):  # without names there is no enc for this device, but still the call
        try:
            info = info or offer_parse(wire, own=names)[1]
        except CallKeyError as error:
            info = info or error.info
    named = "" if sender is None else _device(sender)
    return replace(info, sender=named) if info is not None and named else info


def _of_enc(jid: str, enc_type: EncType | str, version: int, ciphertext: Buffer) -> OfferInfo:
    known = {str(kind): kind for kind in (EncType.MSG, EncType.PKMSG)}.get(str(enc_type), EncType.NONE)
    return OfferInfo(
        keygen=0,
        enc_type=known,
        enc_version=version if version in (2, 3) else 0,
        video=False,
        group=False,
        accept=False,
        transaction_id=0,
        call_id="",
        call_creator="",
        sender=_device(jid),
        sender_identity=_of_message(known, ciphertext),
    )


def _of_message(enc_type: EncType, ciphertext: Buffer) -> bytes | None:
    """The identity key in a pkmsg."""
    if owner(ciphertext) is not None:  # a secret is no message
        return None
    try:
        told = message_parse(enc_type, ciphertext)
    except CallKeyError:
        return None
    return None if told is None else told.identity_key


def _device(jid: str) -> str:
    """The name as OfferInfo.sender has it, "" for what is no device: what the library says of a stanza from it."""
    name = jid.encode(errors="replace")
    if len(name) >= JID_BYTES:
        return ""
    try:
        offer_parse(b"\0\xf8\4\xfc\4call\xfc\4from\xfc%c%s\xf8\1\xf8\1\xfc\6accept" % (len(name), name), own=())
    except CallKeyError as error:
        return error.info.sender if error.info is not None else ""
    return ""
