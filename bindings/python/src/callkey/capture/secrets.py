"""The secrets of one call over time, from the stanzas of a log: the call key, the key of an accept, each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import callkey
from callkey import CallKey, OfferInfo, StanzaKind, Store

from .._e2e import E2ESecret
from .result import Call, Secret, Stanza

if TYPE_CHECKING:
    from ..cli.log import Entry


_CARRIERS = (StanzaKind.OFFER, StanzaKind.REKEY)
_KEPT = ": only its receiver can open its key; give the call key with --key"
_LATEST = 1 << 32
"""Seconds since 1970. A later time is a mistake of the log, and counts as none."""
_SERVERS = ("lid", "s.whatsapp.net", "hosted", "hosted.lid")
"""Those with devices."""
_MOST_PARTICIPANTS = 4096
"""Devices of a log at most, so that a hostile one costs neither hours nor the memory."""
_MOST_STANZAS = 10_000
_MOST_OTHERS = 100


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
        self.unlisted = 0
        """Stanzas after the first 10,000, which ``stanzas`` has, because of which something is missing."""
        self.others: list[str] = []
        """Ids of other calls in the log, the first 100."""
        self.crowded = False
        """The log names more devices than are looked for."""
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

    def read(self, entries: Iterable[Entry], store: Store | None) -> None:
        """Opens the stanzas in their order. None: nothing opens."""
        for given in entries:
            entry = given
            if entry.time is not None and entry.time >= _LATEST:
                entry = replace(entry, time=None)
            done, good, kind, sender = self._stanza(entry, store)
            if len(self.stanzas) == _MOST_STANZAS:
                self.unlisted += not good
                continue
            self.stanzas.append(
                Stanza(entry.index, entry.place, entry.time, self._outgoing(entry, sender), kind, sender, done, good)
            )

    def _outgoing(self, entry: Entry, sender: str) -> bool | None:
        if entry.direction is not None:
            return entry.direction == "out"
        return sender in self.own if sender else None

    def _stanza(self, entry: Entry, store: Store | None) -> tuple[str, bool, str, str]:
        if entry.wrong:
            return entry.wrong, False, "", ""
        info: OfferInfo | None
        carries = True
        try:
            _, info = callkey.offer_parse(entry.stanza, own=self.own)
        except callkey.CallKeyError as problem:
            info = problem.info
            carries = not isinstance(problem, callkey.NotForThisDeviceError)
            if info is None:
                return f"does not parse: {problem}", False, "", ""
            if carries:
                return f"has a key that can't be read: {problem}", False, str(info.kind), info.sender
        kind, sender = str(info.kind), info.sender
        if entry.sender:
            try:
                sender = callkey.participant_id(entry.sender)
            except callkey.CallKeyError as problem:
                return f'"from" is not a device: {problem}', False, kind, sender
        if self.call_id and info.call_id and info.call_id != self.call_id:
            if info.call_id not in self.others and len(self.others) < _MOST_OTHERS:
                self.others.append(info.call_id)
            return f"of another call, {info.call_id}", True, kind, sender
        self._note(entry, info, sender)
        if entry.direction == "out" or sender in self.own:
            return f"sent by this device{_KEPT if info.kind in _CARRIERS else ''}", True, kind, sender
        if not carries:
            return *self._without_key(entry, info), kind, sender
        if store is None:
            return "not opened: there is no session or identity to open it with", False, kind, sender
        try:
            done = self._opened(entry, store, info.kind)
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
            named += callkey.offer_devices(entry.stanza)
        for jid in named:
            if jid.rpartition("@")[2] not in _SERVERS or jid in self._participants:
                continue
            if len(self._participants) >= _MOST_PARTICIPANTS:
                self.crowded = True
                return
            self._participants[jid] = None

    def _without_key(self, entry: Entry, info: OfferInfo) -> tuple[str, bool]:
        """What came of it, and whether nothing is missing."""
        if info.kind == StanzaKind.ACCEPT:
            return f"{info.sender or 'somebody'} answered", True
        if info.kind not in _CARRIERS:
            return "nothing about keys", True
        devices = []
        with suppress(callkey.CallKeyError):
            devices = callkey.offer_devices(entry.stanza)
        if devices:
            return f"its keys are for {', '.join(devices[:4])}, not for this device", False
        return "has no key", True

    def _opened(self, entry: Entry, store: Store, kind: StanzaKind) -> str:
        named = entry.sender or None  # otherwise the library's rules choose
        if kind == StanzaKind.REKEY:
            epoch, info = store.open_rekey(entry.stanza, sender=named)
            name = f"epoch {info.transaction_id}"
            return self._add(epoch, name, f"stanza {entry.index}", entry.time)
        key, info = store.open_offer(entry.stanza, own=self.own, sender=named)
        if info.kind == StanzaKind.ACCEPT:
            name = f"key of the accept of {info.sender}"
            return self._add(key, name, f"stanza {entry.index}", entry.time, info.sender)
        return self._add(key, "call key", f"stanza {entry.index}", entry.time)

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
