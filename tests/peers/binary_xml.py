"""Binary XML both ways: the peer reads what we write, and we read what the peer writes, on random nodes.

A driver answers ``decode {wire}`` with ``{node}`` and ``encode {node}`` with ``{wire}``. A node is ``{tag, attrs:
[{name, value, is_jid}], children | bytes}``, with neither children nor bytes if it is empty. ``is_jid`` is there if
the wire has a JID, and the peer keeps the two apart.
"""

from __future__ import annotations

import re
import string
import zlib
from random import Random
from typing import Any, Optional, Union
from xml.etree import ElementTree

from tests.peers.ours import callkey
from tests.peers.pair import DEVICE_0, on_wire
from tests.peers.peer import Peer
from tests.peers.tally import Tally

WE_WRITE = "binary XML that we write: offers and key nodes with random texts"
THEY_WRITE = "binary XML that they write: random nodes"

# A node for comparison: tag, attributes, and children or bytes.
Plain = tuple[str, dict[str, str], Union[list[Any], bytes]]

# Some of the protocol's own words, which have tokens, and some that only look like it.
WORDS = ("call", "offer", "accept", "enc", "pkmsg", "msg", "s.whatsapp.net", "g.us", "opus", "8000", "timeout", "Video")
HEX = "0123456789ABCDEF"
SERVERS = ("lid", "s.whatsapp.net", "hosted", "hosted.lid")
GROUPS = ("g.us", "call", "broadcast", "newsletter")


def jid(random: Random) -> str:
    """A device, with its number or without, a user or a group."""
    user = str(random.randrange(1, 10 ** random.randrange(1, 19)))
    if random.random() < 0.2:
        return f"{user}@{random.choice(GROUPS)}"
    server = random.choice(SERVERS)
    bare = random.random() < (0.03 if server.startswith("hosted") else 0.4)
    return f"{user}@{server}" if bare else f"{user}:{random.randrange(1, 256)}@{server}"


def device(random: Random) -> str:
    return f"{random.randrange(1, 10**15)}:{random.randrange(256)}@lid"


def text(random: Random, most: int = 300) -> str:
    """A text in one of the forms of the wire: token, digits, hexadecimal, bytes; never empty."""
    length = random.choice((1, 2, 3, random.randrange(1, most + 1)))
    alphabet = random.choice((string.digits, string.digits + "-.", HEX, HEX.lower(), string.printable, "äß€😀\x7f\x1f"))
    return random.choice(WORDS) if random.random() < 0.3 else "".join(random.choices(alphabet, k=length))


def name(random: Random) -> str:
    """A tag or a name of an attribute."""
    if random.random() < 0.5:
        return random.choice(("call", "offer", "enc", "call-id", "v", "type", "call-creator", "destination", "t"))
    letters = string.ascii_letters + string.digits + "-_."
    return random.choice(string.ascii_letters) + "".join(random.choices(letters, k=random.randrange(20)))


def data(random: Random, most: int) -> bytes:
    return random.randbytes(random.choice((1, 7, 32, 255, 256, random.randrange(1, 3000), most)))


def node(random: Random, depth: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = {"tag": name(random), "attrs": []}
    for attr in sorted({name(random) for _ in range(random.randrange(6))}):
        if random.random() < 0.4:
            made["attrs"].append({"name": attr, "value": jid(random), "is_jid": True})
        else:
            made["attrs"].append({"name": attr, "value": text(random).replace("@", "a")})
    if depth < 4 and random.random() < 0.6:
        count = random.choice((1, 1, 2, 3, 5)) if depth or random.random() < 0.95 else 300
        made["children"] = [node(random, 4 if count == 300 else depth + 1) for _ in range(count)]
    elif random.random() < 0.7:
        made["bytes"] = data(random, 3000 if depth else 500_000).hex()
    return made


def view(wire: bytes) -> Plain:
    """A stanza as our reader sees it."""
    return _viewed(ElementTree.fromstring(callkey.stanza_to_xml(wire)))


def _viewed(element: ElementTree.Element) -> Plain:
    children = [_viewed(child) for child in element]
    return element.tag, {k: _unescaped(v) for k, v in element.items()}, children or (element.text or "").encode()


def _unescaped(shown: str) -> str:
    """The text behind the view's backslashes."""
    raw = re.sub(rb"\\x(..)|\\(\\)", lambda m: bytes.fromhex(m[1].decode()) if m[1] else m[2], shown.encode())
    return raw.decode(errors="surrogateescape")


def plain(theirs: dict[str, Any], ours: Optional[Plain] = None) -> Plain:
    """A node of the peer. The view shows bytes in hexadecimal and a text as it is, so take the one that it took."""
    attrs = {attr["name"]: attr["value"] for attr in theirs["attrs"]}
    if theirs.get("children"):
        mine = ours[2] if ours is not None and isinstance(ours[2], list) else []
        pairs = [*mine, *[None] * len(theirs["children"])]
        return theirs["tag"], attrs, [plain(child, our) for child, our in zip(theirs["children"], pairs)]
    raw = bytes.fromhex(theirs.get("bytes", ""))
    content = raw.hex().encode()
    if ours is not None and isinstance(ours[2], bytes) and _unescaped(ours[2].decode()).encode() == raw:
        content = ours[2]
    return theirs["tag"], attrs, content


def written(random: Random) -> bytes:
    """One of our stanzas, with random texts wherever the app sets one."""
    pkmsg = random.random() < 0.5
    kind = callkey.EncType.PKMSG if pkmsg else callkey.EncType.MSG
    devices = [device(random) for _ in range(random.choice((1, 1, 3, 100)))]
    encs = [callkey.Enc(device, kind, random.randbytes(random.randrange(60, 600))) for device in devices]
    if random.random() < 0.2:
        return callkey.offer_build(encs)
    call_id = "".join(random.choices(random.choice((HEX, string.digits, string.printable[:94], "äß€")), k=40))

    def blob() -> Optional[bytes]:
        return random.randbytes(random.randrange(1, 300)) if random.random() < 0.5 else None

    return callkey.offer_build(
        encs,
        callkey.OfferOptions(
            to=random.choice((devices[0].split(":")[0] + "@lid", f"{random.randrange(10**15)}@s.whatsapp.net")),
            call_id=call_id[: random.randrange(1, 41)],
            call_creator=device(random),
            stanza_id=text(random, 30) if random.random() < 0.5 else None,
            **video(random),
            multi_device=random.random() < 0.5,
            capability=blob(),
            privacy_token=blob(),
            device_identity=random.randbytes(random.randrange(1, 400)) if pkmsg or random.random() < 0.3 else None,
        ),
    )


def facts(node: Plain, path: str = "") -> dict[str, object]:
    """What a node says, each with its place, so that a message shows only what differs."""
    tag, attrs, content = node
    here = f"{path}/{tag}"
    said: dict[str, object] = {f"{here}@{name}": value for name, value in attrs.items()}
    if isinstance(content, bytes):
        said[here] = content
    else:
        for i, child in enumerate(content):
            said |= facts(child, f"{here}[{i}]")
    return said


def compare(tally: Tally, what: str, wire: bytes, mine: Plain, theirs: dict[str, Any]) -> None:
    """Whether our view of a stanza has what the peer's node has."""
    ours, others = facts(mine), facts(plain(theirs, mine))
    wrong = sorted(place for place in ours.keys() | others.keys() if ours.get(place) != others.get(place))
    a, b = ([said.get(place) for place in wrong] for said in (ours, others))
    if what == THEY_WRITE and wrong and [on_wire(str(value)) for value in a] == b:
        tally.differs(what, DEVICE_0, a, b)
    else:
        tally.equal(what, a, b, places=wrong, wire=wire)


def video(random: Random) -> dict[str, Any]:
    if random.random() < 0.5:
        return {}
    return {
        "video": True,
        "video_enc": random.choice((None, "h.264", "av1", text(random, 30))),
        "video_dec": random.choice((None, "H264,AV1", text(random, 30))),
        "video_width": random.randrange(1 << 16),
        "video_height": random.randrange(1 << 16),
        "video_device_orientation": random.randrange(4),
    }


def judge(tally: Tally, peer: Peer, random: Random, rounds: int = 300) -> None:
    for _ in range(rounds):
        wire = written(random)
        compare(tally, WE_WRITE, wire, view(wire), peer.ask("decode", wire=wire)["node"])
    for i in range(rounds):
        made = node(random)
        wire = bytes.fromhex(peer.ask("encode", node=made)["wire"])
        if i % 5 == 0:  # as a server may
            wire = bytes([wire[0] | 2]) + zlib.compress(wire[1:])
        mine = view(wire)
        compare(tally, THEY_WRITE, wire, mine, peer.ask("decode", wire=wire)["node"])
        compare(tally, THEY_WRITE, wire, mine, made)
