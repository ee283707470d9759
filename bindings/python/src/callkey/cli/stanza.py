"""A stanza's nodes, and the faults that the library, a server or a peer would reject."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

import callkey

from . import peers
from .progress import Progress
from .view import Wrong

Node = ElementTree.Element

ACTIONS = ("offer", "accept", "enc_rekey")

_ORDER = ("privacy", "audio", "video", "net", "capability", "enc", "destination", "encopt", "device-identity")
"""Children of an offer as they must follow one another; enc and destination take one place."""
_PLACE = {tag: place for place, tag in enumerate(_ORDER)}
_PLACE["destination"] = _PLACE["enc"]

_VIDEO = ("enc", "dec", "device_orientation", "screen_width", "screen_height")
"""What clients write in ``<video>``."""


@dataclass
class Enc:
    """One ciphertext: its JID (None: bare), and the library's status for reading it."""

    jid: str | None
    type: str
    version: str
    ciphertext: bytes | None
    status: str = ""


@dataclass
class Stanza:
    root: Node
    action: Node | None
    """The offer, accept or enc_rekey."""
    info: callkey.OfferInfo | None = None
    encs: list[Enc] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    elsewhere: list[peers.Reading] = field(default_factory=list)
    """What others make of it where they differ."""


def read(wire: bytes | bytearray, xml: str) -> Stanza:
    """Checks a stanza by the library's XML view of it; the library reads each ciphertext as its device would.

    This parses the whole stanza for each device, so thousands of devices take seconds.
    """
    root = _tree(xml)
    with Progress(len(list(root.iter("enc")))) as progress:
        return _judged(root, wire, progress)


def _tree(xml: str) -> Node:
    """The nodes of the library's XML view. Its names have no namespaces: an xmlns is an attribute like any other."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(xml, True)
    return builder.close()


def _judged(root: Node, wire: bytes | bytearray, progress: Progress) -> Stanza:
    action = root if root.tag in ACTIONS else next((n for n in root if root.tag == "call" and n.tag in ACTIONS), None)
    stanza = Stanza(root, action)
    holder = root if action is None else action
    for number, (jid, node) in enumerate(_encs(root, holder)):
        progress.at(number, "devices")
        enc = Enc(jid, node.get("type", ""), node.get("v", ""), _data(node))
        _library(stanza, wire, enc)
        stanza.encs.append(enc)
        if node.get("count") != "0":
            stanza.wrong.append(Wrong(f"{_named(enc)}: count is not 0"))
        if node.get("v") is None:
            stanza.wrong.append(Wrong(f"{_named(enc)}: has no v, which is read as 2"))
    if not stanza.encs:
        _library(stanza, wire, None)
    stanza.elsewhere = peers.read(root, rejected=stanza.info is None)
    if action is not None:
        _call(stanza, action)
    for enc in stanza.encs:
        _device_zero(stanza, "<to>", enc.jid or "")
    for destination in holder.iter("destination"):
        if len(destination) == 0:
            stanza.wrong.append(Wrong("<destination> is empty"))
    return stanza


def _encs(root: Node, holder: Node) -> Iterator[tuple[str | None, Node]]:
    if root.tag == "enc":
        yield None, root
        return
    destinations = [root] if root.tag == "destination" else holder.findall("destination")
    for destination in destinations:
        for to in destination.findall("to"):
            for enc in to.findall("enc"):
                yield to.get("jid", ""), enc
    for enc in holder.findall("enc"):
        yield None, enc


def _data(enc: Node) -> bytes | None:
    try:
        return binascii.unhexlify(enc.text or "") or None
    except (binascii.Error, ValueError):
        return None


def _named(enc: Enc) -> str:
    return "<enc>" if enc.jid is None else f"<enc> for {enc.jid}"


def _library(stanza: Stanza, wire: bytes | bytearray, enc: Enc | None) -> None:
    """The result of callkey_offer_parse for the ciphertext's device."""
    own = [] if enc is None or enc.jid is None else [_unescaped(enc.jid)]
    try:
        _, info = callkey.offer_parse(wire, own=own)
    except callkey.ArgumentError as problem:  # the JID of no device: the library passes over it
        assert enc is not None
        enc.status = problem.name
        stanza.wrong.append(Wrong(f"{_named(enc)}: {str(problem).partition(': ')[2]}"))
        _library(stanza, wire, None)
    except callkey.CallKeyError as problem:
        if enc is not None:
            enc.status = problem.name
        stanza.info = stanza.info or problem.info
        if enc is None and isinstance(problem, callkey.NotForThisDeviceError):
            return  # a stanza without a ciphertext, e.g. an accept, is fine
        text = str(problem) if enc is None else f"{_named(enc)}: {problem}"
        if all(wrong.text != text for wrong in stanza.wrong):
            stanza.wrong.append(Wrong(text, problem.name))
    else:
        stanza.info = stanza.info or info


def _unescaped(text: str) -> str:
    r"""The text without the library's XML escapes, \xNN and \\ ."""
    plain = re.sub(
        rb"\\(\\|x[0-9a-f]{2})",
        lambda found: b"\\" if found.group(1) == b"\\" else bytes([int(found.group(1)[1:], 16)]),
        text.encode("utf-8", "surrogateescape"),
    )
    return plain.decode("utf-8", "replace")


def _call(stanza: Stanza, action: Node) -> None:
    wrong = stanza.wrong
    for name in ("call-id", "call-creator"):
        if not action.get(name):
            wrong.append(Wrong(f"<{action.tag}> has no {name}"))
    _device_zero(stanza, "call-creator", action.get("call-creator", ""))
    keygen = [encopt.get("keygen", "") for encopt in action.findall("encopt")]
    if stanza.encs and keygen != ["2"] and action.tag != "enc_rekey":
        wrong.append(Wrong("<encopt> is missing" if not keygen else "<encopt> has a keygen other than 2"))
    if (
        action.tag != "accept"
        and action.find("device-identity") is None
        and any(enc.type == "pkmsg" for enc in stanza.encs)
    ):
        wrong.append(Wrong("a pkmsg without <device-identity>: a server drops the stanza"))
    if action.tag == "offer":
        _offer(stanza, action)


def _device_zero(stanza: Stanza, where: str, jid: str) -> None:
    user, zero, server = jid.partition(":0@")
    if zero:
        stanza.wrong.append(Wrong(f"{where} is {jid}: clients write {user}@{server}, and look for that"))


def _offer(stanza: Stanza, offer: Node) -> None:
    info = stanza.info
    if info is not None and info.call_creator and info.sender != info.call_creator:  # a device comes first
        stanza.wrong.append(Wrong(f"call-creator is {info.call_creator}, which is not a device with a session"))
    last = -1, ""
    for child in offer:
        place = _PLACE.get(child.tag, -1)
        if place < 0:
            continue
        if place < last[0]:
            stanza.wrong.append(Wrong(f"<{child.tag}> comes after <{last[1]}>: a server may reject the order (439)"))
        last = max(last, (place, child.tag))
    for tag in ("audio", "net"):
        if offer.find(tag) is None:
            stanza.wrong.append(Wrong(f"the offer has no <{tag}>"))
    net = offer.find("net")
    if net is not None and net.get("medium") != "3":
        stanza.wrong.append(Wrong("<net> has a medium other than 3"))
    video = offer.find("video")
    if video is not None:
        missing = [name for name in _VIDEO if video.get(name) is None]
        if missing:
            stanza.wrong.append(Wrong(f"<video> has no {', '.join(missing)}: a client may ignore the call"))
