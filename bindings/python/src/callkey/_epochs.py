"""The secrets of a group call, and which of them is in force."""

from __future__ import annotations

import contextlib
import os
import warnings
from ctypes import byref, c_uint32, c_uint64
from types import TracebackType

from ._call import call, pointer, unsigned
from ._declarations import KEY_BYTES
from ._e2e import E2ESecret
from .errors import ForkedError, HandleError, InternalError


class Epoch(E2ESecret):
    """One secret of a group call, 32 bytes, in force until the next.

    It is the key of every participant's SRTP and SRTCP: e2e_keys with the own JID
    to send with, with each sender's to receive with. Whoever makes one generates it
    afresh and numbers it.
    """

    __slots__ = ()
    _what = "epoch"


class Epochs:
    """The epochs of one group call. Use it in ``with``, or close() it.

    Epochs and rosters arrive late, early and twice; with every offer() and
    roster() the same rules decide, on each member's device, which epoch is in force.
    Any thread may use it at any time.
    """

    _handle = 0
    _process: int  # whose it is: a forked child only has its number

    def __init__(self) -> None:
        handle = c_uint64(0)
        call("callkey_epochs_new", byref(handle))
        self._handle = handle.value
        self._process = os.getpid()

    def offer(self, transaction_id: int, epoch: Epoch) -> None:
        """Takes in an epoch that arrived, or one of one's own, under its number.

        Without an exception it is in force, waits for its roster, or was known
        already. At most 8 wait; beyond that the largest number is dropped. Raises
        StaleError when a newer one is in force, ConflictError when the number is known
        with other bytes, and ArgumentError for number 0. Nothing has changed then.

        Only the call's creator or a connected member of its roster may send an epoch;
        judge OfferInfo.sender before.
        """
        if not isinstance(epoch, Epoch):
            raise TypeError(f"an Epoch is needed, not {type(epoch).__name__}; see Epoch.from_bytes")
        number = unsigned(transaction_id, "transaction_id")
        call("callkey_epochs_offer", self._open(), number, pointer(epoch._live()), KEY_BYTES)

    def roster(self, transaction_id: int) -> None:
        """Says which roster the server has announced: the newest epoch that waited for it comes into force.

        An older or equal number changes nothing.
        """
        call("callkey_epochs_roster", self._open(), unsigned(transaction_id, "transaction_id"))

    def current(self) -> tuple[int, Epoch]:
        """The number of the epoch in force, and a copy of it. Raises NoSessionError while there is none."""
        buffer = bytearray(KEY_BYTES)
        number = c_uint32(0)
        call("callkey_epochs_current", self._open(), pointer(buffer), byref(number))
        return number.value, Epoch._own(buffer)

    def close(self) -> None:
        """Forgets the epochs and erases them. A second close does nothing."""
        handle, self._handle = self._handle, 0
        if handle == 0:
            return
        try:
            call("callkey_epochs_free", handle)
        except ForkedError:
            pass  # they are the parent's; the child only had their number

    @property
    def closed(self) -> bool:
        return self._handle == 0

    def __enter__(self) -> Epochs:
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

    def __repr__(self) -> str:
        return f"<callkey.Epochs: {'open' if self._handle else 'closed'}>"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("the epochs of a call are not copied or pickled")

    def _open(self) -> int:
        if not self._handle:
            raise HandleError("the epochs are closed")
        return self._handle
