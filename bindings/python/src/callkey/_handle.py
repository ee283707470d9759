"""An object of the library, held by a 64-bit token: a store, or the epochs of a call."""

from __future__ import annotations

import contextlib
import os
import warnings
from types import TracebackType
from typing import ClassVar, TypeVar

from ._call import Token, call
from .errors import ForkedError, HandleError, InternalError

Self = TypeVar("Self", bound="Handle")


class Handle:
    """Closes at the end of ``with`` and by close(). Dropped without either, it warns and closes.

    In a forked child the token is void: the object belongs to the parent.
    """

    _freed_by: ClassVar[str]  # the C function that closes the token
    _what: ClassVar[str]  # for errors: "the store is"

    _handle = 0
    _process: int  # the process of the token

    def _hold(self, handle: int, filename: str | None = None) -> None:
        token = Token(handle)
        token.filename = filename
        self._handle = token
        self._process = os.getpid()

    def _open(self) -> int:
        if not self._handle:
            raise HandleError(f"{self._what} closed")
        return self._handle

    def close(self) -> None:
        """Closes and erases it once the calls running on it have finished. A second close does nothing."""
        handle, self._handle = self._handle, 0
        if handle == 0:
            return
        try:
            call(self._freed_by, handle)
        except ForkedError:
            pass  # it belongs to the parent
        except HandleError:
            pass  # another thread just closed it; a handle is never reused

    @property
    def closed(self) -> bool:
        return self._handle == 0

    def __enter__(self: Self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if self._handle and self._process == os.getpid():
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
            with contextlib.suppress(InternalError):  # the call that hit the bug has raised it
                self.close()
