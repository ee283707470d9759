"""One of our stores and one of the peer's accounts that send call keys to each other.

A driver answers: ``create {account, jid}``; ``bundle {account, prekey}`` with ``{bundle}``, as PrekeyBundle.to_dict
makes one, with a one-time prekey or without; ``holds_prekey {account, id}`` with ``{holds}``; ``seal {account, jid,
key, bundle?}`` with ``{type, v, ciphertext}``, after it began a session if there is a bundle; ``open {account, jid,
type, v, ciphertext}`` with ``{key}``; ``reopen {account}``, which does what a restart of the app does. ``jid`` is the
other side.
"""

from __future__ import annotations

from itertools import count
from random import Random
from typing import Any, NamedTuple, Optional

from tests.peers.ours import callkey, store
from tests.peers.peer import Peer, Refused

# A difference by design: peers leave it out of a JID's text where we have it.
DEVICE_0 = "Device 0 as text"

numbers = count(1)


def device(random: Random) -> str:
    """A LID with device, as our functions take and return it. Not 99: Baileys knows only hosted devices with that
    number."""
    number = 0 if random.random() < 0.2 else min(98, random.randrange(1, 100))
    return f"{random.randrange(10**14, 10**15)}:{number}@lid"


def on_wire(jid: str) -> str:
    """Clients write device 0 without its number."""
    return jid.replace(":0@", "@")


class Message(NamedTuple):
    """A call key on its way."""

    key: bytes
    type: str
    ciphertext: bytes


class Pair:
    """Names on both sides are LIDs with device."""

    def __init__(self, peer: Peer, random: Random) -> None:
        self.peer, self.random = peer, random
        self.our_jid, self.their_jid = device(random), device(random)
        self.account = f"account{next(numbers)}"
        self.peer.ask("create", account=self.account, jid=self.their_jid)
        self.store = store(random)

    def ask(self, do: str, **fields: Any) -> Any:
        """A request about their account and our device."""
        return self.peer.ask(do, account=self.account, jid=self.our_jid, **fields)

    @property
    def session(self) -> callkey.Session:
        return self.store.session(self.their_jid)

    def bundle(self, prekey: bool = True) -> callkey.PrekeyBundle:
        """Theirs."""
        return callkey.PrekeyBundle.from_dict(self.ask("bundle", prekey=prekey)["bundle"])

    def our_bundle(self, prekey: bool = True) -> dict[str, Any]:
        bundle = self.store.take_bundle().to_dict()
        return bundle if prekey else {**bundle, "prekey_id": 0, "prekey": ""}

    def we_seal(self) -> Message:
        key = self.random.randbytes(32)
        enc = self.store.seal_enc(self.their_jid, callkey.CallKey.from_bytes(key))
        return Message(key, str(enc.enc_type), enc.ciphertext)

    def they_seal(self, bundle: Optional[dict[str, Any]] = None) -> Message:
        key = self.random.randbytes(32)
        sealed = self.ask("seal", key=key, **({"bundle": bundle} if bundle else {}))
        assert sealed["v"] == 2
        return Message(key, sealed["type"], bytes.fromhex(sealed["ciphertext"]))

    def we_open(self, message: Message) -> object:
        """The key, or the error."""
        try:
            kind = callkey.EncType[message.type.upper()]
            return self.store.open_enc(self.their_jid, kind, message.ciphertext).reveal()
        except callkey.CallKeyError as error:
            return error

    def they_open(self, message: Message) -> object:
        """The key, or the error."""
        try:
            return bytes.fromhex(self.ask("open", type=message.type, v=2, ciphertext=message.ciphertext)["key"])
        except Refused as refusal:
            return refusal
