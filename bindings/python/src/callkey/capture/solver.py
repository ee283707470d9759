"""Finds the sender, the secret and the roll-over counter of every packet, and yields what is authentic in the clear.

One pass, in the order of the capture: the log was read before, so every secret is known. A packet of a solved stream
costs one HMAC. Only where its tag is wrong, and for a new SSRC, other counters, secrets and participants are tried.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from .._memory import PYPY
from . import datagram, rtp
from .datagram import Datagram
from .keyring import Keyring
from .records import Records, link_name
from .refusals import Refusals
from .result import KeyChange, PlainPacket, Reason, Result
from .rtp import Header
from .search import COUNTERS, Search
from .secrets import CallSecrets
from .stream import Solved, Span

_TRIES = 4
"""Packets in a row of an SSRC for which all is tried. Afterwards what is unlikely is tried for every 64th only, so that
a flood costs little."""
_COLLECTED = 512
"""Packets. On PyPy OpenSSL's contexts wait for the garbage collector, which does not know how large they are."""
_MOST_UNSOLVED = 1000
"""SSRCs that are remembered although nothing fits them."""
_MOST_STREAMS = 4096
"""Solved streams at most: each takes 12 KiB, and a participant can send under any number of SSRCs."""


class _Accepted(NamedTuple):
    span: Span
    roc: int


class _Refusal(NamedTuple):
    reason: Reason
    told: str
    fits: str = ""


_DAMAGED = _Refusal(Reason.DAMAGED, "no secret, participant or counter gives the tag")


class Solver:
    """Solves one capture. Iterate over packets() once, then told() is complete. Close it: it wipes the keys."""

    def __init__(self, records: Records, call: CallSecrets, *, decrypt: bool = True) -> None:
        self._records = records
        self._call = call
        self._decrypt = decrypt
        self._keyring = Keyring(call)
        self._search = Search(self._keyring)
        self._streams: dict[tuple[int, bool], Solved] = {}
        self._unsolved: dict[tuple[int, bool], int] = {}
        """How many packets of an SSRC came that nothing fits."""
        self._further = _TRIES
        """The same of the SSRCs beyond those that are remembered, all together."""
        self._beyond = 0
        """Packets of further SSRCs, which came when there were so many streams."""
        self._late: dict[tuple[int, bool], int] = {}
        """How many came before the first one that something fits."""
        self._changes: list[KeyChange] = []
        self._refusals = Refusals()
        self._unread: dict[int, int] = {}
        """Packets by the link types that are not read."""

    def close(self) -> None:
        self._keyring.close()

    def packets(self) -> Iterator[tuple[PlainPacket, Datagram]]:
        """Each authentic packet once, with the datagram that it came in. ``data`` is empty without ``decrypt``."""
        for number, record in enumerate(self._records):
            if PYPY and number % _COLLECTED == 0:
                gc.collect()
            if record.link not in datagram.SUPPORTED:
                self._unread[record.link] = self._unread.get(record.link, 0) + 1
                continue
            read = datagram.read(record)
            if isinstance(read, str):
                self._refusals.add(Reason.NOT_SRTP, record.time, read)
                continue
            header = rtp.header(read.payload)
            if header is None:
                name = rtp.other(read.payload, read.ports)
                self._refusals.add(Reason.TRUNCATED if read.cut else Reason.NOT_SRTP, read.time, name)
                continue
            plain = self._packet(read, header)
            if plain is not None:
                yield plain, read

    def _packet(self, read: Datagram, header: Header) -> PlainPacket | None:
        stream = self._streams.get((header.ssrc, header.rtcp))
        verdict: _Accepted | _Refusal
        if read.cut:
            verdict = _Refusal(Reason.TRUNCATED, "the capture has only the start of the packet")
        elif stream is None:
            verdict = self._first(read, header)
            stream = self._streams.get((header.ssrc, header.rtcp))
        else:
            verdict = self._next(stream, read, header)
        if isinstance(verdict, _Refusal):
            if stream is not None:
                stream.refused += 1
            reason, told, fits = verdict
            self._refusals.add(reason, read.time, told, ssrc=header.ssrc, rtcp=header.rtcp, fits=fits)
            return None
        assert stream is not None
        span, roc = verdict
        trailer = rtp.RTCP_TAG_BYTES + 4 if header.rtcp else rtp.TAG_BYTES
        size = len(read.payload) - header.size - trailer
        position = stream.take(span, header, roc, read.time, size)
        if position is None:
            return None
        data = b""
        if self._decrypt:
            data = self._keyring.protection(span.secret, stream.sender).plain(read.payload, header, roc)
        return PlainPacket(read.time, header.ssrc, header.rtcp, stream.kind, stream.sender, position, data)

    # The first packet of a stream

    def _first(self, read: Datagram, header: Header) -> _Accepted | _Refusal:
        if len(self._streams) >= _MOST_STREAMS:
            self._beyond += 1
            return _Refusal(Reason.NOT_OF_THIS_CALL, f"there are {_MOST_STREAMS:,} streams already")
        key = (header.ssrc, header.rtcp)
        owner, kind = self._keyring.owner(header.ssrc)
        full = not owner and len(self._unsolved) >= _MOST_UNSOLVED
        failed = self._unsolved.get(key, self._further if full else 0)
        if failed < _TRIES or failed % 64 == 0:
            found = self._search.found(read.payload, header, unnamed=failed < 2)
        else:
            found = self._search.own(read.payload, header)
        if found is not None:
            sender, secret, roc = found
            named = sender in self._call.participants
            stream = Solved(header.ssrc, header.rtcp, kind, sender, owner, named, read.source, read.destination)
            stream.refused = failed
            self._streams[key] = stream
            if key in self._unsolved:
                self._late[key] = self._unsolved.pop(key)
            return _Accepted(stream.begin(secret, header, roc, read.time), roc)
        if full and key not in self._unsolved:
            self._further += 1
        else:
            self._unsolved[key] = failed + 1
        if owner:
            told = f"the SSRC is that of {owner}'s {kind}, but no known secret gives the tag"
            return _Refusal(Reason.NO_SECRET, told)
        return _Refusal(Reason.NOT_OF_THIS_CALL, "no participant's SSRC, and no known secret gives the tag")

    # A packet of a solved stream

    def _next(self, stream: Solved, read: Datagram, header: Header) -> _Accepted | _Refusal:
        span = stream.spans[-1]
        roc = 0 if header.rtcp else span.estimate(header.number)
        if roc >= 0 and self._fits(span.secret, stream.sender, read.payload, header, roc):
            return _Accepted(span, roc)
        stream.failures += 1
        wide = stream.failures <= _TRIES or stream.failures % 64 == 0
        verdict = self._under_earlier(stream, read, header) or self._under_another(stream, read, header, wide)
        if verdict is None and wide and not header.rtcp:
            verdict = self._at_another_counter(stream, read, header)
        if verdict is None and wide:
            verdict = self._of_another(stream, read, header)
        return verdict or _DAMAGED

    def _fits(self, secret: str, sender: str, packet: bytes, header: Header, roc: int) -> bool:
        protection = self._keyring.protection(secret, sender)
        return protection.fits_rtcp(packet) if header.rtcp else protection.fits(packet, roc)

    def _under_earlier(self, stream: Solved, read: Datagram, header: Header) -> _Accepted | _Refusal | None:
        """A secret that the stream had before: late packets from before the change, and others, which are refused."""
        last = stream.spans[-1]
        for span in reversed(stream.spans[:-1]):
            roc = 0 if header.rtcp else max(0, span.estimate(header.number))
            if not self._fits(span.secret, stream.sender, read.payload, header, roc):
                continue
            index = header.number if header.rtcp else roc << 16 | header.number
            if index + span.offset < last.first + last.offset:
                return _Accepted(span, roc)
            told = f"under {span.secret}, which the stream has replaced with {last.secret}"
            return _Refusal(Reason.ANOTHER_EPOCH, told, span.secret)
        return None

    def _under_another(self, stream: Solved, read: Datagram, header: Header, wide: bool) -> _Accepted | None:
        """A change of keys, at the counter that is expected, or, if ``wide``, at any."""
        last = stream.spans[-1]
        expected = 0 if header.rtcp else max(0, last.estimate(header.number))
        used = {span.secret for span in stream.spans}
        for each in self._keyring.secrets_for(stream.sender):
            secret = each.told.name
            if secret in used:
                continue
            roc: int | None = expected
            if not self._fits(secret, stream.sender, read.payload, header, expected):
                roc = None
                if wide and not header.rtcp:
                    roc = self._keyring.protection(secret, stream.sender).counter(read.payload, COUNTERS)
            if roc is None:
                continue
            kept = header.number > last.highest if header.rtcp else roc == expected
            span = stream.begin(secret, header, roc, read.time)
            self._changes.append(KeyChange(read.time, header.ssrc, header.rtcp, last.secret, secret, kept))
            return _Accepted(span, roc)
        return None

    def _at_another_counter(self, stream: Solved, read: Datagram, header: Header) -> _Accepted | _Refusal | None:
        span = stream.spans[-1]
        expected = span.estimate(header.number)
        protection = self._keyring.protection(span.secret, stream.sender)
        roc = protection.counter(read.payload, COUNTERS, max(0, expected + 1))
        if roc is not None:  # more than 32,768 packets are not in the capture
            return _Accepted(span, roc)
        roc = protection.counter(read.payload, max(0, expected))
        if roc is None:
            return None
        told = "its sender did not count a roll-over, or an old packet came again"
        return _Refusal(Reason.WRONG_COUNTER, told, f"roll-over counter {roc}, not {expected}")

    def _of_another(self, stream: Solved, read: Datagram, header: Header) -> _Refusal | None:
        """Another participant's keys."""
        expected = 0 if header.rtcp else max(0, stream.spans[-1].estimate(header.number))
        for participant in self._call.participants:
            for each in self._keyring.secrets_for(participant) if participant != stream.sender else ():
                for roc in {expected, 0}:
                    if self._fits(each.told.name, participant, read.payload, header, roc):
                        told = f"keyed by {participant}, but the stream is {stream.sender}'s"
                        return _Refusal(Reason.WRONG_DEVICE, told, participant)
        return None

    # The result

    def told(self) -> Result:
        file, call = self._records.told(), self._call.told()
        streams = tuple(stream.told() for stream in self._streams.values())
        used = {use.secret for stream in streams for use in stream.secrets}
        times = [time for stream in streams for time in (stream.first, stream.last)]
        times += [time for time in (call.begun, call.ended) if time is not None]
        return Result(
            file=file,
            call=replace(call, begun=min(times, default=None), ended=max(times, default=None)),
            secrets=tuple(replace(each.told, used=each.told.name in used) for each in self._call.secrets),
            stanzas=tuple(self._call.stanzas),
            streams=streams,
            changes=tuple(self._changes),
            refused=self._refusals.told(),
            missing=tuple(self._missing(file.cut)),
        )

    def _missing(self, cut: str) -> Iterator[str]:
        if not self._call.secrets:
            yield "no secret is known: no key in the log opens here, and none was given; --key gives the call key"
        if not self._call.call_id:
            yield "the call's id is not known, so no SSRC tells which stream is which; --call-id gives it"
        for other in self._call.others:
            yield f"the log has the call {other} too; --call-id chooses it"
        if self._beyond:
            yield f"there are more than {_MOST_STREAMS:,} streams: {self._beyond} packets of others are not read"
        if self._call.crowded:
            yield "the log names more than 4,096 devices: those after them are not looked for"
        if self._call.unlisted:
            yield f"{self._call.unlisted} stanzas after the first 10,000 can't be read or opened"
        for ssrc, rtcp in self._unsolved:
            owner, kind = self._keyring.owner(ssrc)
            if owner:
                what = "RTCP" if rtcp else "packets"
                yield f"no known secret opens the {what} of {owner}'s {kind}, SSRC {ssrc:#010x}"
        for (ssrc, rtcp), packets in self._late.items():
            owner, kind = self._keyring.owner(ssrc)
            if owner and packets > _TRIES:
                what = "RTCP" if rtcp else "packets"
                yield f"no known secret opens the first {packets} {what} of {owner}'s {kind}, SSRC {ssrc:#010x}"
        for link, packets in self._unread.items():
            yield f"{link_name(link)} is not read: {packets} packets"
        if cut:
            yield cut
