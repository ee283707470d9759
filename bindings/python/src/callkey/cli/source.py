"""Input: a file or standard input, in binary, hex or base64, which is detected."""

from __future__ import annotations

import getpass
import io
import os
import sys
from dataclasses import dataclass

from .exits import UsageError

FORMS = ("binary", "hex", "base64")
MOST = 4 << 20
"""Bytes that are read at most: a stanza has up to 1 MiB, twice that in hex."""

_HEX = {ord(digit): value for value, digit in enumerate("0123456789abcdef")}
_HEX.update({ord(digit): 10 + value for value, digit in enumerate("ABCDEF")})
_BASE64 = {
    ord(sign): value for value, sign in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
_BASE64.update({ord("-"): 62, ord("_"): 63})
_SPACE = b" \t\r\n"


@dataclass
class Source:
    """The input. ``data`` may be a secret: wipe() it."""

    name: str
    form: str
    data: bytearray

    @property
    def told(self) -> str:
        """A description of the input and its format."""
        return f"{len(self.data)} bytes, read as {self.form} from {self.name}"

    def wipe(self) -> None:
        self.data[:] = bytes(len(self.data))


def read(path: str, form: str | None = None, what: str = "input") -> Source:
    """Reads ``path``, - for standard input. Without ``form`` text of hex digits is hex, text of base64 is base64."""
    name, raw = undecoded(path, what)
    return decoded(name, raw, form)


def undecoded(path: str, what: str = "input") -> tuple[str, bytearray]:
    """The name of a file, or of standard input, and its bytes, which may be a secret."""
    name = "standard input" if path == "-" else path
    if path == "-" and sys.stdin is not None and sys.stdin.isatty():
        return name, _typed(what)
    return name, _bytes(path, name)


def decoded(name: str, raw: bytearray, form: str | None = None) -> Source:
    """What the bytes of a file are the text of; ``raw`` is wiped unless it is the result."""
    found, data = _decoded(raw, form, name)
    if data is not raw:
        raw[:] = bytes(len(raw))
    if not data:
        raise UsageError(f"{name} is empty")
    return Source(name, found, data)


def secret(path: str, what: str, *, size: int | None = None, least: int = 1, form: str | None = None) -> Source:
    """Reads a secret of ``size`` bytes, or of at least ``least``. Its length is public, so an error may show it."""
    source = read(path, form, what)
    have = len(source.data)
    if have == size or (size is None and have >= least):
        return source
    source.wipe()
    wanted = f"{size} bytes" if size is not None else f"at least {least} bytes"
    hint = "" if form or source.form == "binary" else "; --read-as binary reads the file's bytes unchanged"
    raise UsageError(f"the {what} in {source.name} is {have} bytes (read as {source.form}), not {wanted}{hint}")


def _bytes(path: str, name: str) -> bytearray:
    # Read into one buffer that can be wiped; Python's own read() would leave copies.
    try:
        if path == "-":
            if sys.stdin is None:
                raise UsageError("there is no standard input")
            file = io.FileIO(sys.stdin.fileno(), closefd=False)
        else:
            file = io.FileIO(path)
        with file:
            return _drain(file, name)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else "not a file"
        raise UsageError(f"can't read {name}: {reason}") from None


def _drain(file: io.FileIO, name: str) -> bytearray:
    try:
        expected = os.fstat(file.fileno()).st_size
    except OSError:
        expected = 0
    buffer = bytearray(min(max(expected + 1, 64 << 10), MOST + 1))
    used = 0
    while True:
        if used == len(buffer):
            if used > MOST:
                buffer[:] = bytes(used)
                raise UsageError(f"{name} is larger than {MOST >> 20} MiB")
            larger = bytearray(min(2 * used, MOST + 1))
            larger[:used] = buffer
            buffer[:] = bytes(used)
            buffer = larger
        with memoryview(buffer) as view:
            count = file.readinto(view[used:])
        if not count:
            data = bytearray(memoryview(buffer)[:used])
            buffer[:] = bytes(len(buffer))
            return data
        used += count


def _typed(what: str) -> bytearray:
    """A secret from the keyboard, not echoed."""
    try:
        return bytearray(getpass.getpass(f"{what}, in hex or base64: ").encode())
    except EOFError:
        raise UsageError(f"no {what} was typed") from None


def _decoded(raw: bytearray, form: str | None, name: str) -> tuple[str, bytearray]:
    for text, decode in (("hex", _hex), ("base64", _base64)):
        if form in (None, text):
            out = bytearray(len(raw))
            size = decode(raw, out)
            if size:
                data = bytearray(memoryview(out)[:size])
                out[:] = bytes(len(out))
                return text, data
            out[:] = bytes(len(out))
    if form not in (None, "binary"):
        raise UsageError(f"{name} is not {form}")
    return "binary", raw


# Decoded by hand into a given buffer, because the result of binascii can't be wiped.


def _hex(raw: bytearray, out: bytearray) -> int:
    """Decodes hex digits, which may have white space between; returns the number of bytes, 0 for other text."""
    count = 0
    for byte in raw:
        digit = _HEX.get(byte)
        if digit is None:
            if byte in _SPACE:
                continue
            return 0
        out[count // 2] = out[count // 2] << 4 & 0xFF | digit
        count += 1
    return 0 if count % 2 else count // 2


def _base64(raw: bytearray, out: bytearray) -> int:
    """Decodes base64 (either alphabet, with or without padding and white space); returns the number of bytes, 0 for
    other text."""
    bits = held = count = padding = size = 0
    for byte in raw:
        if byte in _SPACE:
            continue
        if byte == ord("="):
            padding += 1
            continue
        value = _BASE64.get(byte)
        if value is None or padding:
            return 0
        held, bits, count = (held << 6 | value) & 0xFFF, bits + 6, count + 1
        if bits >= 8:
            bits -= 8
            out[size] = held >> bits & 0xFF
            size += 1
    left = count % 4
    whole = left != 1 and padding in (0, -left % 4) and held & ((1 << bits) - 1) == 0
    return size if whole else 0
