"""A device's calls between two: placed, opened, answered. They are in memory and end with the process."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Optional

from tests.bot.device.media import Media
from tests.bot.device.sessions import Sessions
from tests.bot.package import callkey
from tests.bot.stanza import Node, user_of, write

IDENTITY = b"a device identity, which the library only passes on"
RTP = bytes.fromhex("80780007000003c012345678") + b"an encrypted payload"


@dataclass
class Placed:
    key: callkey.CallKey
    devices: list[str]
    call: callkey.Call
    video: bool


@dataclass
class Taken:
    key: callkey.CallKey
    caller: str
    own: Optional[callkey.CallKey] = None  # of our accept, if it has one


class Calls:
    def __init__(self, jid: str, store: callkey.Store, sessions: Sessions, media: Media) -> None:
        self.jid, self.store, self.sessions, self.media = jid, store, sessions, media
        self.placed: dict[str, Placed] = {}
        self.taken: dict[str, Taken] = {}

    # The caller's side

    def place(self, call: str, devices: list[str], video: bool) -> dict[str, Any]:
        key = callkey.CallKey.generate()
        of = callkey.Call(self.jid, key, call_id=call, devices=devices)
        self.placed[call] = Placed(key, devices, of, video)
        return {"sent": [self._offer(call, devices)], "keys": self.media.derived(call, key, [self.jid, *devices])}

    def _offer(self, call: str, devices: list[str]) -> dict[str, Any]:
        placed = self.placed[call]
        options = callkey.OfferOptions(
            to=user_of(devices[0]),
            call_id=call,
            call_creator=self.jid,
            video=placed.video,
            multi_device=True,
            device_identity=IDENTITY,
        )

        def seal() -> bytes:
            offer = self.store.seal_offer(placed.key, devices, options)
            for result in offer.results:
                if result.error is not None:
                    raise result.error
            return offer.wire

        wire, sealed = self.sessions.seal(devices, seal)
        return {"wire": b64encode(wire).decode(), "sealed": sealed}

    def again(self, call: str, jid: str) -> Optional[dict[str, Any]]:
        """The same key for one device once more, in a new session; None for a call that we do not have."""
        if call in self.placed:
            self.sessions.begin(jid)
            return self._offer(call, [jid])
        taken = self.taken.get(call)
        if taken is not None and taken.own is not None:
            self.sessions.begin(jid)
            return self._accept(call, taken)
        return None

    def accepted(self, wire: bytes, _: list[str], sender: Optional[str]) -> dict[str, Any]:
        """An accept, with a key of its own or without."""
        try:
            key, info = self.store.open_offer(wire, own=[self.jid], sender=sender)
        except callkey.NotForThisDeviceError as error:
            assert error.info is not None
            return self._answered(error.info.call_id, error.info, None)
        return self._answered(info.call_id, info, key)

    def _answered(self, call: str, info: callkey.OfferInfo, key: Optional[callkey.CallKey]) -> dict[str, Any]:
        told: dict[str, Any] = {"call": call, "outcome": "told" if key is None else "opened"}
        placed = self.placed.get(call)
        if placed is None:
            return {**told, "sender": info.sender, "unknown": True}
        of = placed.call
        receive = of.answered(info) if key is None else of.accepted(key, info)
        theirs = call if key is None else own_scope(call, receive.participant)
        keys = self.media.used(theirs, receive) + self.media.used(call, of.send)
        return {**told, "sender": info.sender, "answered": receive.participant, "keys": keys}

    def heard(self, call: str, packet: bytes) -> dict[str, Any]:
        """The first packet, which tells who answered."""
        placed = self.placed.get(call)
        if placed is None:
            return {"call": call, "outcome": "told", "unknown": True}
        device = placed.call.answered_from(packet, placed.devices)
        keys = self.media.used(call, placed.call.receive) + self.media.used(call, placed.call.send)
        return {"call": call, "outcome": "told", "answered": device, "keys": keys}

    # The callee's side

    def offered(self, wire: bytes, participants: list[str], sender: Optional[str]) -> dict[str, Any]:
        key, info = self.store.open_offer(wire, own=[self.jid], sender=sender)
        call = info.call_id
        if call not in self.taken:
            self.taken[call] = Taken(key, info.call_creator)
        keys = self.media.derived(call, key, participants)
        return {"call": call, "outcome": "opened", "sender": info.sender, "keys": keys}

    def answer(self, call: str, how: str) -> dict[str, Any]:
        """With an accept without a key ("plain"), with one that has our own ("key"), or only with media ("packet")."""
        taken = self.taken.get(call)
        if taken is None:
            return {"unknown": True}
        with callkey.Call(self.jid, taken.key) as of:
            keys = self.media.used(call, of.answered_by(taken.caller))
            if how == "key":
                taken.own = callkey.CallKey.generate()
                keys += self.media.derived(own_scope(call, self.jid), taken.own, [self.jid])
                return {"sent": [self._accept(call, taken)], "keys": keys}
            keys += self.media.used(call, of.send)
            if how == "packet":
                packet = RTP + callkey.warp_tag(bytes(of.send.srtp.srtp_auth_key), RTP)
                return {"packet": b64encode(packet).decode(), "keys": keys}
        return {"sent": [self._accept(call, taken)], "keys": keys}

    def _accept(self, call: str, taken: Taken) -> dict[str, Any]:
        children = [Node("audio", {"enc": "opus", "rate": "16000"}), Node("net", {"medium": "3"})]
        sealed: dict[str, dict[str, str]] = {}
        own = taken.own
        if own is not None:
            enc, sealed = self.sessions.seal([taken.caller], lambda: self.store.seal_enc(taken.caller, own))
            attrs = {"v": "2", "type": str(enc.enc_type), "count": "0"}
            children.append(Node("enc", attrs, data=enc.ciphertext))
        children.append(Node("encopt", {"keygen": "2"}))
        accept = Node("accept", {"call-id": call, "call-creator": taken.caller}, children)
        wire = write(Node("call", {"to": taken.caller}, [accept]))
        return {"wire": b64encode(wire).decode(), "sealed": sealed}

    def end(self, call: str) -> None:
        placed, taken = self.placed.pop(call, None), self.taken.pop(call, None)
        if placed is not None:
            placed.call.close()
            placed.key.wipe()
        if taken is not None:
            taken.key.wipe()
            if taken.own is not None:
                taken.own.wipe()

    def knows(self, call: str) -> bool:
        """Whether we have the key that a stanza of the call brings."""
        placed = self.placed.get(call)
        return call in self.taken or (placed is not None and placed.call.answering_device is not None)


def own_scope(call: str, jid: str) -> str:
    """The scope of the key that the answering device made itself."""
    return f"{call} by {jid}"
