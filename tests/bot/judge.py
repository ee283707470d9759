"""Judges what the devices report: keys that must be equal, and losses that must have a cause.

It knows what was done to the devices, and nothing of what the library keeps.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable

from tests.bot.counts import Counts
from tests.bot.letter import Delivery, Letter
from tests.bot.user import Device

AUTHENTICATION = "CALLKEY_ERR_AUTHENTICATION"
DUPLICATE = "CALLKEY_ERR_DUPLICATE"

KILLED = "the device was killed between the library's commit and its own"
RECEIVER_REINSTALLED = "sealed for an installation that is gone"
SENDER_REINSTALLED = "sealed by an installation that is gone"
SESSION_LOST = "sealed in a session that the device lost"
STORE_RESTORED = "the device went back to a copy of its store, from before the session or its newest keys"
SENDER_RESTORED = "the sender went back to a copy of its store, and met the session there for the first time"
SENDER_GONE = "the sender's process was killed while the call was in its memory"


class Judge:
    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.losses: Counter[str] = Counter()  # by cause
        self.refusals: Counter[str] = Counter()  # by cause and status
        self.faults: dict[str, list[str]] = {
            "keys": [],
            "deliveries": [],
            "calls": [],
            "groups": [],
            "messages": [],
            "stores": [],
        }
        self.identities: dict[str, list[str]] = defaultdict(list)  # of a device's installations
        self._outdated: dict[str, set[str]] = defaultdict(set)  # base keys from before a device went back
        self._lost: dict[tuple[str, str], set[str]] = defaultdict(set)  # base keys that a device lost, of a peer's
        self._keys: dict[tuple[str, str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._unsettled: list[tuple[Device, Letter, str]] = []
        self._lock = threading.RLock()

    def fault(self, subject: str, text: str) -> None:
        with self._lock:
            self.faults[subject].append(text)

    # What was done

    def installed(self, jid: str, identity: str) -> None:
        self.identities[jid].append(identity)

    def forgot(self, jid: str, peer: str, base_keys: Iterable[str]) -> None:
        self._lost[jid, peer].update(base_keys)

    def restored(self, jid: str, base_keys: Iterable[str], letters: Iterable[Letter]) -> None:
        """A device went back to a copy of its store. The base keys are of all its sessions until then, the letters are
        on their way to it."""
        self._outdated[jid].update(base_keys)
        for letter in letters:
            letter.undone = True

    # What devices report

    def restarted(self, jid: str, identity: str) -> None:
        if identity != self.identities[jid][-1]:
            self.fault("stores", f"{jid} has another identity after a kill")

    def knows(self, jid: str, peer: str, identity: str) -> None:
        """At the end: an identity in a device's store."""
        self.counts.add("identities known at the end")
        if identity not in self.identities[peer]:
            self.fault("stores", f"{jid} knows an identity of {peer} that it never had")

    def trusted(self, jid: str, peer: str, identity: str) -> None:
        """A device met a new identity of a device that it knew."""
        self.counts.add("changed identities trusted")
        if identity not in self.identities[peer][1:]:
            self.fault("stores", f"{jid} saw the identity of {peer} change, and that was not reinstalled")

    def keys(self, jid: str, reports: Iterable[list[str]]) -> None:
        with self._lock:
            for scope, participant, what, digest in reports:
                cell = self._keys[scope, participant, what]
                if any(jid in reporters for reporters in cell.values()) and jid not in cell[digest]:
                    self.fault("keys", f"{jid} derived two keys: {scope}, {participant}, {what}")
                cell[digest].add(jid)

    def compare(self, call: str, holders: Iterable[str], participants: Iterable[str], scope: str = "") -> None:
        """At the end of a call: all keys of its scopes, in pairs, and that each holder has derived all of one scope, by
        default the call's own."""
        with self._lock:
            cells = {
                name: cell for name, cell in self._keys.items() if name[0] == call or name[0].startswith(f"{call} ")
            }
            for name in cells:
                del self._keys[name]
        seen: dict[tuple[str, str], str] = {}
        for (place, participant, what), cell in cells.items():
            digests = {digest: reporters for digest, reporters in cell.items() if reporters}
            told = sum(map(len, digests.values()))
            self.counts.add("keys compared", told - 1)
            self.counts.add("wrong keys", told - max(map(len, digests.values())))
            if len(digests) > 1:
                sides = " and ".join(", ".join(sorted(reporters)) for reporters in digests.values())
                self.fault("keys", f"{place}: the {what} keys of {participant} differ between {sides}")
            for digest in digests:
                other = seen.setdefault((what, digest), f"{place}, {participant}")
                if other != f"{place}, {participant}":
                    self.fault("keys", f"the same {what} key for {other} and for {place}, {participant}")
        derived: dict[str, set[str]] = defaultdict(set)
        for (place, participant, _), cell in cells.items():
            if place == (scope or call):
                derived[participant].update(*cell.values())
        for jid in holders:
            for participant in participants:
                if jid not in derived[participant]:
                    self.fault("keys", f"{call}: {jid} has derived no keys of {participant}")

    def taken(self, device: Device, delivery: Delivery, outcome: str, reason: str = "") -> None:
        """What became of a letter that a device was handed, and the text of a refusal."""
        with self._lock:
            if outcome == "opened":
                self._opened(device, delivery)
            elif outcome != "told":
                self._refused(device, delivery.letter, outcome, reason)

    def _opened(self, device: Device, delivery: Delivery) -> None:
        letter = delivery.letter
        assert letter.sealed is not None
        self.counts.add("ciphertexts opened")
        self.counts.add("late ones opened", delivery.late)
        self.counts.add("compressed ones opened", delivery.compressed)
        if letter.undone:
            self.counts.add("opened by an older copy of the store")
        elif letter.opened and (letter.committed or not device.keep_opened):
            self.fault("deliveries", f"{letter.name}: opened twice")
        elif letter.opened:
            self.counts.add("kept ones opened again")
        self.counts.add("opened when they came again after a kill", letter.orphaned)
        if letter.sealed.receiver_identity != self.identities[device.jid][-1]:
            self.fault("deliveries", f"{letter.name}: opened by another installation than it was sealed for")
        letter.opened = True

    def settle(self) -> None:
        """At the end of a step: of two processes that got a letter at once, one may be told that it is a duplicate
        before the other reports that it has opened it."""
        unsettled, self._unsettled = self._unsettled, []
        for device, letter, reason in unsettled:
            self._refused(device, letter, DUPLICATE, reason, settled=True)

    def _refused(self, device: Device, letter: Letter, status: str, reason: str, settled: bool = False) -> None:
        if status == DUPLICATE and letter.opened and (letter.committing or not device.keep_opened):
            self.counts.add("duplicates refused")
            return
        if status == DUPLICATE and not letter.opened and device.shared and not settled:
            self._unsettled.append((device, letter, reason))
            return
        cause = self._cause(device, letter, status)
        if cause is None:
            self.fault("deliveries", f"{letter.name}: {status} without a cause: {reason}")
            return
        self.refusals[f"{cause}: {status}"] += 1

    def _cause(self, device: Device, letter: Letter, status: str) -> str | None:
        sealed = letter.sealed
        if sealed is None:
            return None
        # One that the store has seen: new installations of either side do not make it a duplicate.
        seen = status == DUPLICATE
        if not seen and sealed.receiver_identity != self.identities[device.jid][-1]:
            return RECEIVER_REINSTALLED
        if not seen and sealed.sender_identity != self.identities[letter.sender][-1]:
            return SENDER_REINSTALLED
        if sealed.base_key in self._lost[device.jid, letter.sender]:
            return SESSION_LOST
        if letter.undone or sealed.base_key in self._outdated[device.jid]:
            return STORE_RESTORED
        # A late first message of such a session makes the copy a side of its own, with new keys: it is no duplicate.
        if status == AUTHENTICATION and sealed.base_key in self._outdated[letter.sender]:
            return SENDER_RESTORED
        if seen and letter.orphaned and not device.keep_opened:
            return KILLED
        return None

    def lost(self, subject: str, what: str, cause: str | None) -> None:
        """A key, an answer or an epoch that never reached a device."""
        if cause is None:
            self.fault(subject, f"{what}: lost without a cause")
        else:
            self.losses[cause] += 1
