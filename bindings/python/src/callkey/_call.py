"""One call into the library: converts the arguments, and raises if the status is not OK."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from ctypes import POINTER, c_char, c_char_p, c_size_t, c_uint8, c_uint32
from typing import Any, Protocol, Union

from ._library import library
from ._memory import PYPY, Memory, Pointing, Use, owner
from .errors import BY_STATUS, ArgumentError, CallKeyError, ForkedError

Buffer = Union[bytes, bytearray, memoryview]
"""Bytes that an argument may be given as."""


class Packet(Protocol):
    """A packet in any contiguous buffer: bytes, bytearray, memoryview, array.array, a numpy array."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


Invoke = Callable[[Any, Any], int]
"""One attempt at a variable output: (out, out_len) → CALLKEY_OK or CALLKEY_ERR_BUFFER."""

OK = 0
BUFFER = -2

_bytes_pointer = POINTER(c_uint8)


class Token(int):
    """A handle of the library, and the file behind it, which errors name."""

    filename: str | None = None


def call(name: str, *arguments: Any) -> None:
    """Calls the C function ``name``, which has no variable output, and raises the exception of its status."""
    if attempt(name, *arguments) != OK:
        raise failure(BUFFER, _last_error(BUFFER))


def attempt(name: str, *arguments: Any) -> int:
    """Calls the C function ``name``; returns CALLKEY_OK or CALLKEY_ERR_BUFFER, or raises the exception of its status.

    Every call to the library goes through here. A secret, or a view of one, is passed directly:
    it is in use until the function returns. Raises WipedError if it was wiped before or during
    the call, whatever the function did; then its output is dropped.
    """
    function = getattr(library(), name)
    given = list(arguments)
    uses: list[Use] = []
    try:
        for place, argument in enumerate(arguments):
            if isinstance(argument, (Memory, memoryview)):
                use = Use(argument)
                uses.append(use)
                given[place] = use.pointer(function.argtypes[place])
            elif isinstance(argument, Pointing):
                given[place] = argument.begin(uses)
        status: int = function(*given)
    finally:
        wiped = [use for use in uses if use.end()]
    if wiped:
        raise wiped[0].wiped()
    if status not in (OK, BUFFER):
        error = failure(status, _last_error(status))
        if isinstance(error, OSError):
            error.filename = next((token.filename for token in arguments if isinstance(token, Token)), None)
            error.errno = _last_errno()
        raise error
    return status


def failure(status: int, text: str = "") -> CallKeyError:
    """The exception for a status; without a text it has the library's text for the status."""
    if not text:
        if status == ForkedError.status:
            text = "callkey was loaded before fork() and can't be used in the child"
        else:
            text = library().callkey_status_text(status).decode()
    error = BY_STATUS.get(status, CallKeyError)(text)
    if status not in BY_STATUS:  # a status newer than this package
        error.status = status
        error.name = library().callkey_status_name(status).decode()
    return error


def _last_error(status: int) -> str:
    # On the thread that failed: the library keeps one text per thread.
    if status == ForkedError.status:
        return ""
    out = (c_char * 512)()
    size = c_size_t(len(out))
    if library().callkey_last_error(out, ctypes.byref(size)) != OK:
        return ""
    return out.value.decode("utf-8", "replace")


def _last_errno() -> int | None:
    number = c_uint32(0)
    if library().callkey_last_errno(ctypes.byref(number)) != OK or number.value == 0:
        return None
    # On Windows it is a number of the system's own, which OSError translates.
    return OSError(0, "", None, number.value).errno if os.name == "nt" else number.value


def sized(element: Any, invoke: Invoke, room: int = 0) -> tuple[Any, int]:
    """Like fitted(), with an array of a ctypes type as output."""
    return fitted(lambda n: (element * n)(), invoke, room)


def fitted(make: Callable[[int], Any], invoke: Invoke, room: int = 0) -> tuple[Any, int]:
    """Runs ``invoke(out, out_len)`` with an output of the size that it needs, from ``make(elements)``.

    First it tries ``room`` elements; 0 asks for the size with out=NULL. If padding is random or a
    session advances in between, the size can grow, so it retries after BUFFER until the output fits.
    Returns the output, None if there was nothing to write, and the number of elements written.
    """
    size = c_size_t(room)
    out: Any = make(room) if room else None
    while True:
        capacity = size.value
        status = invoke(out, ctypes.byref(size))
        if status == OK:
            return out, size.value
        if size.value <= capacity:
            raise failure(status, _last_error(status))
        out = make(size.value)


def sized_bytes(invoke: Invoke, room: int = 0) -> bytes:
    out, size = sized(c_uint8, invoke, room)
    return bytes(memoryview(out)[:size]) if size else b""


def sized_text(invoke: Invoke) -> str:
    out, size = sized(c_char, invoke)
    return bytes(memoryview(out)[: size - 1]).decode() if size else ""


def pointer(data: Buffer) -> Any:
    """``data`` for a ``const uint8_t *`` of attempt(), without a copy, because a copy of a secret could not be wiped.

    It keeps ``data`` alive, and releases it at once: ctypes.cast() would make a reference
    cycle, which keeps a bytearray locked until the next collection. A view of a secret is
    returned unchanged, so that attempt() holds its secret. On PyPy it is a copy, which is wiped
    at a collection: bytes have no address there, and a bytearray would stay locked.
    """
    accepted(data)
    if owner(data) is not None:
        return data
    if PYPY:
        return Memory._filled(data)
    if isinstance(data, memoryview):
        data = bytes(data) if data.readonly else data.cast("B")
    if isinstance(data, bytes):
        return _bytes_pointer.from_buffer(c_char_p(data))
    return (c_uint8 * len(data)).from_buffer(data)


def public(data: Buffer, what: str) -> Any:
    """A copy of public data, for a pointer in a struct."""
    if owner(data) is not None:
        raise TypeError(f"{what} is sent in the clear, so it can't be a view of a secret")
    return (c_uint8 * length(data)).from_buffer_copy(accepted(data))


def accepted(data: Buffer) -> Buffer:
    """``data``; raises unless it is contiguous bytes."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"bytes are needed, not {type(data).__name__}")
    if isinstance(data, memoryview) and not data.c_contiguous:
        raise ArgumentError("a memoryview must be contiguous")
    return data


def octets(packet: Packet) -> bytes:
    """A copy of a packet, which nobody changes between its check and its use."""
    try:
        view = memoryview(packet)
    except TypeError:
        raise TypeError(f"packet must be bytes or another buffer, not {type(packet).__name__}") from None
    if not view.c_contiguous:  # PyPy copies the wrong bytes of a numpy array that is not
        raise ArgumentError("packet: the buffer is not contiguous")
    return view.tobytes()


def length(data: Buffer | Memory) -> int:
    return data.nbytes if isinstance(data, memoryview) else len(data)


def fixed(data: Buffer, size: int, what: str) -> Any:
    """A pointer to exactly ``size`` bytes, for arguments that have no length in C."""
    where = pointer(data)
    if length(data) != size:
        raise ArgumentError(f"{what} is {length(data)} bytes, not {size}")
    return where


def text(value: str, what: str) -> bytes:
    """UTF-8 for a text argument. C would silently cut it at a NUL."""
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a str, not {type(value).__name__}")
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"{what} is not UTF-8") from None
    if b"\0" in encoded:
        raise ArgumentError(f"{what} has a NUL inside")
    return encoded


def texts(values: Sequence[str], what: str) -> Any:
    """A ``const char *const *``; a lone str is rejected, because it would be read letter by letter."""
    if isinstance(values, (str, bytes)):
        raise TypeError(f"{what} must be a sequence of str, not one {type(values).__name__}")
    encoded = [text(value, what) for value in values]
    return (c_char_p * len(encoded))(*encoded)


def unsigned(value: int, what: str, most: int = 0xFFFFFFFF) -> int:
    """A uint32_t argument, or one up to ``most``; ctypes would silently truncate a larger one."""
    if not isinstance(value, int):
        raise TypeError(f"{what} must be an int, not {type(value).__name__}")
    if not 0 <= value <= most:
        raise ArgumentError(f"{what} is out of range")
    return value
