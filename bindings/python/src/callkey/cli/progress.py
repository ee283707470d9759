"""The progress of long work, on standard error and only on a terminal."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType

_EVERY = 0.1
"""Seconds between two lines, and before the first, so that short work shows nothing."""


class Progress:
    """total: 0 if it is not known, e.g. of a pipe."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._shown = False
        self._next = time.monotonic() + _EVERY
        self._terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def at(self, done: int, what: str) -> None:
        if self._terminal and time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            share = f"{100 * done // self._total:3} %  {done} of {self._total}  " if self._total else f"{done} "
            sys.stderr.write(f"\r\x1b[K{share}{what}")
            sys.stderr.flush()
            self._shown = True

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
