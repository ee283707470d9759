"""The requests of engine.py, for an engine in Python."""

from __future__ import annotations

import sys
from typing import Protocol

from tests.engines.stream import callkey


class Driver(Protocol):
    """A side is "sender" or "receiver". Each method may raise the engine's own error."""

    def begin(self, side: str, keys: callkey.SRTPKeys, ssrc: int, roc: int) -> None: ...
    def rekey(self, side: str, keys: callkey.SRTPKeys) -> None: ...
    def protect(self, kind: str, packet: bytes) -> bytes: ...
    def unprotect(self, kind: str, packet: bytes) -> bytes: ...


def keys(text: str) -> callkey.SRTPKeys:
    """The library's object for the 130 bytes in a request."""
    return callkey.SRTPKeys._copied(bytes.fromhex(text))


def answer(driver: Driver, word: str, *rest: str) -> bytes:
    if word in ("sender", "receiver"):
        driver.begin(word, keys(rest[0]), int(rest[1]), int(rest[2]))
    elif word.startswith("rekey-"):
        driver.rekey(word[6:], keys(rest[0]))
    else:
        return {"protect": driver.protect, "unprotect": driver.unprotect}[word](rest[0], bytes.fromhex(rest[1]))
    return b""


def serve(driver: Driver, *errors: type[Exception]) -> None:
    """Answers until the input ends. Other errors than these end the program."""
    for line in sys.stdin:
        try:
            print("ok", answer(driver, *line.split()).hex(), flush=True)
        except errors as error:
            print("error", type(error).__name__, error, flush=True)
