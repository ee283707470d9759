"""The secrets of one call over time, from the stanzas of a log: the call key, the key of an accept, each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import callkey
from callkey import CallKey, OfferInfo, StanzaKind, Store

from .._e2e import E2ESecret
from .log import Entry
from .result import Call, Secret, Stanza


@dataclass
class InForce:
    """A secret and what the result tells of it."""

    secret: E2ESecret
    told: Secret


class CallSecrets:
    """What a log says about one call. Close it: it wipes the secrets."""

    def __init__(self, own: Sequence[str], *, call_id: str = "", participants: Sequence[str] = ()) -> None:
        """own: JIDs of this device. call_id: the call, if the log has several. participants: devices that may send."""
        self.own = tuple(dict.fromkeys(map(callkey.participant_id, own)))
        self.call_id = call_id
        self.creator = ""
        self.group = self.video = False
        self.secrets: list[InForce] = []
        self.stanzas: list[Stanza] = []
        self.others: list[str] = []
        """Ids of other calls in the log."""
        self._participants = dict.fromkeys((*self.own, *map(callkey.participant_id, participants)))
        self._times: list[float] = []

    def __enter__(self) -> CallSecrets:
        return self

    def __exit__(self, *ended: object) -> None:
        for each in self.secrets:
            each.secret.wipe()

    @property
    def participants(self) -> tuple[str, ...]:
        return tuple(self._participants)

    def told(self) -> Call:
        return Call(
            call_id=self.call_id,
            creator=self.creator,
            own=self.own,
            participants=self.participants,
            group=self.group,
            video=self.video,
            begun=min(self._times, default=None),
            ended=max(self._times, default=None),
        )

    def give(self, key: CallKey, source: str) -> None:
        """The call key from elsewhere, e.g. of a call that this device began."""
        self._add(key, "call key", source, None)

    def read(self, entries: Sequence[Entry], store: Store | None) -> None:
        """Opens the stanzas in their order. None: nothing opens."""
        for number, entry in enumerate(entries, 1):
            done, good, kind, sender = self._stanza(number, entry, store)
            self.stanzas.append(
                Stanza(number, entry.line, entry.time, self._outgoing(entry, sender), kind, sender, done, good)
            )

    def _outgoing(self, entry: Entry, sender: str) -> bool | None:
        if entry.outgoing is not None:
            return entry.outgoing
        return sender in self.own if sender else None

    def _stanza(self, number: int, entry: Entry, store: Store | None) -> tuple[str, bool, str, str]:
        if entry.problem:
            return entry.problem, False, "", ""
        info: OfferInfo | None
        carries = True
        try:
            _, info = callkey.offer_parse(entry.wire, own=self.own)
        except callkey.CallKeyError as problem:
            info = problem.info
            carries = not isinstance(problem, callkey.NotForThisDeviceError)
            if info is None:
                return f"does not parse: {problem}", False, "", ""
            if carries:
                return f"has a key that can't be read: {problem}", False, str(info.kind), info.sender
        kind = "rekey" if info.kind == StanzaKind.REKEY else str(info.kind)
        sender = callkey.participant_id(entry.sender) if entry.sender else info.sender
        if self.call_id and info.call_id and info.call_id != self.call_id:
            if info.call_id not in self.others:
                self.others.append(info.call_id)
            return f"of another call, {info.call_id}", True, kind, sender
        self._note(entry, info, sender)
        if not carries:
            return self._without_key(entry, info), True, kind, sender
        if entry.outgoing or (sender in self.own and not entry.sender):
            return "sent by this device: only the receiver can open its key", True, kind, sender
        if store is None:
            return "not opened: there is no session or identity to open it with", False, kind, sender
        try:
            done = self._opened(number, entry, info, sender, store)
        except callkey.DuplicateError:
            return "the same again: a server's redelivery", True, kind, sender
        except callkey.CallKeyError as problem:
            return f"not opened: {_explained(problem, sender)}", False, kind, sender
        return done, True, kind, sender

    def _note(self, entry: Entry, info: OfferInfo, sender: str) -> None:
        """Takes what every stanza says about its call."""
        self.call_id = self.call_id or info.call_id
        if info.call_creator and not self.creator:
            self.creator = info.call_creator
        self.group |= info.group or info.kind == StanzaKind.REKEY
        self.video |= info.video
        if entry.time is not None:
            self._times.append(entry.time)
        named = [info.call_creator, sender]
        with suppress(callkey.CallKeyError):
            named += callkey.offer_devices(entry.wire)
        for jid in named:
            if jid and "@" in jid and not jid.endswith("@g.us"):
                self._participants.setdefault(jid)

    def _without_key(self, entry: Entry, info: OfferInfo) -> str:
        if info.kind == StanzaKind.ACCEPT:
            return f"{info.sender or 'somebody'} answered"
        if info.kind in (StanzaKind.OFFER, StanzaKind.REKEY):
            devices = []
            with suppress(callkey.CallKeyError):
                devices = callkey.offer_devices(entry.wire)
            if devices and not any(device in self.own for device in devices):
                return f"its keys are for {', '.join(devices[:4])}, not for this device"
            return "has no key"
        return "nothing about keys"

    def _opened(self, number: int, entry: Entry, info: OfferInfo, sender: str, store: Store) -> str:
        named = sender or None
        if info.kind == StanzaKind.REKEY:
            epoch, info = store.open_rekey(entry.wire, sender=named)
            name = f"epoch {info.transaction_id}"
            return self._add(epoch, name, f"stanza {number}", entry.time)
        key, info = store.open_offer(entry.wire, own=self.own, sender=named)
        if info.kind == StanzaKind.ACCEPT:
            name = f"key of the accept of {info.sender}"
            return self._add(key, name, f"stanza {number}", entry.time, info.sender)
        return self._add(key, "call key", f"stanza {number}", entry.time)

    def _add(self, secret: E2ESecret, name: str, source: str, time: float | None, sender: str = "") -> str:
        fingerprint = secret.fingerprint
        for each in self.secrets:
            if each.told.name == name and each.told.fingerprint == fingerprint:
                secret.wipe()
                return f"{name} {fingerprint} again"
        if any(each.told.name == name for each in self.secrets):
            number = sum(each.told.name.split(" (")[0] == name for each in self.secrets) + 1
            name = f"{name} ({number})"
        if not sender:
            for each in self.secrets:
                if not each.told.sender and each.told.until is None and time is not None:
                    each.told = replace(each.told, until=time)
        self.secrets.append(InForce(secret, Secret(name, fingerprint, source, time, None, sender)))
        return f"{name} {fingerprint}"


def _explained(problem: callkey.CallKeyError, sender: str) -> str:
    """The error, and what would help."""
    if isinstance(problem, callkey.NoSessionError):
        return f"{problem}: a msg needs the session with {sender}"
    if isinstance(problem, callkey.NoPrekeyError):
        return f"{problem}: give it with --prekey or --signed-prekey, or the identity is another one's"
    if isinstance(problem, callkey.ConflictError):
        return f'{problem}: name the sending device as "from" in a log of JSON lines'
    if isinstance(problem, callkey.AuthenticationError):
        return f"{problem}: the identity, prekeys or session are not those that it was made for"
    return f"{problem} ({problem.name})"
