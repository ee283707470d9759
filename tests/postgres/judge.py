"""Judges what the peers opened and what the app's table holds. It knows what was sent and wanted, and nothing of what
the workers keep."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.postgres.message import MessageKey, message_key
from tests.postgres.package import callkey

SUBJECTS = ("incoming", "outgoing", "message keys", "prekeys")


@dataclass(frozen=True)
class Offer:
    """An offer to us. rival: another device got the same one-time prekey. relayed: somebody sends another device's
    first message as its own."""

    sender: str
    call_id: str
    key: bytes
    enc_type: str
    ciphertext: bytes
    rival: bool = False
    relayed: bool = False


class Judge:
    """Use it from any thread."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: dict[str, list[str]] = {subject: [] for subject in SUBJECTS}
        self._lock = threading.RLock()
        self._offers: dict[tuple[str, str], Offer] = {}
        self._wanted: dict[tuple[str, str], Sequence[str]] = {}
        self._arrived: dict[tuple[str, str], dict[str, bytes]] = defaultdict(dict)
        self._used: dict[tuple[str, MessageKey], bytes] = {}

    def count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1

    def fault(self, subject: str, text: str) -> None:
        with self._lock:
            self.faults[subject].append(text)

    def offered(self, offer: Offer) -> None:
        with self._lock:
            self._offers[offer.sender, offer.call_id] = offer

    def wanted(self, callee: str, call_id: str, devices: Sequence[str]) -> None:
        with self._lock:
            self._wanted[callee, call_id] = devices

    def refused(self, offer: Offer, error: str) -> None:
        """A worker did not open an offer."""
        if error == "NoPrekeyError" and (offer.rival or offer.relayed):
            self.count("first messages refused, because their prekey was used")
        else:
            self.fault("incoming", f"{offer.sender}: the offer {offer.call_id} was refused: {error}")

    def released(self, device: str, enc_type: str, ciphertext: bytes) -> bool:
        """A ciphertext leaves a worker. Returns whether it has left before."""
        key = message_key(enc_type, ciphertext)
        with self._lock:
            first = self._used.setdefault((device, key), ciphertext)
            if first is ciphertext:
                return False
            if first != ciphertext:
                self.fault("message keys", f"{device}: two messages with key {key.counter} of one chain")
            return first == ciphertext

    def opened(self, callee: str, call_id: str, device: str, key: bytes) -> None:
        """A peer opened an offer."""
        with self._lock:
            if self._arrived[callee, call_id].setdefault(device, key) != key:
                self.fault("outgoing", f"{device}: two keys for the call {call_id}")
            self.counts["keys that peers opened"] += 1

    def compare(self, got: Mapping[tuple[str, str], bytes], placed: Mapping[tuple[str, str], bytes]) -> None:
        """At the end: the keys in the app's table, of calls from a device and to a user."""
        accepted: dict[tuple[str, bytes], set[object]] = defaultdict(set)
        for name, offer in self._offers.items():
            key = got.get(name)
            if key is not None:
                self.counts["incoming calls kept"] += 1
                first = callkey.message_parse(offer.enc_type, offer.ciphertext)
                if first is not None:
                    accepted["base key", first.base_key].add(offer.sender)
                    if first.prekey_id:
                        accepted["one-time prekey", str(first.prekey_id).encode()].add(first.base_key)
                if key != offer.key:
                    self.fault("incoming", f"{offer.sender}: another key for the call {offer.call_id}")
            elif not offer.rival and not offer.relayed:
                self.fault("incoming", f"{offer.sender}: the call {offer.call_id} is lost")
        self.counts["prekeys and base keys used"] = len(accepted)
        for (kind, value), users in accepted.items():
            if len(users) > 1:
                self.fault("prekeys", f"a {kind} was accepted {len(users)} times: {value.hex()}")
        for callee, call_id in self._wanted:
            arrived = self._arrived[callee, call_id]
            for device in self._wanted[callee, call_id]:
                if device not in arrived:
                    self.fault("outgoing", f"{device}: the call {call_id} is lost")
                elif arrived[device] != placed.get((callee, call_id)):
                    self.fault("outgoing", f"{device}: another key for the call {call_id} than in the table")
