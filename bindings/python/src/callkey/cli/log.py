"""A log of stanzas: the one reader of it, for every subcommand that takes many stanzas.

A log is text, one stanza per line, or frames. It is read as a stream, so its size does not matter.

* A line of hex: ``[TIME] [DIRECTION] [SENDER] STANZA``, separated by white space. STANZA is hex, also
  in groups, or base64.
* A line of JSON: ``{"time": …, "direction": …, "from": …, "stanza": "hex or base64"}``. Only the stanza is
  needed; other members are ignored.
* Frames: before each stanza its length in bytes, 3 bytes big endian, as on the connection to the server. A
  file with one stanza and no length is read too.
* Frames with times: first the 4 bytes ``CKT1``, then before each length its time, 8 bytes big endian, in
  microseconds since 1970.

Empty lines and lines that begin with # are skipped. A time is Unix seconds, Unix milliseconds (a number from
10^11 on), or ISO 8601, in UTC unless it says otherwise. A direction is in or out; received, recv, incoming, <,
sent, send, outgoing and > are read as these.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, BinaryIO

from .exits import UsageError

MOST = 4 << 20
"""Bytes of a line or frame at most: a stanza has up to 1 MiB, twice that in hex."""

IN, OUT = "in", "out"

_DIRECTIONS = {
    **dict.fromkeys(("in", "received", "recv", "incoming", "<"), IN),
    **dict.fromkeys(("out", "sent", "send", "outgoing", ">"), OUT),
}
_LENGTH_BYTES = 3
_MOST_EMPTY = 64
"""Empty frames in a row. A file of zeros has millions of them, and is no log."""
_HEAD_BYTES = _LENGTH_BYTES + 2
"""What tells the format: a frame's length, and the start of its stanza."""
_TIMED = b"CKT1"
_TIME_BYTES = 8
_FLAGS = b"\x00\x02"
"""A stanza's first byte: plain or compressed."""
_STARTS = b"\xf8\xf9\x78"
"""Its second: a list of binary XML, or zlib."""
_FIRST_MILLISECONDS = 1e11
_LAST = 253402300800
"""The first second of the year 10000."""

_UNIX_TIME = re.compile(r"[1-9]\d{9,12}|\d+\.\d+", re.ASCII)
"""No stanza in hex looks like it, because a stanza begins with 0."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2}\S*)?", re.ASCII)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MORE_THAN_STANZA = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:[{#]|(?:%s)\s|\S+@|\d{4}-\d\d-\d\d|[1-9]\d{9,12}\s|\d+\.\d+\s)"
    % "|".join(_DIRECTIONS).encode(),
    re.I,
)
"""The start of a line of a log that no message in hex or base64 begins with."""
_LINE = re.compile(rb"^[ \t]*[^\s].*$", re.M)
_STANZA_LINE = re.compile(rb"^[ \t]*(?:0[02] ?(?:[Ff][89]|78)|A(?:[Pv][g-n]|[Hn][g-j])).*$", re.M)
_HEX_DIGITS = re.compile(r"[0-9A-Fa-f]+")


@dataclass(frozen=True)
class Entry:
    """One stanza of a log, or ``wrong``: why there is none."""

    index: int
    """From 1, counting the bad ones too."""
    place: str
    """Its place in the file, e.g. "line 3"."""
    stanza: bytes = b""
    time: float | None = None
    """Unix time in seconds."""
    direction: str | None = None
    """IN or OUT."""
    sender: str | None = None
    """As the log has it."""
    wrong: str = ""
    """A sentence without the place; "" for a stanza. It never quotes the line."""


class _Bad(Exception):
    """Why a line is no stanza."""


def read(path: str) -> Iterator[Entry]:
    """The entries of a file, - for standard input. Raises UsageError for one that can't be read."""
    name = "standard input" if path == "-" else path
    try:
        if path == "-":
            if sys.stdin is None:
                raise UsageError("there is no standard input")
            file = io.FileIO(sys.stdin.fileno(), closefd=False)
        else:
            file = io.FileIO(path)
    except (OSError, ValueError) as problem:
        raise _unreadable(name, problem) from None
    return _closing(file, name)


def _closing(file: io.FileIO, name: str) -> Iterator[Entry]:
    with file:
        try:
            yield from entries(file)
        except OSError as problem:
            raise _unreadable(name, problem) from None


def _unreadable(name: str, problem: Exception) -> UsageError:
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else "not a file"
    return UsageError(f"can't read {name}: {reason}")


def looks_like(data: bytearray) -> bool:
    """Whether the contents of a file are a log, and not one message, which may be hex in several lines.

    No part of it is copied, because it may be a plaintext.
    """
    if data.startswith(_TIMED):
        return True
    if _CONTROL.search(data):
        size = int.from_bytes(data[:_LENGTH_BYTES], "big")
        return _begins_stanza(data[_LENGTH_BYTES:_HEAD_BYTES]) and size <= len(data) - _LENGTH_BYTES
    if _MORE_THAN_STANZA.match(data):
        return True
    stanzas = sum(1 for _ in _STANZA_LINE.finditer(data))
    return stanzas > 1 and 2 * stanzas >= sum(1 for _ in _LINE.finditer(data))


def entries(file: io.RawIOBase | BinaryIO) -> Iterator[Entry]:
    """The entries of an open binary file, from its position on."""
    head = b""
    while len(head) < _HEAD_BYTES:  # a pipe gives less at a time
        part = file.read(_HEAD_BYTES - len(head))
        if not part:
            break
        head += part
    whole: BinaryIO = io.BufferedReader(_Again(head, file), 64 << 10)
    framed = _begins_stanza(head[_LENGTH_BYTES:])
    if not framed and _begins_stanza(head):
        yield _single(whole.read(MOST + 1))
    elif head.startswith(_TIMED):
        whole.read(len(_TIMED))
        yield from _frames(whole, len(_TIMED), _TIME_BYTES)
    elif framed or _CONTROL.search(head):
        yield from _frames(whole)
    else:
        yield from _lines(whole)


class _Again(io.RawIOBase):
    """A file after its first bytes were read, with those bytes; it may be a pipe."""

    def __init__(self, head: bytes, file: Any) -> None:
        self._head, self._file = head, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        if not self._head:
            return self._file.readinto(buffer)
        count = min(len(self._head), len(buffer))
        buffer[:count], self._head = self._head[:count], self._head[count:]
        return count


def _begins_stanza(data: bytes | bytearray) -> bool:
    return len(data) > 1 and data[0] in _FLAGS and data[1] in _STARTS


def _single(stanza: bytes) -> Entry:
    if len(stanza) > MOST:
        return Entry(1, "the file", wrong=f"larger than {MOST >> 20} MiB")
    return Entry(1, "the file", stanza)


def _frames(file: BinaryIO, offset: int = 0, time_bytes: int = 0) -> Iterator[Entry]:
    index, prefix_bytes, empty = 0, time_bytes + _LENGTH_BYTES, 0
    while True:
        prefix = file.read(prefix_bytes)
        if not prefix:
            return
        index += 1
        place, size = f"byte {offset}", int.from_bytes(prefix[time_bytes:], "big")
        time = int.from_bytes(prefix[:time_bytes], "big") / 10**6 if time_bytes else None
        offset += len(prefix) + size
        stanza = file.read(min(size, MOST + 1))
        if len(prefix) < prefix_bytes:
            yield Entry(index, place, wrong="the file ends in a frame's length")
            return
        if size > MOST:
            yield Entry(index, place, wrong=f"a frame of {size} bytes: it is larger than {MOST >> 20} MiB, or no frame")
            return
        if len(stanza) < size:
            yield Entry(index, place, wrong=f"the file ends in a frame: it has {len(stanza)} of {size} bytes")
            return
        if stanza:
            empty = 0
            yield Entry(index, place, stanza, time)
            continue
        empty += 1
        if empty == _MOST_EMPTY:
            yield Entry(index, place, wrong=f"{empty} empty frames in a row: what follows is not read")
            return
        yield Entry(index, place, wrong="the frame is empty")


def _lines(file: BinaryIO) -> Iterator[Entry]:
    index = 0
    for number, raw in enumerate(_split(file), 1):
        text = raw.decode("utf-8", "replace").lstrip("\ufeff").strip()
        if not text or text.startswith("#"):
            continue
        index += 1
        place = f"line {number}"
        if len(raw) > MOST:
            yield Entry(index, place, wrong=f"the line is longer than {MOST >> 20} MiB")
            continue
        try:
            told = _json(text) if text.startswith("{") else _spaced(text)
        except _Bad as problem:
            yield Entry(index, place, wrong=str(problem))
        else:
            yield Entry(index, place, **told)


def _split(file: BinaryIO) -> Iterator[bytes]:
    """The lines; of one that is too long only the first MOST + 1 bytes."""
    while True:
        line = rest = file.readline(MOST + 1)
        if not line:
            return
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(MOST + 1)
        yield line


def _json(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise _Bad("the line is not JSON") from None
    stanza = told.get("stanza")
    if not isinstance(stanza, str):
        raise _Bad('"stanza" is missing' if stanza is None else '"stanza" is not a text')
    sender, direction = told.get("from"), told.get("direction")
    if not isinstance(sender, (str, type(None))):
        raise _Bad('"from" is not a text')
    if direction is not None and (not isinstance(direction, str) or direction.lower() not in _DIRECTIONS):
        raise _Bad('"direction" is not in or out')
    return {
        "stanza": _stanza(stanza.split()),
        "time": _member_time(told.get("time")),
        "direction": None if direction is None else _DIRECTIONS[direction.lower()],
        "sender": sender,
    }


def _member_time(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _unix(value) if _UNIX_TIME.fullmatch(value) else _iso(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Bad('"time" is neither a number nor a text')
    return _unix(value)


def _spaced(text: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    words = text.split()
    while len(words) > 1:
        word = words[0]
        if "time" not in told and _UNIX_TIME.fullmatch(word):
            told["time"] = _unix(word)
        elif "time" not in told and _DATE.match(word):
            if _DATE.fullmatch(word) and len(words) > 2 and _CLOCK.fullmatch(words[1]):
                word = f"{word}T{words.pop(1)}"
            told["time"] = _iso(word)
        elif "direction" not in told and word.lower() in _DIRECTIONS:
            told["direction"] = _DIRECTIONS[word.lower()]
        elif "sender" not in told and "@" in word:
            told["sender"] = word
        else:
            break
        del words[0]
    told["stanza"] = _stanza(words)
    return told


def _unix(value: float | str) -> float:
    try:
        seconds = float(value)
    except (OverflowError, ValueError):
        seconds = math.inf
    if seconds >= _FIRST_MILLISECONDS:
        seconds /= 1000
    if not 0 <= seconds < _LAST:
        raise _Bad("the time is not a Unix time")
    return seconds


def _iso(text: str) -> float:
    # Python 3.9 and 3.10 read no Z, no +0000, and only 3 or 6 digits of a second.
    text = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", re.sub(r"[Zz]$", "+00:00", text))
    text = re.sub(r"[.,](\d{1,9})(?!\d)", lambda found: "." + found[1][:6].ljust(6, "0"), text)
    try:
        time = datetime.fromisoformat(text)
        seconds = (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        raise _Bad("the time is neither Unix time nor ISO 8601") from None
    if not 0 <= seconds < _LAST:  # also the year 10000, which a time zone can make of 9999
        raise _Bad("the time is not between the years 1970 and 9999")
    return seconds


def _stanza(words: list[str]) -> bytes:
    digits = "".join(words)
    if not digits:
        raise _Bad("the stanza is empty")
    if _HEX_DIGITS.fullmatch(digits):
        if len(digits) % 2:
            raise _Bad("the stanza has an odd number of hex digits")
        return bytes.fromhex(digits)
    text = words[0].replace("-", "+").replace("_", "/") if len(words) == 1 else "="
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or data[0] not in _FLAGS:  # any word is base64 of something
        raise _Bad("the stanza is neither hex nor base64")
    return data
