"""What every engine must do with our packets, and we with its own."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable
from typing import Callable

import tests.engines.stream as ours
from tests.engines.engine import Engine, Refused
from tests.engines.stream import SRTPError, SRTPReceiver, SRTPSender
from tools.script import Failed, expect

# Six packets before the sequence number starts again, six after it.
BEFORE, AROUND = 65530, 12
LATE = 70000  # a packet at ROC 1, far from the roll-over
RTP_TAG, RTCP_TRAILER = 4, 4 + 10  # RTCP: the index and the tag


class Checks:
    """Counts what held for one engine; the first thing that does not raises Failed."""

    def __init__(self, name: str) -> None:
        self.name, self.passed = name, 0

    def hold(self, condition: object, otherwise: str) -> None:
        expect(condition, f"{self.name}: {otherwise}")
        self.passed += 1

    def refused(self, what: str, attempt: Callable[[], object]) -> None:
        try:
            attempt()
        except (Refused, SRTPError):
            self.passed += 1
        else:
            raise Failed(f"{self.name}: {what} is not refused")

    # ---- Packets that we protect ----

    def opens(self, engine: Engine, sender: SRTPSender, packets: Iterable[bytes], when: str) -> None:
        """The engine's receiver gets these packets as they were."""
        for packet in packets:
            opened = self.accepted(engine, "rtp", sender.protect(packet), when)
            self.hold(opened == packet, f"our RTP packet {when} opens as {opened.hex()}, not {packet.hex()}")

    def opens_rtcp(self, engine: Engine, sender: SRTPSender, numbers: Iterable[int], when: str) -> None:
        for number in numbers:
            report = ours.sender_report(number)
            opened = self.accepted(engine, "rtcp", sender.protect_rtcp(report), when)
            self.hold(opened == report, f"our RTCP packet {when} opens as {opened.hex()}, not {report.hex()}")

    def accepted(self, engine: Engine, kind: str, protected: bytes, when: str) -> bytes:
        try:
            clear = engine.ask("unprotect", kind, protected)
        except Refused as refusal:
            raise Failed(f"{self.name} refuses our {kind.upper()} packet {when}: {refusal}") from None
        self.passed += 1
        return clear

    def receives(self, engine: Engine) -> None:
        """Over a roll-over, after a change of the key at ROC 1, and joined at ROC 1 and 3."""
        sender = SRTPSender(ours.FIRST, ours.SSRC)
        engine.begin("receiver", ours.FIRST)
        self.opens(engine, sender, ours.stream(BEFORE, AROUND), "around the roll-over")
        self.opens_rtcp(engine, sender, range(3), "with the first key")
        sender.rekey(ours.SECOND)
        early = SRTPSender(ours.SECOND, ours.SSRC, roc=1).protect(ours.rtp(LATE))
        self.refused("a packet with the next key", lambda: engine.ask("unprotect", "rtp", early))
        engine.rekey("receiver", ours.SECOND)
        self.opens(engine, sender, ours.stream(BEFORE + AROUND, 8), "after a change of the key at ROC 1")
        self.opens_rtcp(engine, sender, range(3, 6), "after a change of the key")
        old = SRTPSender(ours.FIRST, ours.SSRC, roc=1)
        self.refused("a packet with the old key", lambda: engine.ask("unprotect", "rtp", old.protect(ours.rtp(LATE))))
        for roc in (1, 3):
            sender = SRTPSender(ours.FIRST, ours.SSRC, roc=roc)
            engine.begin("receiver", ours.FIRST, roc)
            first = roc << 16 | 4000
            self.opens(engine, sender, ours.stream(first, 8), f"at ROC {roc}, joined there")
            self.opens_rtcp(engine, sender, range(3), f"joined at ROC {roc}")

    def refuses(self, engine: Engine, forgery_blocks: Collection[str]) -> None:
        """The wrong counter, the wrong suite, the wrong key, and one changed bit.

        ``forgery_blocks``: the kinds of packets of which a forged one makes the engine reject the real one too.
        """
        late = SRTPSender(ours.FIRST, ours.SSRC, roc=1).protect(ours.rtp(LATE))
        engine.begin("receiver", ours.FIRST)
        self.refused("a packet at ROC 1 by a receiver at ROC 0", lambda: engine.ask("unprotect", "rtp", late))
        long = SRTPSender(ours.FIRST, ours.SSRC, auth_tag=10).protect(ours.rtp(100))
        self.refused("a packet with a tag of 10 bytes", lambda: engine.ask("unprotect", "rtp", long))
        other = SRTPSender(ours.OTHER, ours.SSRC)
        self.refused("a packet of another call", lambda: engine.ask("unprotect", "rtp", other.protect(ours.rtp(101))))
        report = other.protect_rtcp(ours.sender_report(1))
        self.refused("an RTCP packet of another call", lambda: engine.ask("unprotect", "rtcp", report))
        right = SRTPSender(ours.FIRST, ours.SSRC)
        packet, report = right.protect(ours.rtp(102)), right.protect_rtcp(ours.sender_report(2))
        for kind, whole in (("rtp", packet), ("rtcp", report)):
            changed = whole[:-1] + bytes([whole[-1] ^ 1])
            self.refused(f"an {kind} packet with one changed bit", lambda: engine.ask("unprotect", kind, changed))  # noqa: B023
            if kind in forgery_blocks:
                self.refused(f"the {kind} packet that was forged", lambda: engine.ask("unprotect", kind, whole))  # noqa: B023
            else:
                self.accepted(engine, kind, whole, "after a forged one")
        forged = ours.sender_report(7) + (5).to_bytes(4, "big") + bytes(10)
        self.refused("a forged RTCP packet without encryption", lambda: engine.ask("unprotect", "rtcp", forged))
        short = report[:-10] + report[-10:-6]
        self.refused("an RTCP packet with a tag of 4 bytes", lambda: engine.ask("unprotect", "rtcp", short))

    # ---- Packets that the engine protects ----

    def protected(self, engine: Engine, kind: str, packet: bytes, when: str) -> bytes:
        try:
            return engine.ask("protect", kind, packet)
        except Refused as refusal:
            raise Failed(f"{self.name} does not protect {kind.upper()} {when}: {refusal}") from None

    def we_open(self, engine: Engine, receiver: SRTPReceiver, packets: Iterable[bytes], when: str) -> None:
        for packet in packets:
            protected = self.protected(engine, "rtp", packet, when)
            grown = len(protected) - len(packet)
            self.hold(grown == RTP_TAG, f"RTP grows by {grown} bytes, not {RTP_TAG}")
            try:
                opened = receiver.unprotect(protected)
            except SRTPError as error:
                raise Failed(f"{self.name}'s RTP packet {when}: {error}") from None
            self.hold(bytes(opened) == packet, f"its RTP packet {when} opens as {bytes(opened).hex()}")

    def we_open_rtcp(self, engine: Engine, receiver: SRTPReceiver, numbers: Iterable[int], when: str) -> list[int]:
        """Returns the SRTCP indexes."""
        indexes = []
        for number in numbers:
            report = ours.sender_report(number)
            protected = self.protected(engine, "rtcp", report, when)
            grown = len(protected) - len(report)
            self.hold(grown == RTCP_TRAILER, f"RTCP grows by {grown} bytes, not {RTCP_TRAILER}")
            try:
                opened = receiver.unprotect_rtcp(protected)
            except SRTPError as error:
                raise Failed(f"{self.name}'s RTCP packet {when}: {error}") from None
            self.hold(bytes(opened) == report, f"its RTCP packet {when} opens as {bytes(opened).hex()}")
            indexes.append(struct.unpack_from(">I", protected, len(protected) - RTCP_TRAILER)[0] & 0x7FFFFFFF)
        return indexes

    def sends(self, engine: Engine) -> None:
        receiver = SRTPReceiver(ours.FIRST, roc=0)
        engine.begin("sender", ours.FIRST)
        self.we_open(engine, receiver, ours.stream(BEFORE, AROUND), "around the roll-over")
        before = self.we_open_rtcp(engine, receiver, range(3), "with the first key")
        receiver.rekey(ours.SECOND)
        engine.rekey("sender", ours.SECOND)
        self.we_open(engine, receiver, ours.stream(BEFORE + AROUND, 8), "after a change of the key at ROC 1")
        after = self.we_open_rtcp(engine, receiver, range(3, 6), "after a change of the key")
        self.hold(after[0] > before[-1], f"its SRTCP index goes from {before[-1]} to {after[0]} when the key changes")
        for roc in (1, 3):
            engine.begin("sender", ours.FIRST, roc)
            receiver = SRTPReceiver(ours.FIRST, roc=roc)
            self.we_open(engine, receiver, ours.stream(roc << 16 | 4000, 8), f"at ROC {roc}, begun there")
            self.we_open_rtcp(engine, receiver, range(3), f"begun at ROC {roc}")

    def all(self, engine: Engine, forgery_blocks: Collection[str] = ()) -> None:
        self.receives(engine)
        self.refuses(engine, forgery_blocks)
        self.sends(engine)
