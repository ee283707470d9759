"""An object of the library that Python holds by a 64-bit token: a store, the epochs of a call."""

from __future__ import annotations

import contextlib
import os
import warnings
from types import TracebackType
from typing import ClassVar, TypeVar

from ._call import call
from .errors import ForkedError, HandleError, InternalError

Self = TypeVar("Self", bound="Handle")


class Handle:
    """Closes in ``with`` and by close(). Dropped without, it warns and closes.

    In a forked child the token says nothing: the object is the parent's.
    """

    _freed_by: ClassVar[str]  # the C function that takes the token back
    _what: ClassVar[str]  # for errors: "the store is"

    _handle = 0
    _process: int  # where the token is good

    def _hold(self, handle: int) -> None:
        self._handle = handle
        self._process = os.getpid()

    def _open(self) -> int:
        if not self._handle:
            raise HandleError(f"{self._what} closed")
        return self._handle

    def close(self) -> None:
        """Closes it once the calls that run on it have finished, and erases it. A second close does nothing."""
        handle, self._handle = self._handle, 0
        if handle == 0:
            return
        try:
            call(self._freed_by, handle)
        except ForkedError:
            pass  # it is the parent's
        except HandleError:
            pass  # another thread closed it in this moment; a handle is never given out twice

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
            with contextlib.suppress(InternalError):  # the call that met the bug has raised it
                self.close()
