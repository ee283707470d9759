"""The search for the sender, secret and roll-over counter of a packet whose stream is not known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import callkey

from .keyring import Keyring
from .rtp import Header

COUNTERS = 256
"""Roll-over counters that are tried for an SSRC of the call: at 50 packets in a second a call of three days."""
_FOREIGN_TRIALS = 4096
"""Tags that are computed for an SSRC that is derived for nobody: so many that a few participants are tried with 64
counters, and many with fewer, so that a large group takes no seconds for each foreign SSRC."""
_FOREIGN_COUNTERS = 64
_DEVICES = 100
"""Device numbers that are tried for each user if no named device fits."""
_UNNAMED = 4096
"""Such devices at most, as select_participant takes: of many users fewer numbers are tried, of more users none."""
_FEW_COUNTERS = 4
"""Roll-over counters that are tried for those, and for every packet."""

_FRUITLESS = 128
"""Searches among those devices that may fail, for the whole capture: one costs milliseconds, and other traffic may have
millions of packets that look like SRTP."""


class Found(NamedTuple):
    """roc is 0 for RTCP, where the packet has its index."""

    sender: str
    secret: str
    roc: int


class Search:
    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._unnamed: list[str] | None = None
        self._fruitless = 0

    def own(self, packet: bytes, header: Header) -> Found | None:
        """The secret of the SSRC's own participant that gives the tag, with a small counter. This is cheap."""
        owner, _ = self._keyring.owner(header.ssrc)
        for each in self._keyring.secrets_for(owner) if owner else ():
            protection = self._keyring.protection(each.told.name, owner)
            if header.rtcp and protection.fits_rtcp(packet):
                return Found(owner, each.told.name, 0)
            roc = None if header.rtcp else protection.counter(packet, _FEW_COUNTERS)
            if roc is not None:
                return Found(owner, each.told.name, roc)
        return None

    def found(self, packet: bytes, header: Header, *, unnamed: bool) -> Found | None:
        """The first that gives the tag: of the SSRC's own participant, of others, if ``unnamed`` of devices that the
        log omits."""
        owner, _ = self._keyring.owner(header.ssrc)
        named = self._keyring.call.participants
        pairs = max(1, len(named) * len(self._keyring.call.secrets))
        foreign = max(_FEW_COUNTERS, min(_FOREIGN_COUNTERS, _FOREIGN_TRIALS // pairs))
        for participant in sorted(named, key=lambda each: each != owner):
            most = COUNTERS if participant == owner else foreign
            for each in self._keyring.secrets_for(participant):
                protection = self._keyring.protection(each.told.name, participant)
                if header.rtcp and protection.fits_rtcp(packet):
                    return Found(participant, each.told.name, 0)
                roc = None if header.rtcp else protection.counter(packet, most)
                if roc is not None:
                    return Found(participant, each.told.name, roc)
        return self._of_unnamed(packet) if unnamed and not header.rtcp else None

    def _of_unnamed(self, packet: bytes) -> Found | None:
        if self._fruitless >= _FRUITLESS:
            return None
        if self._unnamed is None:
            named = self._keyring.call.participants
            self._unnamed = [device for device in _devices(named) if device not in named]
        for each in self._keyring.call.secrets if self._unnamed else ():
            for roc in range(_FEW_COUNTERS):
                with suppress(callkey.AuthenticationError):
                    index = callkey.select_participant(each.secret, self._unnamed, packet, roc=roc)
                    return Found(self._unnamed[index], each.told.name, roc)
        self._fruitless += 1
        return None


def _devices(named: tuple[str, ...]) -> Iterator[str]:
    """Device numbers of every user that is named."""
    users = dict.fromkeys((jid.partition("@")[0].partition(":")[0], jid.rpartition("@")[2]) for jid in named)
    numbers = min(_DEVICES, _UNNAMED // max(1, len(users)))
    for user, server in users:
        for number in range(numbers):
            yield callkey.participant_id(f"{user}:{number}@{server}")
