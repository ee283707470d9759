"""The server: it publishes prekeys, and delivers stanzas late, twice and compressed, without what is for other devices.

What it does with a letter depends on the seed and the letter's name only.
"""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from collections import Counter
from random import Random
from typing import Any

from tests.bot.counts import Counts
from tests.bot.letter import Delivery, Letter, Sealed
from tests.bot.stanza import Node, numbered, read, user_of, write

LATEST = 5
"""The most steps that a letter takes."""


class Server:
    def __init__(self, seed: str, counts: Counts, damage: str, victim: str) -> None:
        """``damage``: delivery or silence; the victim's offers are damaged or never come."""
        self.seed = seed
        self._damage = damage
        self._victim = victim
        self.counts = counts
        self.lock = threading.RLock()
        self.published: dict[str, dict[str, Any]] = {}
        self._had: dict[str, set[str]] = {}  # each one's one-time prekeys, also those that went out
        self._waiting: list[Delivery] = []
        self._names: Counter[str] = Counter()
        self._open: Counter[str] = Counter()  # deliveries that a call waits for

    # Prekeys

    def publish(self, jid: str, keys: dict[str, Any], anew: bool = False) -> None:
        """What a device uploads. ``anew``: the prekeys that it uploaded before go.

        A device that was killed before it knew that an upload arrived uploads the same prekeys again. They go out once.
        """
        with self.lock:
            had = self._had.setdefault(jid, set())
            fresh = [prekey for prekey in keys["prekeys"] if prekey[1] not in had]
            had.update(public for _, public in fresh)
            before = self.published[jid]["prekeys"] if jid in self.published and not anew else []
            self.published[jid] = {**keys, "prekeys": before + fresh}

    def serve(self, question: dict[str, str]) -> Any:
        with self.lock:
            if "phone_number_of" in question:
                return phone_number(question["phone_number_of"])
            if "identity" in question:
                return self.published[question["identity"]]["identity"]
            return self._bundle(question["bundle"])

    def _bundle(self, jid: str) -> dict[str, Any]:
        """A one-time prekey goes out once; when there is none left, the bundle has none."""
        keys = self.published[jid]
        prekey_id, prekey = keys["prekeys"].pop(0) if keys["prekeys"] else (0, "")
        self.counts.add("bundles" if prekey_id else "bundles without a one-time prekey")
        number, signed, signature = keys["signed"]
        return {
            "registration_id": keys["registration_id"],
            "identity_key": keys["identity"],
            "signed_prekey_id": number,
            "signed_prekey": signed,
            "signed_prekey_signature": signature,
            "prekey_id": prekey_id,
            "prekey": prekey,
        }

    def lacks_prekeys(self, jid: str) -> bool:
        """Late, so that some bundles have no one-time prekey."""
        return not self.published[jid]["prekeys"]

    # Letters

    def send(self, sender: str, sent: dict[str, Any], step: int, participants: list[str]) -> None:
        """A stanza with all ciphertexts in it becomes one letter for each device. The server adds who sent it."""
        call = read(b64decode(sent["wire"]))
        (action,) = call.children
        call_id = action.attrs["call-id"]
        destination = action.child("destination")
        if destination is not None:
            receivers = [numbered(to.attrs["jid"]) for to in destination.children]
        else:
            receivers = [numbered(call.attrs["to"])]
        for receiver in receivers:
            sealed = sent["sealed"].get(receiver)
            letter = self._letter(action.tag, call_id, sender, receiver)
            letter.body = {"participants": participants}
            letter.stanza = call
            if sealed is not None:
                letter.sealed = self._sealed(sender, sealed)
            self._post(letter, step)

    def send_message(self, sender: str, sent: dict[str, Any], step: int) -> None:
        letter = self._letter("message", sent["message"], sender, sent["to"])
        as_key = Random(f"{self.seed} {letter.name} as key").random() < 0.3
        letter.body = {"enc_type": sent["enc_type"], "ciphertext": sent["ciphertext"], "as_key": as_key}
        letter.sealed = self._sealed(sender, sent["sealed"])
        self._post(letter, step)

    def _sealed(self, sender: str, sealed: dict[str, str]) -> Sealed:
        return Sealed(sealed["base_key"], self.published[sender]["identity"], sealed["identity"])

    def tell(self, kind: str, call: str, sender: str, receiver: str, step: int, **body: Any) -> None:
        """Something that has no stanza: a retry receipt, a group's roster, a packet through the relay."""
        letter = self._letter(kind, call, sender, receiver)
        letter.body = body
        self._post(letter, step)

    def _letter(self, kind: str, call: str, sender: str, receiver: str) -> Letter:
        with self.lock:
            name = f"{kind} of {call} from {sender} to {receiver}"
            self._names[name] += 1
            return Letter(f"{name}, {self._names[name]}", kind, call, sender, receiver)

    def _post(self, letter: Letter, step: int) -> None:
        if self._damage == "silence" and letter.kind == "offer" and letter.receiver == self._victim:
            return
        random = Random(f"{self.seed} {letter.name}")
        late = random.randrange(1, LATEST) if random.random() < 0.25 else 0
        self.post(self._delivery(letter, random, step + 1 + late, False, bool(late)))
        if (letter.stanza or letter.sealed) and random.random() < 0.2:
            again = step + 1 + random.randrange(LATEST)
            self.post(self._delivery(letter, random, again, True, False))

    def _delivery(self, letter: Letter, random: Random, due: int, again: bool, late: bool) -> Delivery:
        return Delivery(letter, due, again, late, random.random() < 0.3, random.randrange(3))

    def post(self, delivery: Delivery) -> None:
        """Also for what a device did not acknowledge: it comes once more."""
        with self.lock:
            self._waiting.append(delivery)
            self._open[delivery.letter.call] += 1

    def due(self, step: int) -> list[Delivery]:
        """What is delivered now, in an order of the letters' own."""
        with self.lock:
            now = sorted((d for d in self._waiting if d.due <= step), key=lambda d: d.order)
            self._waiting = [d for d in self._waiting if d.due > step]
            return now

    def delivered(self, delivery: Delivery) -> None:
        with self.lock:
            self._open[delivery.letter.call] -= 1

    def letters_to(self, jid: str) -> list[Letter]:
        """Those on their way."""
        with self.lock:
            return [delivery.letter for delivery in self._waiting if delivery.letter.receiver == jid]

    def waits(self, call: str) -> bool:
        """Whether something of this call is on its way."""
        return self._open[call] > 0

    def wire(self, delivery: Delivery) -> bytes:
        """The stanza as this device gets it."""
        letter = delivery.letter
        assert letter.stanza is not None
        call = letter.stanza.copy()
        first = letter.name.endswith(", 1")  # a repeated one comes undamaged, so that no call is lost
        if self._damage == "delivery" and letter.kind == "offer" and letter.receiver == self._victim and first:
            damage(call)
        action = call.children[0]
        sender = letter.sender
        if letter.kind == "offer" and delivery.strip == 1:
            sender = phone_number(sender)
        call.attrs = {"from": sender.replace(":0@", "@"), "id": "A1B2C3", "t": "1700000000"}
        destination = action.child("destination")
        if destination is not None and delivery.strip:
            destination.children = [to for to in destination.children if numbered(to.attrs["jid"]) == letter.receiver]
            if delivery.strip == 2:
                place = action.children.index(destination)
                action.children[place : place + 1] = destination.children[0].children
        return write(call, delivery.compressed)

    def body(self, delivery: Delivery) -> dict[str, Any]:
        """The fields of the command that hands the letter out."""
        letter = delivery.letter
        if letter.stanza is None:
            return {"form": letter.kind, "call": letter.call, "from": letter.sender, **letter.body}
        return {"form": "stanza", "wire": b64encode(self.wire(delivery)).decode(), **letter.body}


def phone_number(jid: str) -> str:
    """The other name of a user."""
    return f"1{user_of(jid).partition('@')[0]}@s.whatsapp.net"


def damage(stanza: Node) -> None:
    """Changes one bit of each ciphertext, in the MAC."""
    for enc in stanza.named("enc"):
        enc.data = enc.data[:-1] + bytes([enc.data[-1] ^ 1])
