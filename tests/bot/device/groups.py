"""A device's group calls: their epochs, made or received."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Optional

from tests.bot.device.calls import IDENTITY
from tests.bot.device.media import Media
from tests.bot.device.sessions import Sessions
from tests.bot.package import callkey


@dataclass
class Group:
    epochs: callkey.Epochs
    creator: str
    opened: set[int] = field(default_factory=set)
    made: dict[int, callkey.Epoch] = field(default_factory=dict)


class Groups:
    def __init__(self, jid: str, store: callkey.Store, sessions: Sessions, media: Media) -> None:
        self.jid, self.store, self.sessions, self.media = jid, store, sessions, media
        self.known: dict[str, Group] = {}

    def _known(self, group: str, creator: str) -> Group:
        return self.known.setdefault(group, Group(callkey.Epochs(), creator))

    def rekey(self, group: str, creator: str, number: int, devices: list[str]) -> dict[str, Any]:
        """A fresh epoch for these devices, which also opens a group call."""
        of = self._known(group, creator)
        epoch = of.made[number] = callkey.Epoch.generate()
        around = self._around(group, devices[0])
        made, sealed = self.sessions.seal_all(
            devices, lambda: self.store.seal_rekeys(epoch, devices, around, transaction_id=number)
        )
        sent = [_sent(one.content, {one.jid: sealed[one.jid]}) for one in made]
        of.epochs.add(number, epoch)
        return {"sent": sent, "keys": self.media.derived(scope(group, number), epoch, [self.jid, *devices])}

    def _sealed(self, group: str, number: int, jid: str) -> dict[str, Any]:
        epoch, around = self.known[group].made[number], self._around(group, jid)
        wire, sealed = self.sessions.seal(
            [jid], lambda: self.store.seal_rekey(epoch, jid, around, transaction_id=number)
        )
        return _sent(wire, sealed)

    def _around(self, group: str, jid: str) -> callkey.OfferOptions:
        creator = self.known[group].creator
        return callkey.OfferOptions(to=jid, call_id=group, call_creator=creator, device_identity=IDENTITY)

    def again(self, group: str, number: int, jid: str) -> Optional[dict[str, Any]]:
        of = self.known.get(group)
        if of is None or number not in of.made:
            return None
        self.sessions.begin(jid)
        return self._sealed(group, number, jid)

    def opened(self, wire: bytes, participants: list[str], sender: Optional[str]) -> dict[str, Any]:
        epoch, info = self.store.open_rekey(wire, sender=sender)
        number = info.transaction_id
        of = self._known(info.call_id, info.call_creator)
        of.opened.add(number)
        told: dict[str, Any] = {"call": info.call_id, "outcome": "opened", "sender": info.sender, "number": number}
        try:
            of.epochs.add(number, epoch)
        except callkey.StaleError:
            told["stale"] = True
        told["keys"] = self.media.derived(scope(info.call_id, number), epoch, participants)
        return told

    def holds(self, group: str, number: int) -> bool:
        return group in self.known and number in self.known[group].opened

    def roster(self, group: str, creator: str, number: int) -> dict[str, Any]:
        self._known(group, creator).epochs.roster(number)
        return {"call": group, "outcome": "told"}

    def current(self, group: str, participants: list[str]) -> dict[str, Any]:
        """The epoch in force and everybody's keys of it."""
        of = self.known.get(group)
        if of is None:
            return {"unknown": True}
        try:
            number, epoch = of.epochs.current()
        except callkey.NotFoundError:
            return {"number": 0}
        with epoch:
            return {"number": number, "keys": self.media.derived(scope(group, number), epoch, participants)}

    def end(self, group: str) -> None:
        of = self.known.pop(group, None)
        if of is not None:
            of.epochs.close()
            for epoch in of.made.values():
                epoch.wipe()


def _sent(wire: bytes, sealed: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {"wire": b64encode(wire).decode(), "sealed": sealed}


def scope(group: str, number: int) -> str:
    return f"{group} epoch {number}"
