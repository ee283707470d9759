"""Whole stanzas: the peer's devices read our offers, and we read offers, accepts and rekeys in its binary XML.

No peer here writes offers, so those have the nodes that clients write, around the peer's own ciphertexts.
"""

from __future__ import annotations

from random import Random
from typing import Any, Optional

from tests.peers.ours import callkey
from tests.peers.pair import Message, Pair, device, on_wire
from tests.peers.peer import Peer, Refused
from tests.peers.tally import Tally

WE_WRITE = "our offers and rekeys: the key, on each device"
THEY_WRITE = "offers, accepts and rekeys with their ciphertexts: key, call and sender"

Node = dict[str, Any]


def attr(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value}


def jid_attr(name: str, jid: str) -> dict[str, Any]:
    return {"name": name, "value": on_wire(jid), "is_jid": True}


def element(tag: str, *attrs: dict[str, Any], children: Optional[list[Node]] = None, data: bytes = b"") -> Node:
    made: Node = {"tag": tag, "attrs": list(attrs)}
    if children is not None:
        made["children"] = children
    elif data:
        made["bytes"] = data.hex()
    return made


def value(node: Node, name: str) -> str:
    return next((str(a["value"]) for a in node["attrs"] if a["name"] == name), "")


def children(node: Node, tag: str) -> list[Node]:
    return [child for child in node.get("children", []) if child["tag"] == tag]


def from_server(call: Node, sender: str) -> Node:
    """A ``<call>`` as the server passes it on."""
    kept = [a for a in call["attrs"] if a["name"] not in ("to", "id")]
    return {**call, "attrs": [*kept, jid_attr("from", sender), attr("id", "A1B2C3"), attr("t", "1700000000")]}


def enc_for(call: Node, jid: str) -> Optional[Node]:
    """The ``<enc>`` of an offer or rekey that a device finds for itself."""
    (action,) = call["children"]
    for destination in children(action, "destination"):
        for to in children(destination, "to"):
            if value(to, "jid") == on_wire(jid):
                return children(to, "enc")[0]
    return next(iter(children(action, "enc")), None)


def opened(pair: Pair, enc: Optional[Node]) -> object:
    """What their device makes of it: the key, or the error."""
    if enc is None:
        return "no enc"
    try:
        answer = pair.ask("open", type=value(enc, "type"), v=int(value(enc, "v")), ciphertext=enc["bytes"])
    except Refused as refusal:
        return refusal
    return bytes.fromhex(answer["key"])


def options(random: Random, pair: Pair, **changed: Any) -> callkey.OfferOptions:
    video = random.random() < 0.5
    return callkey.OfferOptions(
        to=pair.their_jid.split(":")[0] + "@lid",
        call_id=f"{random.randrange(1 << 128):032X}",
        call_creator=pair.our_jid,
        video=video,
        privacy_token=random.randbytes(11) if random.random() < 0.3 else None,
        device_identity=random.randbytes(150),
        **changed,
    )


def we_write(tally: Tally, peer: Peer, random: Random, devices: int) -> None:
    """One offer to this many devices, on new sessions and again on answered ones, then a rekey to each."""
    first = Pair(peer, random)
    pairs = [first]
    for _ in range(devices - 1):
        pair = Pair(peer, random)
        pair.store, pair.our_jid = first.store, first.our_jid
        pairs.append(pair)
    for pair in pairs:
        pair.session.begin(pair.bundle(prekey=random.random() < 0.7))
    for again in (False, True):
        key = random.randbytes(32)
        around = options(random, first)
        jids = [pair.their_jid for pair in pairs]
        offer = first.store.seal_offer(callkey.CallKey.from_bytes(key), jids, around)
        call = from_server(peer.ask("decode", wire=offer.wire)["node"], first.our_jid)
        for pair in pairs:
            tally.equal(WE_WRITE, key, opened(pair, enc_for(call, pair.their_jid)), wire=offer.wire)
            if not again and random.random() < 0.5:
                pair.we_open(pair.they_seal())  # an answer, so that the next is a msg
    epoch = random.randbytes(32)
    for pair in pairs:
        number = random.randrange(1, 1 << 32)
        wire = first.store.seal_rekey(
            callkey.Epoch.from_bytes(epoch), pair.their_jid, options(random, first), transaction_id=number
        )
        call = peer.ask("decode", wire=wire)["node"]
        tally.equal(
            WE_WRITE,
            (epoch, str(number)),
            (opened(pair, enc_for(call, pair.their_jid)), value(call["children"][0], "transaction-id")),
            wire=wire,
        )


def stanza(random: Random, kind: str, pair: Pair, message: Message, call_id: str, creator: str, video: bool) -> Node:
    """An offer, accept or rekey with their ciphertext, as clients write it."""
    enc = element("enc", attr("v", "2"), attr("type", message.type), attr("count", "0"), data=message.ciphertext)
    encopt = element("encopt", attr("keygen", "2"))
    identity = [element("device-identity", data=random.randbytes(150))] if message.type == "pkmsg" else []
    about = [attr("call-id", call_id), jid_attr("call-creator", creator)]
    if kind == "enc_rekey":
        about.append(attr("transaction-id", str(random.randrange(1, 1 << 32))))
        return element(kind, *about, children=[encopt, enc, *identity])
    media = [element("audio", attr("enc", "opus"), attr("rate", rate)) for rate in ("8000", "16000")]
    if video:
        media.append(element("video", attr("enc", "h.264"), attr("dec", "H264")))
    key = enc
    if kind == "offer" and random.random() < 0.5:
        others = [
            element("to", jid_attr("jid", device(random)), children=[{**enc, "bytes": random.randbytes(80).hex()}])
            for _ in range(random.randrange(3))
        ]
        key = element("destination", children=[element("to", jid_attr("jid", pair.our_jid), children=[enc]), *others])
    return element(kind, *about, children=[*media, element("net", attr("medium", "3")), key, encopt, *identity])


def they_write(tally: Tally, peer: Peer, random: Random) -> None:
    pair = Pair(peer, random)
    bundle: Optional[dict[str, Any]] = pair.our_bundle(prekey=random.random() < 0.7)
    for kind in ("offer", "accept", "enc_rekey", "offer"):
        message = pair.they_seal(bundle)
        bundle = None
        call_id, video = f"{random.randrange(1 << 128):032X}", kind != "enc_rekey" and random.random() < 0.5
        # An accept or rekey is not the creator's: there the sender is the one of <call>.
        creator = pair.their_jid if kind == "offer" else pair.our_jid
        action = stanza(random, kind, pair, message, call_id, creator, video)
        call = from_server(element("call", children=[action]), pair.their_jid)
        wire = bytes.fromhex(peer.ask("encode", node=call)["wire"])
        wanted = (message.key, kind, call_id, creator, pair.their_jid, pair.their_jid, message.type, video)
        try:
            if kind == "enc_rekey":
                epoch, info = pair.store.open_rekey(wire)
                key = epoch.reveal()
                tally.equal(THEY_WRITE, info.transaction_id, int(value(action, "transaction-id")), wire=wire)
            else:
                opened_key, info = pair.store.open_offer(wire, own=[pair.our_jid, "1555@s.whatsapp.net"])
                key = opened_key.reveal()
        except callkey.CallKeyError as error:
            tally.equal(THEY_WRITE, error, wanted, wire=wire)
            continue
        kinds = {callkey.StanzaKind.REKEY: "enc_rekey"}
        said = (
            key,
            kinds.get(info.kind, str(info.kind)),
            info.call_id,
            info.call_creator,
            info.sender,
            info.from_,
            str(info.enc_type),
            info.video,
        )
        tally.equal(THEY_WRITE, said, wanted, wire=wire)
        if random.random() < 0.5:
            pair.they_open(pair.we_seal())  # an answer, so that the next is a msg


def judge(tally: Tally, peer: Peer, random: Random) -> None:
    for devices in (1, 1, 1, 2, 3, 5, 20):
        we_write(tally, peer, random, devices)
    for _ in range(25):
        they_write(tally, peer, random)
