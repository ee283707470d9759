"""The server between the workers and the peers: it delivers until it gets an acknowledgement, and sometimes twice."""

from __future__ import annotations

import json
import queue
import random
import threading
from dataclasses import dataclass
from itertools import count
from typing import IO, Any, Optional

from tests.peers.peer import Refused
from tests.postgres.judge import Judge, Offer
from tests.postgres.package import callkey
from tests.postgres.peers import Peers

US = "100000000000000:0@lid"
TWICE = 0.1
"""The part of the offers that is delivered twice."""


@dataclass(frozen=True)
class Delivery:
    id: str
    offer: Offer
    wire: bytes


class Server:
    def __init__(self, peers: Peers, judge: Judge, users: dict[str, list[str]]) -> None:
        """``users``: their devices."""
        self.incoming: queue.Queue[Delivery] = queue.Queue()
        self.closing = False
        self.relays: queue.Queue[Offer] = queue.Queue()
        """First messages that were acknowledged."""
        self._peers, self._judge, self._users = peers, judge, users
        self._underway: dict[int, Optional[Delivery]] = {}
        self._ids = count(1)
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._delivering = {device: threading.Lock() for devices in users.values() for device in devices}
        """Held from the judge's look at a ciphertext to the peer's: two workers may send one at once."""

    @property
    def idle(self) -> bool:
        return self.incoming.empty() and not any(self._underway.values())

    def deliver(self, offer: Offer) -> None:
        self._judge.offered(offer)
        around = callkey.OfferOptions(US, offer.call_id, offer.sender, device_identity=b"identity")
        wire = callkey.offer_build([callkey.Enc(US, offer.enc_type, offer.ciphertext)], around)
        delivery = Delivery(str(next(self._ids)), offer, wire)
        for _ in range(2 if random.random() < TWICE else 1):
            self.incoming.put(delivery)

    def serve(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        """One worker, until its end. What it had not acknowledged is delivered again."""
        me = threading.get_ident()
        try:
            for line in requests:
                if not line.endswith(b"\n"):
                    break  # it was killed while it wrote
                request = json.loads(line)
                answer = getattr(self, f"_{request.pop('do')}")(**request)
                answers.write(json.dumps(answer).encode() + b"\n")
                answers.flush()
        except BrokenPipeError:
            pass
        finally:
            lost = self._underway.pop(me, None)
            if lost is not None:
                self._judge.count("deliveries repeated after a kill")
                self.incoming.put(lost)

    def _receive(self, seconds: float) -> dict[str, Any]:
        if self.closing:
            return {"end": True}
        me = threading.get_ident()
        try:
            with self._lock:  # so that a delivery is always in one of the two places
                delivery = self.incoming.get_nowait()
                self._underway[me] = delivery
        except queue.Empty:
            threading.Event().wait(seconds)
            return {}
        return {"id": delivery.id, "sender": delivery.offer.sender, "wire": delivery.wire.hex()}

    def _acknowledge(self, id: str) -> dict[str, Any]:
        delivery = self._underway[threading.get_ident()]
        assert delivery
        with self._lock:
            again = id in self._seen
            self._seen.add(id)
        self._judge.count("deliveries acknowledged again" if again else "deliveries acknowledged")
        if delivery.offer.enc_type == "pkmsg" and not again:
            self.relays.put(delivery.offer)
        self._underway[threading.get_ident()] = None
        return {}

    def _refuse(self, id: str, error: str) -> dict[str, Any]:
        delivery = self._underway[threading.get_ident()]
        assert delivery
        self._judge.refused(delivery.offer, error)
        self._underway[threading.get_ident()] = None
        return {}

    def _log(self, text: str) -> dict[str, Any]:
        self._judge.count(text)
        return {}

    def _bundle(self, jid: str) -> dict[str, Any]:
        self._judge.count("bundles fetched")
        return self._peers.bundle(jid).to_dict()

    def _send(self, recipient: str, wire: str) -> dict[str, Any]:
        for device in self._users[recipient]:
            try:
                ciphertext, info = callkey.offer_parse(bytes.fromhex(wire), own=[device])
            except callkey.NotForThisDeviceError:
                continue
            with self._delivering[device]:
                self._deliver(device, recipient, info, ciphertext)
        return {}

    def _deliver(self, device: str, recipient: str, info: Any, ciphertext: bytes) -> None:
        again = self._judge.released(device, str(info.enc_type), ciphertext)
        try:
            plaintext = self._peers.open(device, str(info.enc_type), ciphertext)
        except Refused as refusal:
            if again and "Duplicated" in str(refusal):
                self._judge.count("ciphertexts sent again, refused by the peer")
            else:
                self._judge.fault("outgoing", f"{device}: {refusal}")
        else:
            with callkey.plaintext_decode(plaintext) as key:
                self._judge.opened(recipient, info.call_id, device, key.reveal())
