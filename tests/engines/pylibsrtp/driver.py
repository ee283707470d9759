"""pylibsrtp as an engine: see tests/engines/engine.py for the requests."""

from __future__ import annotations

from typing import Optional

from pylibsrtp import Error, Policy, Session

from tests.engines.requests import serve
from tests.engines.steps import Position, empty_report, steps
from tests.engines.stream import callkey


# docs: stream
def policy(keys: callkey.SRTPKeys, ssrc: int) -> Policy:
    return Policy(
        key=bytes(keys.libsrtp_key),
        ssrc_type=Policy.SSRC_SPECIFIC,
        ssrc_value=ssrc,
        srtp_profile=Policy.SRTP_PROFILE_AES128_CM_SHA1_32,  # SRTCP gets tags of 10 bytes
    )


def sender(keys: callkey.SRTPKeys, ssrc: int, first: int, reports: int = 0) -> Session:
    """A session that protects from the index ``first`` on, after so many RTCP packets with other keys."""
    session = Session(policy(keys, ssrc))
    for packet in steps(ssrc, first):
        session.protect(packet)
    for _ in range(reports):
        session.protect_rtcp(empty_report(ssrc))
    return session


def receiver(keys: callkey.SRTPKeys, ssrc: int, first: int) -> Session:
    session, other_side = (Session(policy(keys, ssrc)) for _ in range(2))
    for packet in steps(ssrc, first):
        session.unprotect(other_side.protect(packet))
    return session


# docs: end


class Side:
    """A stream. Its session is made for the next packet, because it begins at that packet's index."""

    def __init__(self, name: str, keys: callkey.SRTPKeys, ssrc: int, roc: int) -> None:
        self.name, self.keys, self.ssrc = name, keys, ssrc
        self.position = Position(roc)
        self.session: Optional[Session] = None

    def at(self, index: int) -> Session:
        if self.session is None:
            if self.name == "sender":
                self.session = sender(self.keys, self.ssrc, index, self.position.reports)
            else:
                self.session = receiver(self.keys, self.ssrc, index)
        return self.session

    def rtp(self, packet: bytes) -> bytes:
        session = self.at(self.position.index(packet))
        done = session.protect(packet) if self.name == "sender" else session.unprotect(packet)
        self.position.passed(packet)
        return done

    def rtcp(self, packet: bytes) -> bytes:
        session = self.at(self.position.next)
        if self.name == "receiver":
            return session.unprotect_rtcp(packet)
        self.position.reports += 1
        return session.protect_rtcp(packet)


class Pylibsrtp:
    def __init__(self) -> None:
        self.sides: dict[str, Side] = {}

    def begin(self, side: str, keys: callkey.SRTPKeys, ssrc: int, roc: int) -> None:
        self.sides[side] = Side(side, keys, ssrc, roc)

    def rekey(self, side: str, keys: callkey.SRTPKeys) -> None:
        self.sides[side].keys, self.sides[side].session = keys, None

    def protect(self, kind: str, packet: bytes) -> bytes:
        return getattr(self.sides["sender"], kind)(packet)

    def unprotect(self, kind: str, packet: bytes) -> bytes:
        return getattr(self.sides["receiver"], kind)(packet)


if __name__ == "__main__":
    serve(Pylibsrtp(), Error)
