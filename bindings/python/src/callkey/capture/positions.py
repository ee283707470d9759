"""Which packets of a stream came: lost, twice and out of order."""

from __future__ import annotations

from .marks import Marks
from .result import Loss

_WINDOW = 8192
"""Packets back from the newest that are remembered."""


class Positions:
    """The positions of a stream's packets, which grow by one per packet sent."""

    def __init__(self) -> None:
        self.packets = self.lost = self.duplicates = self.reordered = 0
        self._seen = bytearray(_WINDOW)
        self._lowest = self.highest = -1
        self._last = 0.0
        self._losses = Marks()

    def add(self, position: int, time: float) -> bool:
        """Whether the packet is new. One that is further back than the window counts as a duplicate."""
        if self.packets == 0:
            self._lowest = self.highest = position
        elif position > self.highest:
            self._advance(position, time)
        elif position <= self.highest - _WINDOW or self._seen[position % _WINDOW]:
            self.duplicates += 1
            return False
        else:
            self.reordered += 1
            if position < self._lowest:
                self.lost += self._lowest - position - 1
                self._lowest = position
            else:
                self.lost -= 1
                self._losses.take(time)
        self._seen[position % _WINDOW] = 1
        self.packets += 1
        self._last = max(self._last, time)
        return True

    def losses(self) -> tuple[Loss, ...]:
        return self._losses.told()

    def _advance(self, position: int, time: float) -> None:
        skipped = position - self.highest - 1
        if skipped >= _WINDOW:
            self._seen = bytearray(_WINDOW)
        else:
            for between in range(self.highest + 1, position + 1):
                self._seen[between % _WINDOW] = 0
        if skipped:
            self.lost += skipped
            self._losses.add(self._last, time, skipped)
        self.highest = position
