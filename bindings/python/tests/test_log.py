"""A log of stanzas: its formats, and what is wrong with a line."""

from __future__ import annotations

import base64
import io
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import CALLER

from callkey.cli import log
from callkey.cli.exits import UsageError

PLAIN = b"\x00\xf8\x02\x0a\x0b"
PACKED = b"\x02\x78\x9c\x00\x01"
TIME = 1795946400.25
ISO = "2026-11-29T10:00:00.25Z"


def read(contents: bytes | str) -> list[log.Entry]:
    return list(log.entries(io.BytesIO(contents.encode() if isinstance(contents, str) else contents)))


def framed(*stanzas: bytes) -> bytes:
    return b"".join(len(stanza).to_bytes(3, "big") + stanza for stanza in stanzas)


@pytest.mark.parametrize(
    "line",
    [
        f"{ISO} in {CALLER} {PLAIN.hex()}",
        f"1795946400.25 < {CALLER} {PLAIN.hex()}",
        f"1795946400250 Received {CALLER} {PLAIN.hex().upper()}",
        f"{CALLER} recv 2026-11-29 10:00:00.250000 {PLAIN.hex(' ')}",
        f"\t2026-11-29T11:00:00,25+0100  incoming\t{CALLER}  {base64.b64encode(PLAIN).decode()} \r",
        json.dumps({"time": ISO, "direction": "in", "from": CALLER, "stanza": PLAIN.hex()}),
        json.dumps({"time": TIME, "direction": "IN", "from": CALLER, "stanza": base64.b64encode(PLAIN).decode()}),
        json.dumps({"time": "1795946400250", "direction": "<", "from": CALLER, "stanza": PLAIN.hex(" "), "n": 1}),
    ],
)
def test_line(line: str) -> None:
    # A log that another tool wrote would have to be converted first; or a time be taken for the stanza.
    (entry,) = read(line)
    assert entry == log.Entry(1, "line 1", PLAIN, TIME, log.IN, CALLER)


@pytest.mark.parametrize("line", [PLAIN.hex(), PLAIN.hex(" "), json.dumps({"stanza": PLAIN.hex()})])
def test_bare_line(line: str) -> None:
    # A log without times would not be read, or its stanzas be cut.
    assert read(f"\ufeff# of one call\n\n{line}\n{line}") == [
        log.Entry(1, "line 3", PLAIN),
        log.Entry(2, "line 4", PLAIN),
    ]


def test_frames() -> None:
    # A log as it comes from the socket would be read as something else.
    for first in (PLAIN, PACKED, b"\x00\xf9" + bytes(400)):
        assert read(framed(first, PLAIN)) == [
            log.Entry(1, "byte 0", first),
            log.Entry(2, f"byte {3 + len(first)}", PLAIN),
        ]
    for stanza in (PLAIN, PACKED):
        assert read(stanza) == [log.Entry(1, "the file", stanza)]
    assert read(b"") == []


def test_frames_with_times() -> None:
    # A capture that has the raw frames would have no times in its report.
    times = (1700000000.25, 1795946400.0)
    stamps = [round(time * 10**6).to_bytes(8, "big") for time in times]
    data = b"CKT1" + b"".join(stamp + framed(stanza) for stamp, stanza in zip(stamps, (PLAIN, PACKED)))
    good = [log.Entry(1, "byte 4", PLAIN, times[0]), log.Entry(2, f"byte {4 + 11 + len(PLAIN)}", PACKED, times[1])]
    assert read(data) == good and log.looks_like(bytearray(data))
    for cut in range(len(data) - len(PACKED) - 10, len(data)):
        first, last = read(data[:cut])
        assert first == good[0] and "the file ends in a frame" in last.wrong


class Dripping(io.BytesIO):
    """A pipe with a slow writer."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


def test_slow_pipe() -> None:
    # The format would be guessed from the first byte, and depend on the writer.
    assert list(log.entries(Dripping(PLAIN))) == [log.Entry(1, "the file", PLAIN)]


@pytest.mark.parametrize(
    "line, told",
    [
        ("secret", "neither hex nor base64"),
        ("a line of secret text", "neither hex nor base64"),
        (PLAIN.hex()[:-1], "odd number of hex digits"),
        (f"in out {PLAIN.hex()}", "neither hex nor base64"),
        (f"2026-13-01 {PLAIN.hex()}", "neither Unix time nor ISO 8601"),
        ('{"stanza": ', "not JSON"),
        ('{"stanza": ' + "[" * 100000, "not JSON"),
        ("{}", '"stanza" is missing'),
        ('{"stanza": 7}', '"stanza" is not a text'),
        ('{"stanza": ""}', "is empty"),
        ('{"stanza": "00f8", "from": 7}', '"from" is not a text'),
        ('{"stanza": "00f8", "direction": "up"}', "not in or out"),
        ('{"stanza": "00f8", "direction": 1}', "not in or out"),
        ('{"stanza": "00f8", "time": true}', "neither a number nor a text"),
        ('{"stanza": "00f8", "time": -1}', "not a Unix time"),
        ('{"stanza": "00f8", "time": 1e999}', "not a Unix time"),
        ('{"stanza": "00f8", "time": NaN}', "not a Unix time"),
        ('{"stanza": "00f8", "time": 253402300800000}', "not a Unix time"),
        ('{"stanza": "00f8", "time": ' + "9" * 400 + "}", "not a Unix time"),
        ('{"stanza": "00f8", "time": "yesterday"}', "neither Unix time nor ISO 8601"),
        ('{"stanza": "00f8", "time": "9999-12-31T23:59:59-00:01"}', "not between the years 1970 and 9999"),
        ('{"stanza": "00f8", "time": "1969-12-31"}', "not between the years 1970 and 9999"),
    ],
)
def test_bad_line(line: str, told: str) -> None:
    # One bad line would end a log of a thousand, or say nothing; or an error would quote what may be a secret.
    bad, good = read(f"{line}\n{PLAIN.hex()}\n")
    assert told in bad.wrong and (bad.index, bad.place, bad.stanza) == (1, "line 1", b"")
    assert "secret" not in bad.wrong
    assert good == log.Entry(2, "line 2", PLAIN)


@pytest.mark.parametrize(
    "end, told",
    [
        (b"\x00", "in a frame's length"),
        (b"\x00\x00\x09\x00", "1 of 9 bytes"),
        (b"\xff\xff\xff\x00", "or no frame"),
    ],
)
def test_bad_frame(end: bytes, told: str) -> None:
    # A capture that was cut off would lose its beginning, or its end would pass for a whole stanza.
    good, bad = read(framed(PLAIN) + end)
    assert good == log.Entry(1, "byte 0", PLAIN)
    assert told in bad.wrong and (bad.index, bad.place, bad.stanza) == (2, "byte 8", b"")


def test_zeros() -> None:
    # A damaged file, whose end is zeros, would be read for minutes, 17 million "stanzas" in 50 MB.
    for inside in ((), (*[b""] * 63, PLAIN)):
        entries = read(framed(PLAIN, *inside) + bytes(3 << 20))
        assert [entry.stanza for entry in entries if entry.stanza] == [PLAIN] * (2 if inside else 1)
        assert entries[-1].wrong == "64 empty frames in a row: what follows is not read"
        assert len(entries) == (129 if inside else 65)


def test_empty_frame() -> None:
    # A stanza of no bytes would reach the library.
    _, bad, good = read(framed(PLAIN, b"", PLAIN))
    assert bad == log.Entry(2, "byte 8", wrong="the frame is empty") and good.stanza == PLAIN


def test_too_long() -> None:
    # A file that is no log would be read into memory as one line.
    bad, good = read(b"00" * (log.MOST + 1) + b"\n" + PLAIN.hex().encode())
    assert "longer than 4 MiB" in bad.wrong and good == log.Entry(2, "line 2", PLAIN)
    (single,) = read(PLAIN + bytes(log.MOST))
    assert "larger than 4 MiB" in single.wrong


def test_stream(tmp_path: Path) -> None:
    # A log of gigabytes would have to fit into memory, and a pipe be at its end before its first stanza shows.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told: list[log.Entry] = []
    begun, first = threading.Event(), threading.Event()

    def write() -> None:
        with pipe.open("wb", buffering=0) as file:
            begun.set()
            for byte in (PLAIN.hex() + "\n").encode():
                file.write(bytes([byte]))
            assert first.wait(30)
            file.write(PACKED.hex().encode())

    writer = threading.Thread(target=write)
    writer.start()
    entries: Iterator[log.Entry] = log.read(str(pipe))
    told.append(next(entries))
    first.set()
    told += entries
    writer.join()
    assert told == [log.Entry(1, "line 1", PLAIN), log.Entry(2, "line 2", PACKED)]


@pytest.mark.parametrize(
    "contents",
    [
        f"{PLAIN.hex()}\n{PACKED.hex()}",
        f"{base64.b64encode(PLAIN).decode()}\n{base64.b64encode(PACKED).decode()}",
        f"{PLAIN.hex(' ')}\n\n  {PLAIN.hex(' ').upper()}\n",
        f"bad\n{PLAIN.hex()}\nbad\n{PLAIN.hex()}",
        f"# one\n{PLAIN.hex()}",
        f"In {PLAIN.hex()}",
        f"< {PLAIN.hex()}",
        f"{CALLER} {PLAIN.hex()}",
        f"{ISO} {PLAIN.hex()}",
        f"1795946400 {PLAIN.hex()}",
        f"0.5 {PLAIN.hex()}",
        '{"from": "\u00fc"}',
        "\ufeff{}",
        framed(PLAIN),
        framed(PACKED, PLAIN) + b"\x00",
    ],
)
def test_looks_like_log(contents: bytes | str) -> None:
    # A log would be refused, or shown as one broken stanza.
    assert log.looks_like(bytearray(contents.encode() if isinstance(contents, str) else contents))


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        PLAIN,
        PACKED,
        PACKED[:3] + PLAIN,
        b"\x52\x22\x0a\x20" + bytes(32),
        PLAIN.hex(),
        "\n".join((PLAIN + bytes(40)).hex()[i : i + 16] for i in range(0, 90, 16)),
        "\n".join((PLAIN * 20).hex()[i : i + 16] for i in range(0, 200, 16)),
        base64.encodebytes(PLAIN + bytes(200)),
        "52220a20" + "00f8" * 16,
        "52 22 0a 20 00 f8",
        "1234567890123456\n0000",
        f"{PLAIN.hex()}\n{PLAIN.hex()}\n0a0b\n0c0d\n0e0f",
    ],
)
def test_does_not_look_like_log(contents: bytes | str) -> None:
    # One message, in hex of several lines, would be shown as many broken stanzas.
    assert not log.looks_like(bytearray(contents.encode() if isinstance(contents, str) else contents))


def test_unreadable(tmp_path: Path) -> None:
    # A file that is not there would be an empty log.
    with pytest.raises(UsageError, match="absent: No such file"):
        log.read("absent")
    with pytest.raises(UsageError, match="Is a directory"):
        list(log.read(str(tmp_path)))
