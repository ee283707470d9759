"""The sessions in a device's record of another one, by their base keys, which are public and name them.

Signal's storage protobuf: a record has its current session in field 1 and earlier ones in field 2, and a session has
its base key in field 13.
"""

from __future__ import annotations

from collections.abc import Iterator

CURRENT, EARLIER, BASE_KEY = 1, 2, 13
VARINT, BYTES = 0, 2


def base_keys(record: bytes) -> list[str]:
    """In hexadecimal, the current session's first."""
    sessions = list(_fields(record))
    ordered = [data for number, data in sessions if number == CURRENT]
    ordered += [data for number, data in sessions if number == EARLIER]
    return [key.hex() for session in ordered for number, key in _fields(session) if number == BASE_KEY]


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The number and content of each field of bytes."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == VARINT:
            _, at = _varint(message, at)
            continue
        if tag & 7 != BYTES:
            raise ValueError(f"a record has no field of wire type {tag & 7}")
        size, at = _varint(message, at)
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
