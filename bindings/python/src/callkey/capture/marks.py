"""Counts over time, bounded however long the capture is."""

from __future__ import annotations

from .result import Loss

_MOST = 256


class Marks:
    """Numbers of packets at times, in order. Beyond 512 spans neighbours are merged."""

    def __init__(self) -> None:
        self._spans: list[list[float]] = []
        self._narrow = 0.0
        """Seconds within which packets count as one span."""

    def add(self, since: float, until: float, packets: int = 1) -> None:
        last = self._spans[-1] if self._spans else None
        if last is not None and since - last[1] <= self._narrow:
            last[1] = max(last[1], until)
            last[2] += packets
            return
        self._spans.append([since, until, packets])
        if len(self._spans) > 2 * _MOST:
            self._merge()

    def take(self, time: float) -> None:
        """A packet that was counted came after all: one less in the last span that is not later."""
        for span in reversed(self._spans):
            if span[0] <= time and span[2] > 0:
                span[2] -= 1
                break

    def told(self) -> tuple[Loss, ...]:
        while len(self._spans) > _MOST:
            self._merge()
        return tuple(Loss(since, until, int(packets)) for since, until, packets in self._spans if packets > 0)

    def _merge(self) -> None:
        """Half as many spans, and from now on as coarse."""
        pairs = zip(self._spans[::2], self._spans[1::2])
        merged = [[one[0], two[1], one[2] + two[2]] for one, two in pairs]
        if len(self._spans) % 2:
            merged.append(self._spans[-1])
        self._spans = merged
        self._narrow = (merged[-1][1] - merged[0][0]) / (2 * _MOST)
