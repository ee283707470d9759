"""Reads protobuf field by field, with offsets. Only public data is read here, in Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED64, BYTES, GROUP, GROUP_END, FIXED32 = range(6)
KINDS = {VARINT: "a number", FIXED64: "8 fixed bytes", BYTES: "bytes", GROUP: "a group", FIXED32: "4 fixed bytes"}

MOST_NUMBER = (1 << 29) - 1
"""The largest field number there is; a reader may let larger ones pass."""
_MOST_DEPTH = 100


class Broken(Exception):
    """The bytes are not protobuf from ``offset`` on."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(why)
        self.offset = offset


@dataclass(frozen=True)
class Field:
    number: int
    kind: int
    start: int
    """Offset of the tag."""
    inner: int
    """Offset of the content of bytes."""
    end: int
    value: int
    """Of a VARINT, else 0."""

    @property
    def size(self) -> int:
        return self.end - self.start


def fields(data: bytes | bytearray, start: int, end: int, most_number: int = MOST_NUMBER) -> Iterator[Field]:
    """Every field of data[start:end]. Raises Broken at the first that does not parse."""
    at = start
    while at < end:
        tag, after = _varint(data, at, end)
        number, kind = tag >> 3, tag & 7
        if not 1 <= number <= most_number:
            raise Broken(at, "the field number is out of range")
        inner, after, value = _content(data, after, end, number, kind, _MOST_DEPTH)
        yield Field(number, kind, at, inner, after, value)
        at = after


def _content(data: bytes | bytearray, at: int, end: int, number: int, kind: int, depth: int) -> tuple[int, int, int]:
    """(start of the content, its end, value of a number)."""
    if kind == VARINT:
        value, after = _varint(data, at, end)
        return at, after, value
    if kind in (FIXED32, FIXED64):
        after = at + (4 if kind == FIXED32 else 8)
        if after > end:
            raise Broken(at, "the message is cut short")
        return at, after, 0
    if kind == BYTES:
        size, inner = _varint(data, at, end)
        if size > end - inner:
            raise Broken(at, f"the length is {size} bytes, but only {end - inner} are left")
        return inner, inner + size, 0
    if kind == GROUP and depth > 0:
        return at, _group(data, at, end, number, depth - 1), 0
    raise Broken(at, "the wire type is unknown" if kind > FIXED32 else "a group is out of place")


def _group(data: bytes | bytearray, at: int, end: int, number: int, depth: int) -> int:
    while at < end:
        tag, after = _varint(data, at, end)
        if tag & 7 == GROUP_END:
            if tag >> 3 != number:
                raise Broken(at, "another group ends here")
            return after
        if not 1 <= tag >> 3 <= MOST_NUMBER:
            raise Broken(at, "the field number is out of range")
        _, at, _ = _content(data, after, end, tag >> 3, tag & 7, depth)
    raise Broken(at, "a group has no end")


def _varint(data: bytes | bytearray, at: int, end: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at + place >= end:
            raise Broken(at, "the message is cut short")
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if place == 9 and byte > 1:
                break
            return value, at + place + 1
    raise Broken(at, "a number has more than 64 bits")
