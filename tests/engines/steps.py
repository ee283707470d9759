"""Leads an engine without a function for the ROC to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional


# docs: steps
def steps(ssrc: int, first: int) -> Iterator[bytes]:
    """RTP packets that lead an engine from ROC 0 to the index ``first``, which is ROC * 65536 + sequence number.

    Each is less than 32768 after the one before, so the engine counts every roll-over. They are never sent.
    """
    for index in range(first % 30000, first, 30000) if first > 0xFFFF else ():
        yield b"\x80\0" + (index & 0xFFFF).to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big")


def empty_report(ssrc: int) -> bytes:
    """An RTCP packet that leads an engine's SRTCP index one further."""
    return b"\x80\xc9\0\1" + ssrc.to_bytes(4, "big")


# docs: end


class Position:
    """Where a stream is, which an app knows from the packets that it sends or gets."""

    def __init__(self, roc: int) -> None:
        self._roc = roc
        self._last: Optional[int] = None
        self.reports = 0

    def index(self, packet: bytes) -> int:
        """The index of the next packet."""
        sequence = int.from_bytes(packet[2:4], "big")
        if self._last is None:
            return self._roc << 16 | sequence
        return self._last + (sequence - self._last + 0x8000) % 0x10000 - 0x8000

    def passed(self, packet: bytes) -> None:
        self._last = self.index(packet)

    @property
    def next(self) -> int:
        """The index to begin at before the next packet is there."""
        return self._roc << 16 if self._last is None else self._last + 1
