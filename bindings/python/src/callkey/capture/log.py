"""A log of stanzas: text with one stanza in hex per line, JSON lines, or the raw frames. Which one is detected."""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, BinaryIO

MOST = 1 << 20
"""Bytes of a stanza, which is the library's limit too."""
_LINE = 3 * MOST
"""Bytes of a line: a stanza in hex and what is around it."""
_TIMED = b"CKT1"
"""What a log of raw frames with times begins with."""
_DIRECTIONS = {"out": True, ">": True, "in": False, "<": False}

FORMATS = """\
hex lines    one stanza per line: [TIME] [in|out] HEX. Empty lines and lines
             that begin with # are not read.
JSON lines   one object per line: {"time": TIME, "direction": "in" or "out",
             "from": JID or null, "stanza": HEX}. All but the stanza may be
             missing. "from" is the sending device, if the app knows better than
             the stanza.
raw frames   each stanza after its length in 3 bytes, big-endian; or one stanza
             alone. If the file begins with "CKT1", each length comes after its
             time in 8 bytes, big-endian: microseconds since 1970.

TIME is in seconds since 1970, e.g. 1700000000.25, or as in
2023-11-14T22:13:20.25Z; without an offset it is UTC. A stanza is binary XML as
in the decrypted socket frame, flag byte first."""


@dataclass(frozen=True)
class Entry:
    """One stanza as logged. ``wire`` is empty if the line can't be read: then ``problem`` says why.

    line: from 1; 0 for raw frames. outgoing: None if the log doesn't say. sender: "" if the log doesn't say.
    """

    line: int
    time: float | None
    outgoing: bool | None
    sender: str
    wire: bytes
    problem: str = ""


class NotALogError(ValueError):
    """The file has none of the three formats."""


def read(file: BinaryIO, name: str) -> tuple[str, Iterator[Entry]]:
    """The format, and the stanzas in their order. Raises NotALogError."""
    start = file.read(4096)
    file.seek(0)
    if not start:
        raise NotALogError(f"{name} is empty")
    if start.startswith(_TIMED):
        return "raw frames with times", _raw(file, timed=True)
    text = start.lstrip()
    if _is_text(start):
        if text.startswith(b"{"):
            return "JSON lines", _lines(file, _json)
        return "hex lines", _lines(file, _hex)
    return "raw frames", _raw(file, timed=False)


def _is_text(start: bytes) -> bool:
    return all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in start.removeprefix(b"\xef\xbb\xbf"))


def _lines(file: BinaryIO, parse: Any) -> Iterator[Entry]:
    number = 0
    while line := file.readline(_LINE):
        number += 1
        if len(line) == _LINE and not line.endswith(b"\n"):
            while (rest := file.readline(_LINE)) and not rest.endswith(b"\n"):
                pass
            yield Entry(number, None, None, "", b"", f"line {number} is over {_LINE} bytes")
            continue
        text = line.removeprefix(b"\xef\xbb\xbf").strip().decode("utf-8", "replace")
        if not text or text.startswith("#"):
            continue
        try:
            time, outgoing, sender, digits = parse(text)
            wire = binascii.unhexlify(digits)
            if not wire:
                raise ValueError("the stanza is empty")
        except (ValueError, RecursionError) as problem:
            told = "not an even number of hex digits" if isinstance(problem, binascii.Error) else str(problem)
            yield Entry(number, None, None, "", b"", f"line {number}: {told}")
            continue
        yield Entry(number, time, outgoing, sender, wire)


def _hex(text: str) -> tuple[float | None, bool | None, str, str]:
    words = text.split()
    time, outgoing = None, None
    if len(words) > 1 and words[0] not in _DIRECTIONS:
        time = _time(words.pop(0))
    if len(words) > 1 and words[0] in _DIRECTIONS:
        outgoing = _DIRECTIONS[words.pop(0)]
    if len(words) != 1:
        raise ValueError("not [TIME] [in|out] HEX")
    return time, outgoing, "", words[0]


def _json(text: str) -> tuple[float | None, bool | None, str, str]:
    try:
        given = json.loads(text)
    except ValueError:
        raise ValueError("not JSON") from None
    if not isinstance(given, dict) or not isinstance(given.get("stanza"), str):
        raise ValueError('not an object with a "stanza" in hex')
    time, direction, sender = given.get("time"), given.get("direction"), given.get("from")
    if direction is not None and direction not in ("in", "out"):
        raise ValueError('"direction" is neither "in" nor "out"')
    if sender is not None and not isinstance(sender, str):
        raise ValueError('"from" is not a JID')
    if isinstance(time, bool) or not isinstance(time, (int, float, str, type(None))):
        raise ValueError('"time" is not a time')
    outgoing = None if direction is None else _DIRECTIONS[direction]
    return None if time is None else _time(str(time)), outgoing, sender or "", given["stanza"].strip()


def _time(text: str) -> float:
    try:
        seconds = float(text)
        if not 0 <= seconds < 1e11:
            raise ValueError
        return seconds
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    except ValueError:
        raise ValueError("the time is neither seconds since 1970 nor like 2023-11-14T22:13:20Z") from None
    return (read if read.tzinfo else read.replace(tzinfo=timezone.utc)).timestamp()


def _raw(file: BinaryIO, *, timed: bool) -> Iterator[Entry]:
    data = file.read(64 * MOST + 1)
    if len(data) > 64 * MOST:
        yield Entry(0, None, None, "", b"", "the log of raw frames is over 64 MiB")
        return
    if not timed and not _tiles(data):
        yield Entry(0, None, None, "", data)
        return
    at = len(_TIMED) if timed else 0
    header = 11 if timed else 3
    while at < len(data):
        size = int.from_bytes(data[at + header - 3 : at + header], "big")
        end = at + header + size
        if at + header > len(data) or end > len(data):
            yield Entry(0, None, None, "", b"", f"the log ends within a frame, at byte {at}")
            return
        time = int.from_bytes(data[at : at + 8], "big") / 1e6 if timed else None
        yield Entry(0, time, None, "", data[at + header : end])
        at = end


def _tiles(data: bytes) -> bool:
    """Whether lengths and frames fill the file, but perhaps for the last frame; otherwise it is one stanza alone."""
    at, frames = 0, 0
    while at + 3 <= len(data):
        size = int.from_bytes(data[at : at + 3], "big")
        if not 2 <= size <= MOST:
            return False
        at += 3 + size
        frames += at <= len(data)
    return frames > 0
