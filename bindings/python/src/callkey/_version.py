"""What the loaded library says about itself."""

from __future__ import annotations

from ._call import call
from ._library import library


def version() -> str:
    """The loaded library's version."""
    text: str = library().callkey_version().decode()
    return text


def abi_version() -> tuple[int, int]:
    """The loaded library's ABI version, major and minor."""
    number: int = library().callkey_abi_version()
    return number >> 16, number & 0xFFFF


def selftest() -> None:
    """Checks the library against known answers of every primitive; InternalError if one is wrong. Milliseconds."""
    call("callkey_selftest")
