"""Which packets of a stream there were: the replay window and the roll-over counter (RFC 3711 §3.3.1 and §3.3.2)."""

from __future__ import annotations

WINDOW = 128  # packets; RFC 3711 §3.3.2 asks for 64 at least
HALF = 1 << 15  # of the sequence numbers
KEY_LIFETIME = 1 << 48  # RTP packets, RFC 3711 §9.2


class Window:
    """The highest index of a stream, and which of the WINDOW indices up to it there were."""

    def __init__(self) -> None:
        self.highest = -1
        self._there = 0  # bit n is the index highest - n

    def seen(self, index: int) -> str:
        """Why a packet with this index must not be taken; "" if it may."""
        behind = self.highest - index
        if behind >= WINDOW:
            return f"it is {behind} packets behind the newest, and the replay window has {WINDOW}"
        return "the packet was there before" if behind >= 0 and self._there >> behind & 1 else ""

    def add(self, index: int) -> None:
        ahead = index - self.highest
        if ahead > 0:
            self._there = self._there << min(ahead, WINDOW) & ((1 << WINDOW) - 1)
            self.highest = index
        self._there |= 1 << self.highest - index

    def rekeyed(self) -> None:
        """Nothing was there under the new keys. The highest index stays."""
        self._there = 0


class Stream(Window):
    """The RTP packets of an SSRC. An index is its roll-over counter · 2^16 + its sequence number.

    Here the index counts on beyond 2^48, where the roll-over counter starts again.
    """

    def __init__(self, roc: int) -> None:
        super().__init__()
        self._first_roc = roc
        self.limit = KEY_LIFETIME  # the first index that the keys may not protect

    def index(self, sequence: int) -> int:
        """The likely index of a packet: with the roll-over counter that brings it nearest to the highest one.

        That is RFC 3711 appendix A, except that there is no counter before 0.
        """
        if self.highest < 0:
            return self._first_roc << 16 | sequence
        roc, newest = self.highest >> 16, self.highest & 0xFFFF
        if newest < HALF:
            if sequence - newest > HALF and roc > 0:
                roc -= 1
        elif newest - HALF > sequence:
            roc += 1
        return roc << 16 | sequence

    def rekeyed(self) -> None:
        super().rekeyed()
        self.limit = self.highest + 1 + KEY_LIFETIME


def roc_of(index: int) -> int:
    return index >> 16 & 0xFFFFFFFF
