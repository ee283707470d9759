"""One call into the library: arguments in, an exception out when its status is not OK."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import POINTER, c_char, c_char_p, c_size_t, c_uint8
from typing import Any, Union

from ._library import library
from ._memory import PYPY, Memory, Use, owner
from .errors import BY_STATUS, ArgumentError, CallKeyError, ForkedError

Buffer = Union[bytes, bytearray, memoryview]
"""Bytes that an argument may be given as."""

Invoke = Callable[[Any, Any], int]
"""One attempt at a variable output: (out, out_len) → status."""

OK = 0
_BUFFER = -2

_bytes_pointer = POINTER(c_uint8)


def call(name: str, *arguments: Any) -> None:
    """Calls the C function ``name`` and raises its status's exception unless it is CALLKEY_OK."""
    _check(attempt(name, *arguments))


def attempt(name: str, *arguments: Any) -> int:
    """Calls the C function ``name`` and returns its status.

    All that goes to the library goes through here. A secret, or a view of one, is an argument as
    it is: it is in use until the function returns. Raises ValueError if it was wiped before or
    meanwhile, whatever the function did; what the function wrote is then dropped.
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
        status: int = function(*given)
    finally:
        wiped = [use for use in uses if use.end()]
    if wiped:
        raise wiped[0].wiped()
    return status


def _check(status: int) -> None:
    if status != OK:
        raise failure(status, _last_error(status))


def failure(status: int, text: str = "") -> CallKeyError:
    """The exception for a status; without a text, the library's sentence for it."""
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
    # Asked on the thread that failed: the library keeps one text per thread.
    if status == ForkedError.status:
        return ""
    out = (c_char * 512)()
    size = c_size_t(len(out))
    if library().callkey_last_error(out, ctypes.byref(size)) != OK:
        return ""
    return out.value.decode("utf-8", "replace")


def sized(element: Any, invoke: Invoke) -> tuple[Any, int]:
    """As fitted(), with an array of a ctypes type as output."""
    return fitted(lambda n: (element * n)(), invoke)


def fitted(make: Callable[[int], Any], invoke: Invoke) -> tuple[Any, int]:
    """Runs ``invoke(out, out_len)`` with an output as large as it asks for, from ``make(elements)``.

    First out=NULL asks for the size. Where padding is random or a session moves
    on in between, the answer can grow, so BUFFER is answered until it fits.
    Returns the output, None if nothing was to be written, and the number of elements written to it.
    """
    size = c_size_t(0)
    out: Any = None
    while True:
        capacity = size.value
        status = invoke(out, ctypes.byref(size))
        if status != _BUFFER or size.value <= capacity:
            _check(status)
            return out, size.value
        out = make(size.value)


def sized_bytes(invoke: Invoke) -> bytes:
    out, size = sized(c_uint8, invoke)
    return bytes(memoryview(out)[:size]) if size else b""


def sized_text(invoke: Invoke) -> str:
    out, size = sized(c_char, invoke)
    return bytes(memoryview(out)[: size - 1]).decode() if size else ""


def pointer(data: Buffer) -> Any:
    """``data`` for a ``const uint8_t *`` of attempt(), without a copy, which for a secret nobody could wipe.

    It keeps ``data`` alive, and lets go of it at once: ctypes.cast() would make
    a reference cycle, so that a bytearray stays locked until the next collection.
    A view of a secret stays as it is, for attempt() to hold its secret. On PyPy there is
    a copy, which is wiped at a collection: bytes have no address there, and a bytearray
    would stay locked.
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
    """A copy for a pointer in a struct of what a stanza says in the clear."""
    if owner(data) is not None:
        raise TypeError(f"{what} is sent as it is; it can't be a view of a secret")
    return (c_uint8 * length(data)).from_buffer_copy(accepted(data))


def accepted(data: Buffer) -> Buffer:
    """``data``, unless it is something else than bytes in one piece."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"bytes are needed, not {type(data).__name__}")
    if isinstance(data, memoryview) and not data.c_contiguous:
        raise ArgumentError("a memoryview must be contiguous")
    return data


def length(data: Buffer | Memory) -> int:
    return data.nbytes if isinstance(data, memoryview) else len(data)


def fixed(data: Buffer, size: int, what: str) -> Any:
    """A pointer to exactly ``size`` bytes, for arguments that have no length in C."""
    where = pointer(data)
    if length(data) != size:
        raise ArgumentError(f"{what} is {length(data)} bytes, not {size}")
    return where


def text(value: str, what: str) -> bytes:
    """UTF-8 for a text argument. A NUL inside would silently cut it short in C."""
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
    """A ``const char *const *``; a lone str is refused, for it would be taken letter by letter."""
    if isinstance(values, (str, bytes)):
        raise TypeError(f"{what} must be a sequence of str, not one {type(values).__name__}")
    encoded = [text(value, what) for value in values]
    return (c_char_p * len(encoded))(*encoded)


def unsigned(value: int, what: str, most: int = 0xFFFFFFFF) -> int:
    """A uint32_t argument, or one up to ``most``; ctypes would cut a larger one without a word."""
    if not isinstance(value, int):
        raise TypeError(f"{what} must be an int, not {type(value).__name__}")
    if not 0 <= value <= most:
        raise ArgumentError(f"{what} is out of range")
    return value
