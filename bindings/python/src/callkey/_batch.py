"""What a call for several devices at once returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import Array, c_int32, c_size_t, c_uint32
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._call import sized_bytes, texts
from ._offer import DeviceResult, EncType
from ._refusal import of_device
from .errors import NoDevicesError

if TYPE_CHECKING:
    from ._store import Store

# Bytes that are enough for most offers: with less, all messages are made a second time.
_AROUND, _EACH = 512, 256


@dataclass(frozen=True)
class Sealed(DeviceResult):
    """One device's part of a batch.

    ``content`` is its stanza (Store.seal_rekeys, where enc_type is not told) or its ciphertext
    (Store.seal_messages); b"" if it was skipped.
    """

    content: bytes = b""


class Batch:
    """The arguments that the calls for several devices share, and their results."""

    def __init__(
        self, store: Store, devices: Sequence[str], what: str, presented: Sequence[bytes | None] | None = None
    ) -> None:
        self.jids = texts(devices, what)
        self.n = len(self.jids)
        self.statuses: Array[c_int32] = (c_int32 * self.n)()
        self.enc_types: Array[c_uint32] = (c_uint32 * self.n)()
        self.ends: Array[c_size_t] = (c_size_t * self.n)()
        self._store, self._devices = store, devices
        self._presented = presented or [None] * self.n

    def done(self, run: Callable[[], None]) -> tuple[DeviceResult, ...]:
        """Runs a call without an output; NoDevicesError gets the results."""
        try:
            run()
        except NoDevicesError as error:
            error.results = self._results()
            raise
        return self._results()

    def with_output(self, invoke: Callable[[Any, Any], int]) -> tuple[bytes, tuple[DeviceResult, ...]]:
        """Runs a call with an output."""
        out = b""

        def run() -> None:
            nonlocal out
            out = sized_bytes(invoke, _AROUND + _EACH * self.n)

        results = self.done(run)
        return out, results

    def sealed(self, invoke: Callable[[Any, Any], int]) -> tuple[Sealed, ...]:
        """Runs a call whose output has a part for each device."""
        out, results = self.with_output(invoke)
        starts = [0, *self.ends][: self.n]
        return tuple(
            Sealed(result.jid, result.status, result.enc_type, result.error, out[start:end])
            for result, start, end in zip(results, starts, self.ends)
        )

    def _results(self) -> tuple[DeviceResult, ...]:
        return tuple(
            DeviceResult(jid, status, EncType(enc_type), of_device(self._store, jid, status, key))
            for jid, status, enc_type, key in zip(self._devices, self.statuses, self.enc_types, self._presented)
        )
