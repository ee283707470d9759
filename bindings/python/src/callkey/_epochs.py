"""The secrets of a group call, and the one in force."""

from __future__ import annotations

from ctypes import byref, c_uint32, c_uint64

from ._call import call, unsigned
from ._declarations import KEY_BYTES
from ._e2e import E2ESecret
from ._handle import Handle
from .errors import NoEpochError, NotFoundError


class Epoch(E2ESecret):
    """One secret of a group call, 32 bytes, in force until the next.

    The media keys of every participant are derived from it: call e2e_keys with your own JID to
    send, with each sender's to receive. Generate a fresh one for every number.
    """

    __slots__ = ()
    _what = "epoch"
    _made_by = "Epoch.generate(), from_bytes(…), from_hex(…) or from_base64(…)"


class Epochs(Handle):
    """The epochs of one group call. Use it in ``with``, or call close().

    Epochs and rosters arrive late, early and twice; at every add() and roster() the same rules
    decide on each member's device which epoch is in force. Any thread may use it at any time.
    """

    _freed_by = "callkey_epochs_free"
    _what = "the epochs are"

    def __init__(self) -> None:
        handle = c_uint64(0)
        call("callkey_epochs_new", byref(handle))
        self._hold(handle.value)

    def add(self, transaction_id: int, epoch: Epoch) -> None:
        """Adds an epoch that arrived, or a new one of your own, under its number.

        Without an exception it is in force, waits for its roster, or was known already. At most 8
        wait; beyond that the largest number is dropped. Raises StaleError if a newer one is in
        force, ConflictError if the number is known with other bytes, InvalidKeyError for zeros,
        and ArgumentError for number 0; then nothing has changed. If the epoch is wiped during the
        call, it raises WipedError, and the epoch may have been added.

        Only the call's creator or a connected member of its roster may send an epoch; check
        OfferInfo.sender first.
        """
        if not isinstance(epoch, Epoch):
            raise TypeError(f"an Epoch is needed, not {type(epoch).__name__}; see Epoch.from_bytes")
        number = unsigned(transaction_id, "transaction_id")
        call("callkey_epochs_add", self._open(), number, epoch, KEY_BYTES)

    def roster(self, transaction_id: int) -> None:
        """Sets the number of the roster that the server has announced: the newest epoch that waited for it
        comes into force.

        An older or equal number changes nothing.
        """
        call("callkey_epochs_roster", self._open(), unsigned(transaction_id, "transaction_id"))

    def current(self) -> tuple[int, Epoch]:
        """The number of the epoch in force, and a copy of it. Raises NoEpochError while there is none."""
        epoch = Epoch._zeros(KEY_BYTES)
        number = c_uint32(0)
        try:
            call("callkey_epochs_current", self._open(), epoch, byref(number))
        except NotFoundError as error:
            raise NoEpochError(str(error)) from None
        return number.value, epoch

    def __repr__(self) -> str:
        return f"<callkey.Epochs: {'open' if self._handle else 'closed'}>"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("the epochs of a call are not copied or pickled")
