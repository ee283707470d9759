"""A Signal message field by field, msg or pkmsg, and the faults that the library rejects. Nothing in it is secret."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import callkey

from . import protobuf
from .protobuf import BYTES, VARINT, Field
from .view import INVALID_KEY, MALFORMED, UNSUPPORTED, Row, View, Wrong

_VERSION = 3
_KEY_BYTES, _TYPE_BYTE = 33, 5
_MAC_BYTES, _BLOCK_BYTES = 8, 16
_MOST_BYTES = 64 << 10
_MOST_NUMBER = (1 << 31) - 1
"""Of a field, as the library reads it: what is unknown up to here is UNSUPPORTED, beyond it MALFORMED."""

_MSG = {1: ("ratchet key", BYTES), 2: ("counter", VARINT), 3: ("previous counter", VARINT), 4: ("ciphertext", BYTES)}
_MSG_NEEDED = (1, 2, 4)
_PKMSG = {
    1: ("prekey id", VARINT),
    2: ("base key", BYTES),
    3: ("identity key", BYTES),
    4: ("message", BYTES),
    5: ("registration id", VARINT),
    6: ("signed prekey id", VARINT),
}
_PKMSG_NEEDED = (2, 3, 4, 6)
# As numbers they say that a message is a pkmsg; as bytes they are the post-quantum fields of a msg.
_ONLY_PKMSG = (5, 6)
_POST_QUANTUM = {"msg": {5: "SPQR", 6: "SPQR"}, "pkmsg": {7: "Kyber prekey id", 8: "Kyber ciphertext"}}


def read(kind: str, data: bytes | bytearray) -> View:
    """The view of a whole message; ``kind`` is msg or pkmsg."""
    view = View(f"{kind}, {len(data)} bytes")
    if len(data) > _MOST_BYTES:
        view.wrong.append(Wrong("it is longer than 64 KiB", MALFORMED))
    else:
        _message(view, kind, data, 0, len(data), 0)
    return view


def _message(view: View, kind: str, data: bytes | bytearray, start: int, end: int, depth: int) -> None:
    body_end = end - _MAC_BYTES if kind == "msg" else end
    if body_end < start + 1:
        view.wrong.append(Wrong(f"the {kind} is too short: {end - start} bytes", MALFORMED))
        return
    view.rows.append(_version(data[start], start, depth))
    known, needed = (_MSG, _MSG_NEEDED) if kind == "msg" else (_PKMSG, _PKMSG_NEEDED)
    seen: set[int] = set()
    try:
        for field in protobuf.fields(data, start + 1, body_end, _MOST_NUMBER):
            row = _field(kind, known, field, data, depth)
            if field.number in seen and (row.wrong is None or row.wrong.status == INVALID_KEY):
                row.wrong = Wrong("the field is there twice", MALFORMED)
            seen.add(field.number)
            view.rows.append(row)
            if kind == "pkmsg" and field.number == 4 and field.kind == BYTES and row.wrong is None:
                _message(view, "msg", data, field.inner, field.end, depth + 1)
    except protobuf.Broken as problem:
        view.rows.append(
            Row(problem.offset, body_end - problem.offset, "?", "", Wrong(f"not protobuf: {problem}", MALFORMED), depth)
        )
    else:
        for number in needed:
            if number not in seen:
                view.wrong.append(Wrong(f"the {kind} has no {known[number][0]} (field {number})", MALFORMED))
    if kind == "msg":
        view.rows.append(Row(body_end, _MAC_BYTES, "MAC", f"{_MAC_BYTES} bytes", None, depth))


def _version(byte: int, offset: int, depth: int) -> Row:
    version, newest = byte >> 4, byte & 15
    row = Row(offset, 1, "version", f"{version} (client has {newest})", None, depth)
    if version != _VERSION:
        row.wrong = Wrong(f"message version {version}; the library supports {_VERSION}", UNSUPPORTED)
    elif newest < _VERSION:
        row.wrong = Wrong("the version is newer than its own client", MALFORMED)
    return row


def _field(kind: str, known: dict[int, tuple[str, int]], field: Field, data: bytes | bytearray, depth: int) -> Row:
    name, wire = known.get(field.number, ("", -1))
    row = Row(field.start, field.size, f"{field.number} {name}" if name else f"{field.number} ?", "", None, depth)
    quantum = _POST_QUANTUM[kind].get(field.number)
    if kind == "msg" and field.number in _ONLY_PKMSG and field.kind == VARINT:
        row.name, row.value = f"{field.number} {_PKMSG[field.number][0]}", str(field.value)
        row.wrong = Wrong("a field of a pkmsg: the message is not a msg", MALFORMED)
    elif quantum:
        row.name, row.value = f"{field.number} {quantum}", f"{field.end - field.inner} bytes"
        row.wrong = Wrong("a post-quantum field, which the library does not support", UNSUPPORTED)
    elif not name:
        row.value = protobuf.KINDS[field.kind]
        row.wrong = Wrong("an unknown field", UNSUPPORTED)
    elif field.kind != wire:
        row.value = protobuf.KINDS[field.kind]
        row.wrong = Wrong(f"it is {protobuf.KINDS[field.kind]} and should be {protobuf.KINDS[wire]}", MALFORMED)
    elif wire == VARINT:
        row.value, row.wrong = _number(name, field.value)
    else:
        row.value, row.wrong = _CONTENTS[name](bytes(data[field.inner : field.end]))
    return row


def _number(name: str, value: int) -> tuple[str, Wrong | None]:
    if value > 0xFFFFFFFF:
        return str(value), Wrong("the number has more than 32 bits", MALFORMED)
    if name == "counter" and value == 0xFFFFFFFF:
        return str(value), Wrong("the counter is at its maximum", MALFORMED)
    return str(value), None


def _public_key(content: bytes) -> tuple[str, Wrong | None]:
    if len(content) != _KEY_BYTES:
        return f"{len(content)} bytes", Wrong(f"a public key has {_KEY_BYTES} bytes, not {len(content)}", MALFORMED)
    shown = f"{content[:1].hex()} {content[1:].hex()}"
    if content[0] != _TYPE_BYTE:
        return shown, Wrong(f"the type byte is {content[0]:02x}, not 05", MALFORMED)
    if not _acceptable(content[1:]):
        return shown, Wrong("a key that no honest device makes: low order, not canonical, or a twist's", INVALID_KEY)
    return shown, None


@lru_cache(maxsize=1024)
def _acceptable(key: bytes) -> bool:
    """Asks the library whether a public key is valid. Cached, because all encs of an offer name one identity."""
    with callkey.Store.open(identity=False) as store:
        try:
            store.trust("0:0@lid", key)
        except callkey.InvalidKeyError:
            return False
    return True


def _ciphertext(content: bytes) -> tuple[str, Wrong | None]:
    blocks, rest = divmod(len(content), _BLOCK_BYTES)
    if rest or not blocks:
        return f"{len(content)} bytes", Wrong(f"not a whole number of {_BLOCK_BYTES}-byte cipher blocks", MALFORMED)
    return f"{len(content)} bytes, {blocks} block{'s' if blocks > 1 else ''}", None


def _inner(content: bytes) -> tuple[str, Wrong | None]:
    return f"{len(content)} bytes, a msg:", None


_CONTENTS: dict[str, Callable[[bytes], tuple[str, Wrong | None]]] = {
    "ratchet key": _public_key,
    "base key": _public_key,
    "identity key": _public_key,
    "ciphertext": _ciphertext,
    "message": _inner,
}
