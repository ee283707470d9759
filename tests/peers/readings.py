"""What ``callkey inspect`` says a peer makes of a stanza: something wherever the peer and we differ, and nothing where
both read it alike.

The stanzas are strange in one way each. A driver answers ``encode`` as in binary_xml.py; each judge has its own way to
ask what the peer reads, and gives it to judge() as a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional
from xml.etree import ElementTree

from tests.peers.offers import Node, attr, element, jid_attr
from tests.peers.ours import callkey, inspected
from tests.peers.pair import on_wire
from tests.peers.peer import Peer
from tests.peers.tally import Tally

WHAT = "strange stanzas: inspect names each difference, and no other"

CALLER, OWN, OTHER = "111111111111111:3@lid", "222222222222222:9@lid", "333333333333333:4@lid"
FIRST, SECOND = b"\x33" + bytes(65), b"\x33" + b"\x01" * 65
KEYGEN = element("encopt", attr("keygen", "2"))

Reading = Optional[tuple[object, ...]]
"""Comparable with the peer's: the child of <call> that is read, its call id, and so on. None: nothing is."""


def enc(data: bytes = FIRST, **changed: str) -> Node:
    """Without the attributes that are changed to ""."""
    attributes = {"v": "2", "type": "msg", "count": "0", **changed}
    return element("enc", *(attr(name, value) for name, value in attributes.items() if value), data=data)


def to(jid: str, *encs: Node) -> Node:
    return element("to", jid_attr("jid", jid), children=list(encs))


def destination(*tos: Node) -> Node:
    return element("destination", children=list(tos))


def action(tag: str, *children: Node, left_out: str = "", **added: str) -> Node:
    attributes = [attr("call-id", "AB12"), jid_attr("call-creator", CALLER)]
    attributes += [attr(name.replace("_", "-"), value) for name, value in added.items()]
    return element(tag, *(a for a in attributes if a["name"] != left_out), children=list(children))


def call(*children: Node, left_out: str = "", **changed: str) -> Node:
    attributes = [jid_attr("from", CALLER), attr("id", "A1"), attr("t", "1700000000")]
    attributes = [attr(a["name"], changed[a["name"]]) if a["name"] in changed else a for a in attributes]
    return element("call", *(a for a in attributes if a["name"] != left_out), children=list(children))


def offered(*children: Node) -> Node:
    return call(action("offer", *children, KEYGEN))


def rekeyed(*children: Node, number: str = "7") -> Node:
    return call(action("enc_rekey", *children, transaction_id=number))


PLAIN = action("offer", enc(), KEYGEN)

CASES: dict[str, Node] = {
    "an offer": call(PLAIN),
    "an offer to three": offered(destination(to(OWN, enc()), to(OTHER, enc(SECOND)))),
    "an offer to others": offered(destination(to(OTHER, enc(SECOND)))),
    "no version": offered(enc(v="")),
    "version 3": offered(enc(v="3")),
    "version 4": offered(enc(v="4")),
    "version x": offered(enc(v="x")),
    "type skmsg": offered(enc(type="skmsg")),
    "no type": offered(enc(type="")),
    "a newer enc before ours": offered(destination(to(OWN, enc(SECOND, type="skmsg"), enc()))),
    "two enc without an address": offered(enc(), enc(SECOND)),
    "two enc for us": offered(destination(to(OWN, enc(), enc(SECOND)))),
    "two addresses that are ours": offered(destination(to(OWN, enc()), to(OWN, enc(SECOND)))),
    "two destinations": offered(destination(to(OWN, enc())), destination(to(OTHER, enc(SECOND)))),
    "an address and none": offered(destination(to(OWN, enc())), enc(SECOND)),
    "no keygen": call(action("offer", enc())),
    "keygen 1": call(action("offer", enc(), element("encopt", attr("keygen", "1")))),
    "no from": call(PLAIN, left_out="from"),
    "from is no JID": call(PLAIN, **{"from": "nobody"}),
    "no time": call(PLAIN, left_out="t"),
    "a time that is no number": call(PLAIN, t="now"),
    "no stanza id": call(PLAIN, left_out="id"),
    "no call id": call(action("offer", enc(), KEYGEN, left_out="call-id")),
    "no creator": call(action("offer", enc(), KEYGEN, left_out="call-creator")),
    "an accept": call(action("accept", KEYGEN)),
    "an accept with a key": call(action("accept", enc(), KEYGEN)),
    "an accept before an offer": call(action("accept"), PLAIN),
    "an offer before a terminate": call(PLAIN, action("terminate")),
    "a terminate before an offer": call(action("terminate"), PLAIN),
    "a terminate and a reject": call(action("terminate"), action("reject")),
    "nothing": call(),
    "a rekey": rekeyed(KEYGEN, enc()),
    "a rekey without version": rekeyed(KEYGEN, enc(v="")),
    "a rekey of version 3": rekeyed(KEYGEN, enc(v="3")),
    "a rekey without keygen": rekeyed(enc()),
    "a rekey 0": rekeyed(KEYGEN, enc(), number="0"),
    "a rekey x": rekeyed(KEYGEN, enc(), number="x"),
    "a rekey with two enc": rekeyed(KEYGEN, enc(), enc(SECOND)),
    "a rekey with an address": rekeyed(KEYGEN, destination(to(OWN, enc()))),
    "a group_update without its group": call(action("group_update")),
    **{
        f"<{tag}>": call(action(tag))
        for tag in (
            "preaccept",
            "reject",
            "terminate",
            "transport",
            "relaylatency",
            "offer_notice",
            "mute_v2",
            "group_update",
            "later",
        )
    },
}


def ours(wire: bytes, tag: str) -> Reading:
    """What we read: tag of the child, call id, creator, and the enc that we open."""
    info, ciphertext = None, b""
    try:
        ciphertext, info = callkey.offer_parse(wire, own=[OWN])
    except callkey.CallKeyError as error:
        info = error.info
    if info is None:
        return None
    tags = {callkey.StanzaKind.REKEY: "enc_rekey", callkey.StanzaKind.OTHER: tag}
    named = tags.get(info.kind, info.kind.name.lower())
    found = (info.enc_version, info.enc_type.name.lower(), ciphertext.hex()) if ciphertext else None
    return named, info.call_id, on_wire(info.call_creator) if info.call_creator else "", found


def judge(tally: Tally, peer: Peer, name: str, theirs: Callable[[bytes], Reading], part: Callable[[Any], Any]) -> None:
    """``theirs`` asks the peer; ``part`` takes from our reading what the peer tells too."""
    for case, node in CASES.items():
        wire = bytes.fromhex(peer.ask("encode", node=node)["wire"])
        root = ElementTree.fromstring(callkey.stanza_to_xml(wire))
        mine = ours(wire, root[0].tag if len(root) == 1 else "")
        told = [reading.text for reading in inspected.read(root, rejected=mine is None) if reading.peer == name]
        they = theirs(wire)
        differs = they != (None if mine is None else part(mine))
        if differs or mine is not None:  # why both drop it may be said, too
            tally.equal(WHAT, differs, bool(told), case=case, we=mine, they=they, told=told, wire=wire)
