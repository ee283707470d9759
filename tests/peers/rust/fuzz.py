"""``make fuzz-peers``: changed call stanzas for both stanza readers, wacore's and ours.

``python3 -m tests.peers.rust.fuzz TIME``. A stanza that both accept must mean the same: kind, call id, creator, sender
by the server's word, the enc picked for this device, video, group, number of a rekey. Otherwise it is printed and the
run fails, unless the difference is by design: those have a name in DESIGN and a row in docs/protocol.md. One that only
one side accepts is counted by the other's reason, and the first of each class is printed. TIME is like 60s, 10m or 1h.
SEED chooses the stanzas.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from random import Random
from typing import Any, Callable, NamedTuple, Optional
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.peers.ours import callkey
from tests.peers.peer import Peer
from tests.peers.rust import judge as rust
from tests.peers.rust.mutations import Node, damaged, mutated
from tests.peers.rust.stanzas import device, encs, from_server, normal, told, user
from tests.peers.tally import by_design
from tools.script import Failed, expect, start, usage

SHOWN = 20
OWN = "222222222222222:5@lid"
UNITS = {"s": 1, "m": 60, "h": 3600}
OFFERS = 60


def stanza(tag: str, *attrs: tuple[str, str], children: Optional[list[Node]] = None, data: bytes = b"") -> Node:
    made: Node = {
        "tag": tag,
        "attrs": [{"name": name, "value": value, "is_jid": "@" in value} for name, value in attrs],
    }
    if children:
        made["children"] = children
    elif data:
        made["bytes"] = data.hex()
    return made


def others(random: Random) -> list[Node]:
    """Stanzas that neither writer makes: those without a key, and of groups."""
    about = ("call-id", f"{random.randrange(1 << 128):032X}"), ("call-creator", "111111111111111:1@lid")
    enc = stanza("enc", ("v", "2"), ("type", "msg"), ("count", "0"), data=b"\x33" + random.randbytes(60))
    members = [
        stanza("user", ("jid", f"{n}@lid"), ("state", "connected"), children=[stanza("device", ("jid", f"{n}:1@lid"))])
        for n in (111111111111111, 222222222222222)
    ]
    update = ("transaction-id", "3"), ("media", "audio"), ("connected-limit", "32"), ("joinable", "1")
    group = stanza("group_info", *update, children=members)
    actions = [
        stanza("terminate", *about, ("reason", "timeout"), ("duration", "12")),
        stanza("reject", *about, ("count", "0")),
        stanza("preaccept", *about, children=[stanza("audio", ("enc", "opus"), ("rate", "16000"))]),
        stanza("transport", *about, ("transport-message-type", "1")),
        stanza("relaylatency", *about, children=[stanza("te", ("latency", "33554632"))]),
        stanza("mute_v2", *about, ("mute-state", "1")),
        stanza("offer_notice", *about, ("media", "video"), ("type", "group")),
        stanza("accept", *about, children=[enc, stanza("encopt", ("keygen", "2"))]),
        stanza("offer", *about, ("group-jid", "1203630@g.us"), children=[group]),
        stanza("group_update", *about, *update, children=members),
        stanza("video", *about, ("state", "3")),
        stanza("later_action", *about),
    ]
    outer = ("from", "111111111111111:1@lid"), ("id", "A1"), ("t", "1700000000")
    return [stanza("call", *outer, children=[action]) for action in actions]


def valid(peer: Peer, random: Random) -> list[Node]:
    """What both writers make, as a server passes it on."""
    pool = others(random)
    for _ in range(OFFERS):
        devices = list({normal(jid): jid for jid in (OWN, *(device(random, user(random)) for _ in range(3)))}.values())
        keys = encs(random, random.sample(devices, random.choice((1, 1, 2, 3))))
        given: dict[str, Any] = {
            "to": "222222222222222@lid",
            "call_id": f"{random.randrange(1 << 128):032X}",
            "call_creator": "111111111111111:1@lid",
            "video": random.random() < 0.5,
            "multi_device": random.random() < 0.5,
            "device_identity": random.randbytes(30),
        }
        written = [
            callkey.offer_build(keys, callkey.OfferOptions(**given)),
            bytes.fromhex(peer.ask("offer", **given, encs=[told(enc) for enc in keys])["wire"]),
        ]
        about = {name: given[name] for name in ("call_id", "call_creator")}
        answer = peer.ask("accept", **about, to=given["call_creator"], stanza_id="A2", video=given["video"])
        written.append(bytes.fromhex(answer["wire"]))
        about |= {"to": OWN, "stanza_id": "A3", "device_identity": given["device_identity"]}
        key = {**told(keys[0]), "jid": OWN}
        answer = peer.ask("rekey", **about, transaction_id=random.randrange(1, 1 << 32), encs=[key])
        written.append(bytes.fromhex(answer["wire"]))
        pool += [peer.ask("decode", wire=from_server(peer, wire, "111111111111111:1@lid"))["node"] for wire in written]
    return pool


def ours(wire: bytes) -> tuple[Optional[dict[str, Any]], str]:
    """What we make of a stanza in the peer's words, or None and the reason."""
    ciphertext: Optional[bytes] = None
    try:
        ciphertext, info = callkey.offer_parse(wire, own=[OWN])
    except callkey.NotForThisDeviceError as error:
        if error.info is None:
            return None, f"no info: {error}"
        info = error.info
    except callkey.CallKeyError as error:
        return None, f"{type(error).__name__}: {error}"
    kinds = {callkey.StanzaKind.REKEY: "enc_rekey"}
    said: dict[str, Any] = {
        "action": kinds.get(info.kind, str(info.kind)),
        "call_id": info.call_id,
        "call_creator": normal(info.call_creator),
        "from": normal(info.from_),
        "enc": None,
    }
    if ciphertext is not None:
        said["enc"] = {"type": str(info.enc_type), "v": info.enc_version, "ciphertext": ciphertext.hex()}
    if info.kind == callkey.StanzaKind.OFFER:
        said |= {"video": info.video, "group": info.group}
    if info.kind == callkey.StanzaKind.REKEY:
        said["transaction_id"] = info.transaction_id
    return said, ""


def theirs(read: dict[str, Any]) -> dict[str, Any]:
    """The same of the peer. It says nothing of an action that it does not know."""
    if read["action"] is None:
        return {"action": "other"}
    names = ["action", "call_id", "call_creator", "from", "enc"]
    names += {"offer": ["video", "group"], "enc_rekey": ["transaction_id"]}.get(read["action"], [])
    said = {name: read[name] for name in names}
    for name in ("call_creator", "from"):
        said[name] = normal(said[name])
    if said["action"] not in ("offer", "accept", "enc_rekey"):
        said["action"] = "other"
    if said["action"] == "accept":
        del said["enc"]  # the peer reads none there
    return said


class Apart(NamedTuple):
    """A stanza with two meanings."""

    names: set[str]
    ours: dict[str, Any]
    theirs: dict[str, Any]
    call: Element

    def jids(self) -> set[str]:
        return self.names & {"from", "call_creator"}


def two_actions(apart: Apart) -> set[str]:
    return apart.names if len(apart.call) > 1 and apart.call[0].tag != apart.ours["action"] else set()


def several_encs(apart: Apart) -> set[str]:
    """Bare, or in any ``<to>`` of this device."""
    mine = [to for to in apart.call.iter("to") if normal(to.get("jid", "")) == OWN]
    found = [enc for holder in (*apart.call, *mine) for enc in holder.findall("enc")]
    return {"enc"} if len(found) > 1 else set()


def device_0(apart: Apart) -> set[str]:
    """A JID as a call id."""
    return {"call_id"} if ":0@" in str(apart.ours["call_id"]) else set()


def unknown_domain(apart: Apart) -> set[str]:
    return {name for name in apart.jids() if UNKNOWN_DOMAIN.search(apart.ours[name])}


UNKNOWN_DOMAIN = re.compile(r"\.\d+(:\d+)?@s\.whatsapp\.net$")


def agent(apart: Apart) -> set[str]:
    """In an AD_JID, which has its domain in a byte of its own."""
    return {name for name in apart.jids() if re.sub(r"\.\d+(?=[:@])", "", apart.theirs[name]) == apart.ours[name]}


# By name: what of a difference is this one.
DESIGN: dict[str, Callable[[Apart], set[str]]] = {
    "A `<call>` with two actions": two_actions,
    "Several `<enc>` for one device": several_encs,
    "Device 0 as text": device_0,
    "An AD_JID of an unknown domain": unknown_domain,
    "An agent in the user of a JID": agent,
}


def reason(text: str) -> str:
    """An error's class: without what is particular to one stanza."""
    text = text.partition(": Multiple attribute parsing errors")[0]
    text = re.sub(r"(?<= enc=)[^>]*", "…", text)
    text = re.sub(r"[\"'`“][^\"'`”]*[\"'`”]", "…", text)
    text = re.sub(r"[^ ]*@[^ ]*", "JID", text)
    text = re.sub(r"(?<=unknown server: ).*", "…", text)
    return re.sub(r"\d+", "N", text).encode("ascii", "replace").decode()[:110]


class Run:
    """Counts of one run."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.wrong = 0

    def judge(self, wire: bytes, answer: dict[str, Any]) -> None:
        mine, why = ours(wire)
        if "read" not in answer:
            if mine is None:
                self.counts["rejected by both"] += 1
            else:
                self.one_side("only we accept it; wacore: " + reason(answer["refused"]), wire)
            return
        if mine is None:
            self.one_side("only wacore accepts it; we: " + reason(why), wire)
            return
        other = theirs(answer["read"])
        apart = sorted(name for name, value in other.items() if mine.get(name) != value)
        if not apart:
            self.counts["accepted by both, with one meaning"] += 1
            return
        both = Apart(set(apart), mine, other, ElementTree.fromstring(callkey.stanza_to_xml(wire)))
        explained = {name: found & both.names for name, explain in DESIGN.items() if (found := explain(both))}
        if both.names == set().union(*explained.values()):
            self.counts[f"accepted by both, by design: {', '.join(explained)}"] += 1
            return
        self.counts["accepted by both, with two meanings"] += 1
        self.wrong += 1
        what = "two meanings: " + ", ".join(apart)
        self.classes[what] += 1
        if self.classes[what] <= 3 and self.wrong <= SHOWN:
            print(f"FAIL {what}")
            for name in apart:
                print(f"  {name}: ours {mine.get(name)!r}, wacore {other[name]!r}")
            self.show(wire)

    def one_side(self, what: str, wire: bytes) -> None:
        self.counts[what.partition(";")[0]] += 1
        self.classes[what] += 1
        if self.classes[what] == 1:
            print(what)
            self.show(wire)

    @staticmethod
    def show(wire: bytes) -> None:
        try:
            text = callkey.stanza_to_xml(wire)
        except callkey.CallKeyError as error:
            text = f"{error}\n"
        print("".join(f"  {line[:300]}\n" for line in text.splitlines()) + f"  {wire.hex()[:3000]}", flush=True)

    def end(self, seconds: float) -> None:
        total = sum(self.counts.values())
        print(f"\n{total} stanzas in {seconds:.0f} s")
        for what, n in self.counts.most_common():
            print(f"{n:>9} {what}")
        print("by class:")
        for what, n in sorted(self.classes.items()):
            print(f"{n:>9} {what}")


def seconds_of(text: str) -> float:
    found = re.fullmatch(r"(\d+)([smh])", text)
    if not found:
        usage(f"{text}: TIME is like 60s, 10m or 1h")
    return int(found[1]) * UNITS[found[2]]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        usage(__doc__)
    limit = seconds_of(arguments[0])
    seed = int(os.environ.get("SEED") or Random().randrange(1 << 32))
    print(f"fuzz-peers: SEED={seed}", flush=True)
    if lost := DESIGN.keys() - by_design():
        raise Failed(f"no row of docs/protocol.md, section 10, is named {', '.join(lost)}")
    rust.prepare()
    random, run = Random(seed), Run()
    began = time.monotonic()
    with rust.driver() as peer:
        pool = valid(peer, random)
        for node in pool:
            answer = peer.ask("try_read", node=node, own=OWN)
            run.judge(bytes.fromhex(answer["wire"]), answer)
        while time.monotonic() - began < limit:
            node = mutated(random, pool)
            if random.random() < 0.75:
                answer = peer.ask("try_read", node=node, own=OWN)
            else:
                wire = damaged(random, bytes.fromhex(peer.ask("encode", node=random.choice(pool))["wire"]))
                answer = peer.ask("try_read", wire=wire, own=OWN)
            run.judge(bytes.fromhex(answer["wire"]), answer)
    run.end(time.monotonic() - began)
    both = run.counts["accepted by both, with one meaning"]
    expect(both > 0, "no stanza was accepted by both")
    print(f"{both} passed, {run.wrong} failed", flush=True)
    return 1 if run.wrong else 0


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    start(main)
