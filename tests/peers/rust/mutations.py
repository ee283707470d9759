"""Changed stanzas: of nodes, attribute by attribute and child by child, and of their bytes."""

from __future__ import annotations

import copy
import string
from collections.abc import Iterator
from random import Random
from typing import Any

Node = dict[str, Any]

ATTRIBUTES = (
    *("call-id", "call-creator", "from", "to", "id", "t", "participant", "recipient", "notify", "platform", "version"),
    *("v", "type", "count", "keygen", "jid", "transaction-id", "group-jid", "media", "joinable", "caller_pn"),
    *("offline", "reason", "duration", "state", "enc", "dec", "rate", "medium", "ver", "connected-limit"),
)
TAGS = (
    *("call", "offer", "accept", "preaccept", "reject", "terminate", "transport", "relaylatency", "offer_notice"),
    *("enc_rekey", "group_update", "group_info", "mute_v2", "video", "video_state", "enc", "destination", "to"),
    *("encopt", "device-identity", "privacy", "audio", "net", "capability", "relay", "user", "device", "raw_e2e"),
    "unheard_of",
)
VALUES = (
    *("", "0", "1", "2", "3", "02", "-1", "+2", " 2", "2 ", "2.0", "255", "256", "4294967295", "4294967296", "0x2"),
    *("msg", "pkmsg", "skmsg", "MSG", "audio", "video", "true", "false", "A" * 128, "ä", "call-id", "\x00", "2\n"),
)
NUMBERS = (0, 1, 5, 99, 255)
AD_SERVERS = ("lid", "s.whatsapp.net", "hosted", "hosted.lid")
SERVERS = (*AD_SERVERS, "g.us", "bot", "interop", "msgr", "call", "broadcast", "c.us")


def jid(random: Random) -> str:
    user = random.choice(("222222222222222", "1555", "9" * 20, "0", "12-34"))
    server = random.choice(SERVERS)
    if server not in AD_SERVERS or random.random() < 0.4:
        return f"{user}@{server}"
    return f"{user}:{random.choice(NUMBERS)}@{server}"


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("children", []):
        yield from walk(child)


def attributes(random: Random, node: Node, pool: list[Node]) -> None:
    attrs = node["attrs"]
    kind = random.randrange(7)
    if kind == 0 or not attrs:
        is_jid = random.random() < 0.4
        value = jid(random) if is_jid else random.choice(VALUES)
        attrs.insert(
            random.randrange(len(attrs) + 1), {"name": random.choice(ATTRIBUTES), "value": value, "is_jid": is_jid}
        )
        return
    attr = random.choice(attrs)
    if kind == 1:
        attrs.remove(attr)
    elif kind == 2:
        attrs.append(dict(attr))
    elif kind == 3:
        attr["name"] = random.choice((attr["name"].upper(), attr["name"][:-1], random.choice(ATTRIBUTES)))
    elif kind == 4:
        attr["value"], attr["is_jid"] = random.choice(VALUES), False
    elif kind == 5:
        attr["value"], attr["is_jid"] = jid(random), random.random() < 0.7
    else:
        other = random.choice(list(walk(random.choice(pool))))["attrs"]
        if other:
            attrs.append(dict(random.choice(other)))


def children(random: Random, node: Node, pool: list[Node]) -> None:
    row = node.setdefault("children", [])
    node.pop("bytes", None)
    foreign = copy.deepcopy(random.choice(list(walk(random.choice(pool)))))
    if not row or random.random() < 0.2:
        row.insert(random.randrange(len(row) + 1), foreign)
        return
    at = random.randrange(len(row))
    kind = random.randrange(6)
    if kind == 0:
        del row[at]
    elif kind == 1:
        row.append(copy.deepcopy(row[at]))
    elif kind == 2:
        random.shuffle(row)
    elif kind == 3:
        row[at]["tag"] = random.choice(TAGS)
    elif kind == 4:
        row[at] = foreign
    else:
        row[at] = {"tag": random.choice(TAGS), "attrs": [], "children": [row[at]]}


def content(random: Random, node: Node) -> None:
    kind = random.randrange(4)
    if kind == 0:
        node.pop("children", None)
        node["bytes"] = random.randbytes(random.choice((0, 1, 32, 300))).hex()
    elif kind == 1:
        node.pop("children", None)
        node.pop("bytes", None)
    elif kind == 2:
        node["bytes"] = "".join(random.choices(string.printable, k=8)).encode().hex()
        node.pop("children", None)
    else:
        node["tag"] = random.choice(TAGS)


def mutated(random: Random, pool: list[Node]) -> Node:
    """One stanza of the pool with one to four changes."""
    stanza = copy.deepcopy(random.choice(pool))
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        node = random.choice(list(walk(stanza)))
        kind = random.random()
        if kind < 0.55:
            attributes(random, node, pool)
        elif kind < 0.85:
            children(random, node, pool)
        else:
            content(random, node)
    return stanza


def damaged(random: Random, wire: bytes) -> bytes:
    """A stanza with one to three changes of its bytes."""
    data = bytearray(wire)
    for _ in range(random.choice((1, 1, 2, 3))):
        if not data:
            break
        at = random.randrange(len(data))
        kind = random.randrange(5)
        if kind == 0:
            data[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[at] = random.choice((0, 1, 2, 236, 237, 238, 239, 247, 248, 249, 250, 251, 252, 253, 254, 255))
        elif kind == 2:
            del data[at]
        elif kind == 3:
            data.insert(at, random.randrange(256))
        elif at:
            del data[at:]
    return bytes(data)
