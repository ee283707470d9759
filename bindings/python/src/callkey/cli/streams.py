"""Who sent the packets of each SSRC: every stream has its own answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import callkey

from .packets import Packet

_HALF = 1 << 15
"""Of the sequence numbers."""


class Stream:
    """The packets of one SSRC. ``senders`` counts those with a tag of a candidate, by its index."""

    def __init__(self, ssrc: int, roc: int) -> None:
        self.ssrc = ssrc
        self.roc = roc
        self.packets = 0
        self.senders: Counter[int] = Counter()
        self._highest: int | None = None

    @property
    def sender(self) -> int | None:
        """The index of the only sender; None without one, or with several."""
        return next(iter(self.senders)) if len(self.senders) == 1 else None

    def guessed(self, sequence: int) -> int:
        """The roll-over counter of a packet (RFC 3711 section 3.3.1)."""
        if self._highest is None:
            return self.roc
        ahead = sequence - self._highest
        if ahead > _HALF and self.roc > 0:
            return self.roc - 1
        return self.roc + 1 if ahead < -_HALF else self.roc

    def matched(self, sender: int, sequence: int, roc: int) -> None:
        self.senders[sender] += 1
        if self._highest is None or (roc, sequence) > (self.roc, self._highest):
            self.roc, self._highest = roc, sequence


class Streams:
    """All streams of the packets that are given, by SSRC, in the order of their first packets."""

    def __init__(self, key: callkey.CallKey, candidates: Sequence[str], *, roc: int, tag_len: int) -> None:
        self._key = key
        self.candidates, self.roc, self.tag_len = candidates, roc, tag_len
        self.by_ssrc: dict[int, Stream] = {}

    def sender(self, packet: Packet) -> int | None:
        """The index of the candidate with the key that gives the packet's tag. Raises MalformedError."""
        stream = self.by_ssrc.get(packet.ssrc) or Stream(packet.ssrc, self.roc)
        roc = stream.guessed(packet.sequence)
        found: int | None
        try:
            found = callkey.select_participant(self._key, self.candidates, packet.data, roc=roc, tag_len=self.tag_len)
        except callkey.AuthenticationError:
            found = None
        self.by_ssrc[packet.ssrc] = stream
        stream.packets += 1
        if found is not None:
            stream.matched(found, packet.sequence, roc)
        return found
