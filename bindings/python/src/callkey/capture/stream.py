"""One stream while it is solved: the spans under each secret, and the index of its next packet (RFC 3711 §3.3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .positions import Positions
from .result import KeyUse, Kind, Stream
from .rtp import Header

_HALF = 1 << 15


@dataclass
class Span:
    """The packets under one secret. ``highest`` is the highest index; of RTP: ROC << 16 | sequence number."""

    secret: str
    since: float
    until: float
    first: int
    highest: int
    offset: int
    """From an index to a position in the stream."""
    packets: int = 0

    def told(self, rtcp: bool) -> KeyUse:
        first, last = (self.first, self.highest) if rtcp else (self.first >> 16, self.highest >> 16)
        return KeyUse(self.secret, self.since, self.until, self.packets, first, last)

    def estimate(self, number: int) -> int:
        """The roll-over counter of a sequence number, the one that makes it nearest to the highest. It may be -1."""
        roc, last = self.highest >> 16, self.highest & 0xFFFF
        if last < _HALF:
            return roc - 1 if number - last > _HALF else roc
        return roc + 1 if last - _HALF > number else roc


@dataclass
class Solved:
    """A stream with a known sender."""

    ssrc: int
    rtcp: bool
    kind: Kind
    sender: str
    ssrc_of: str
    named: bool
    source: str
    destination: str
    spans: list[Span] = field(default_factory=list)
    positions: Positions = field(default_factory=Positions)
    types: set[int] = field(default_factory=set)
    payload_bytes: int = 0
    refused: int = 0
    failures: int = 0
    """Packets in a row that nothing fits."""

    def begin(self, secret: str, header: Header, roc: int, time: float) -> Span:
        """A new span, of which this is the first packet."""
        index = header.number if header.rtcp else roc << 16 | header.number
        offset = 0
        if self.spans:
            last = self.spans[-1]
            expected = last.highest + last.offset + 1
            near = index + last.offset - expected
            if not -_HALF < near < _HALF:  # the counter began again
                step = 0 if header.rtcp else (header.number - last.highest - 1 + _HALF) % 65536 - _HALF
                offset = expected + step - index
            else:
                offset = last.offset
        span = Span(secret, time, time, index, index, offset)
        self.spans.append(span)
        return span

    def take(self, span: Span, header: Header, roc: int, time: float, size: int) -> int | None:
        """Counts an authenticated packet; returns its position, None for a duplicate."""
        index = header.number if header.rtcp else roc << 16 | header.number
        position = index + span.offset
        self.failures = 0
        if not self.positions.add(position, time):
            return None
        span.packets += 1
        span.since, span.until = min(span.since, time), max(span.until, time)
        span.first, span.highest = min(span.first, index), max(span.highest, index)
        self.types.add(header.type)
        self.payload_bytes += size
        return position

    def told(self) -> Stream:
        uses = tuple(span.told(self.rtcp) for span in self.spans)
        return Stream(
            ssrc=self.ssrc,
            rtcp=self.rtcp,
            kind=self.kind,
            sender=self.sender,
            ssrc_of=self.ssrc_of,
            named=self.named,
            secrets=uses,
            roc_first=uses[0].roc_first,
            roc_last=uses[-1].roc_last,
            first=min(use.since for use in uses),
            last=max(use.until for use in uses),
            packets=self.positions.packets,
            lost=self.positions.lost,
            duplicates=self.positions.duplicates,
            reordered=self.positions.reordered,
            refused=self.refused,
            payload_types=tuple(sorted(self.types)),
            payload_bytes=self.payload_bytes,
            source=self.source,
            destination=self.destination,
            losses=self.positions.losses(),
        )
