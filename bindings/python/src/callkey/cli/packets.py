"""The packets that a subcommand is given: one in a file, many in lines of hex or base64, or those of a capture."""

from __future__ import annotations

import base64
import binascii
import io
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from . import source
from .exits import UsageError

MOST = 1 << 20
"""Bytes of a line at most: an RTP packet over UDP has up to 64 KiB."""

_HEADER_BYTES = 12
_VERSION = 2
_FIRST_RTCP, _LAST_RTCP = 192, 223
"""The second byte of RTCP; RTP beside it has no such payload types (RFC 5761 section 4)."""
_CAPTURES = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a")
"""The first bytes of pcap, with times in µs or ns and either byte order, and of pcapng."""
_HEX_DIGITS = re.compile(r"[0-9A-Fa-f]+")


@dataclass(frozen=True)
class Packet:
    """An RTP packet, or ``wrong``: why it is none."""

    place: str
    """Where it is, e.g. "line 3"."""
    data: bytes = b""
    wrong: str = ""

    @property
    def ssrc(self) -> int:
        return int.from_bytes(self.data[8:12], "big")

    @property
    def sequence(self) -> int:
        return int.from_bytes(self.data[2:4], "big")


def one(path: str, form: str | None) -> Packet:
    """The only packet of a file, - for standard input."""
    read = source.read(path, form, "packet")
    return _packet(read.name, bytes(read.data))


def many(path: str) -> Iterator[Packet]:
    """The packets of a file, - for standard input: lines of hex or base64, or a pcap or pcapng with RTP in it."""
    name = "standard input" if path == "-" else path
    none = True
    try:
        with ExitStack() as ending:
            file = sys.stdin.buffer if path == "-" else ending.enter_context(open(path, "rb"))
            start = file.peek(4)[:4] if isinstance(file, io.BufferedReader) else b""
            for packet in _captured(name, file) if start in _CAPTURES else _lines(file):
                none = False
                yield packet
    except OSError as problem:
        raise UsageError(f"can't read {name}: {problem.strerror}") from None
    if none:
        raise UsageError(f"{name} has no packet")


def _lines(file: BinaryIO) -> Iterator[Packet]:
    number = 0
    while True:
        raw = rest = file.readline(MOST + 1)
        if not raw:
            return
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(MOST + 1)
        number += 1
        place = f"line {number}"
        text = raw.decode("utf-8", "replace").strip()
        if len(raw) > MOST:
            yield Packet(place, wrong=f"the line is longer than {MOST >> 20} MiB")
        elif text and not text.startswith("#"):
            data = _decoded("".join(text.replace(":", " ").split()))
            yield Packet(place, wrong="neither hex nor base64") if data is None else _packet(place, data)


def _decoded(text: str) -> bytes | None:
    if _HEX_DIGITS.fullmatch(text):
        return None if len(text) % 2 else bytes.fromhex(text)
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _packet(place: str, data: bytes) -> Packet:
    wrong = _wrong(data)
    return Packet(place, wrong=wrong) if wrong else Packet(place, data)


def _wrong(data: bytes) -> str:
    if len(data) < _HEADER_BYTES:
        return f"not an RTP packet: {len(data)} bytes, and the header alone has {_HEADER_BYTES}"
    if data[0] >> 6 != _VERSION:
        return f"not an RTP packet: its version is {data[0] >> 6}, not {_VERSION}"
    if _FIRST_RTCP <= data[1] <= _LAST_RTCP:
        return "an RTCP packet, and only RTP has the tag that tells the sender"
    return ""


def _captured(name: str, file: BinaryIO) -> Iterator[Packet]:
    """The RTP packets of a capture. Its other packets are passed over."""
    from ..capture.needed import MissingPackageError, needed

    try:
        needed("dpkt", "a capture")
    except MissingPackageError as problem:
        raise UsageError(f"can't read {name}: {problem}") from None
    from ..capture import datagram
    from ..capture.records import Records

    captured = Records(name, file)
    for number, record in enumerate(captured, 1):
        read = datagram.read(record)
        if not isinstance(read, str) and not read.cut and not _wrong(read.payload):
            yield Packet(f"packet {number}", read.payload)
    cut = captured.told().cut
    if cut:
        yield Packet("the end", wrong=cut)
