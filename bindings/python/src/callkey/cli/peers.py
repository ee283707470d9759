"""What other implementations make of a stanza, where they differ from this library.

tests/peers compares each of these rules with the implementation itself; docs/interop.md has the versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

Node = ElementTree.Element

_WACORE, _WHATSMEOW = "wacore", "whatsmeow"
_WITH_KEY = ("offer", "accept", "enc_rekey")
_LONGEST = 127

# The children of <call> that each one knows.
_KNOWN_TO_WACORE = frozenset(
    (*_WITH_KEY, "group_update", "offer_notice", "preaccept", "reject", "relaylatency", "terminate", "transport")
)
_EVENTS_OF_WHATSMEOW = frozenset(
    ("accept", "offer", "offer_notice", "preaccept", "reject", "relaylatency", "terminate", "transport")
)


@dataclass(frozen=True)
class Reading:
    """What one peer makes of the stanza."""

    peer: str
    text: str


def read(root: Node, rejected: bool) -> list[Reading]:
    """The peers' readings of a whole ``<call>``, where they differ, or drop it too. They do not read parts of one.

    rejected: the library rejects the stanza.
    """
    if root.tag != "call":
        return []
    found = [Reading(_WACORE, text) for text in _wacore(root)]
    return found + [Reading(_WHATSMEOW, text) for text in _whatsmeow(root, rejected)]


def _whatsmeow(call: Node, rejected: bool) -> Iterator[str]:
    tags = [child.tag for child in call]
    if len(tags) != 1:
        yield f"announces an unknown call event: <call> has {len(tags)} children, not 1"
    elif tags[0] not in _EVENTS_OF_WHATSMEOW:
        yield f"announces an unknown call event: it does not know <{tags[0]}>"
    elif rejected:
        yield "announces the call; it reads no keys"


def _wacore(call: Node) -> Iterator[str]:
    action = next((child for child in call if child.tag in _KNOWN_TO_WACORE), None)
    dropped = _dropped_by_wacore(call, action)
    if dropped:
        yield f"drops the stanza: {dropped}"
    if dropped or action is None:
        return
    if action is not _ours(call):
        yield f"reads <{action.tag}>, its first child that it knows"
    for node, name in ((action, "call-id"), (action, "call-creator"), (call, "from"), (call, "participant")):
        if len(node.get(name, "").encode()) > _LONGEST:
            yield f"reads a {name} of more than {_LONGEST} bytes"
    if action.tag == "accept":
        if next(action.iter("enc"), None) is not None:
            yield "does not read the key of an <accept>"
    elif action.tag == "enc_rekey":
        if len(action.findall("enc")) > 1:
            yield "reads the first <enc>"
        if action.get("transaction-id") == "0":
            yield "reads transaction-id 0"
    elif action.tag == "offer":
        yield from _offer(action)


def _ours(call: Node) -> Node | None:
    """The child that this library reads; None if it rejects the stanza."""
    with_key = [child for child in call if child.tag in _WITH_KEY]
    candidates = with_key or list(call)
    return candidates[0] if len(candidates) == 1 else None


def _dropped_by_wacore(call: Node, action: Node | None) -> str:
    """Why the peer drops the stanza; "" if it does not."""
    if "to" not in call.attrib:  # an app's own stanza gets these two on its way
        if "@" not in call.get("from", ""):
            return "<call> has no from that is a JID"
        if not _is_number(call.get("t", "")):
            return "<call> has no t that is a number"
    if action is None:
        return f"it knows none of the children of <call>: {', '.join(f'<{child.tag}>' for child in call)}"
    if "call-id" not in action.attrib:
        return f"<{action.tag}> has no call-id"
    if "@" not in action.get("call-creator", ""):
        return f"<{action.tag}> has no call-creator that is a JID"
    if action.tag == "group_update" and action.find("group_info") is None:
        return "<group_update> has no <group_info>"
    if action.tag == "enc_rekey":
        return _dropped_rekey(action)
    return ""


def _dropped_rekey(rekey: Node) -> str:
    enc, encopt = rekey.find("enc"), rekey.find("encopt")
    if enc is None:
        return "<enc_rekey> has no <enc> of its own"
    if encopt is None or encopt.get("keygen") != "2":
        return "<enc_rekey> has a keygen other than 2"
    if not _is_number(rekey.get("transaction-id", "")):
        return "<enc_rekey> has no transaction-id that is a number"
    if enc.get("v") != "2" or enc.get("type") not in ("msg", "pkmsg"):
        return "an epoch comes in a msg or pkmsg of version 2"
    return ""


def _offer(offer: Node) -> Iterator[str]:
    bare, destinations = offer.findall("enc"), offer.findall("destination")
    addressed = [to for destination in destinations for to in destination.findall("to")]
    if bare and any(to.find("enc") is not None for to in addressed):
        yield "reads the <enc> without an address before those in <destination>"
    if len(bare) > 1:
        yield "reads the first of the <enc> without an address"
    if len(destinations) > 1:
        yield "reads every <destination>"
    jids = [to.get("jid", "") for to in addressed for _ in to.findall("enc")]
    for jid in sorted({jid for jid in jids if jids.count(jid) > 1}):
        yield f"reads the first <enc> for {jid}"
    for enc in offer.iter("enc"):
        if enc.text and not enc.get("type"):
            yield "reads an <enc> without type as a pkmsg"
        elif enc.get("type") not in ("msg", "pkmsg"):
            yield f"reads an <enc> of type {enc.get('type')}"
        version = enc.get("v")
        if version is not None and version not in ("2", "3"):
            yield f"reads v={version} of <enc> as {_version(version)}"


def _version(text: str) -> int:
    """The peer keeps one byte; what does not fit it reads as 2."""
    digits = text.lstrip("0") or "0"
    return int(digits) if _is_number(text) and len(digits) <= 3 and int(digits) < 256 else 2


def _is_number(text: str) -> bool:
    """Whether it is a number to the peer, which reads no digits but 0 to 9."""
    return text.isascii() and text.isdecimal()
