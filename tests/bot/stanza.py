"""A stanza as the server handles it. It reads through the library's XML view and has a writer of its own."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from tests.bot.package import callkey

LIST_8, JID_PAIR, AD_JID, BINARY_8, BINARY_20 = 248, 250, 247, 252, 253
LID = 1  # the agent of a LID
COMPRESSED = 2


@dataclass
class Node:
    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    data: bytes = b""

    def child(self, tag: str) -> Node | None:
        return next((child for child in self.children if child.tag == tag), None)

    def named(self, tag: str) -> Iterator[Node]:
        """All nodes with the tag, this one and those inside."""
        if self.tag == tag:
            yield self
        for child in self.children:
            yield from child.named(tag)

    def copy(self) -> Node:
        return Node(self.tag, dict(self.attrs), [child.copy() for child in self.children], self.data)


def read(wire: bytes) -> Node:
    """A stanza that the library wrote: its contents are bytes, which the view shows in hexadecimal."""
    return _node(ElementTree.fromstring(callkey.stanza_to_xml(wire)))


def _node(element: ElementTree.Element) -> Node:
    children = [_node(child) for child in element]
    data = b"" if children else bytes.fromhex(element.text or "")
    return Node(element.tag, dict(element.attrib), children, data)


def write(node: Node, compressed: bool = False) -> bytes:
    """Binary XML without tokens."""
    body = _written(node)
    return bytes([COMPRESSED]) + zlib.compress(body) if compressed else b"\0" + body


def _written(node: Node) -> bytes:
    has_content = bool(node.children or node.data)
    out = bytes([LIST_8, 1 + 2 * len(node.attrs) + has_content]) + _bytes(node.tag.encode())
    for name, value in node.attrs.items():
        out += _bytes(name.encode()) + _value(value)
    if node.children:
        out += bytes([LIST_8, len(node.children)]) + b"".join(map(_written, node.children))
    elif node.data:
        out += _bytes(node.data)
    return out


def _value(value: str) -> bytes:
    user, at, server = value.rpartition("@")
    if not at:
        return _bytes(value.encode())
    name, colon, number = user.partition(":")
    if colon and int(number):
        return bytes([AD_JID, LID, int(number)]) + _bytes(name.encode())
    return bytes([JID_PAIR]) + _bytes(name.encode()) + _bytes(server.encode())


def _bytes(data: bytes) -> bytes:
    if len(data) < 256:
        return bytes([BINARY_8, len(data)]) + data
    return bytes([BINARY_20]) + len(data).to_bytes(3, "big") + data


def numbered(jid: str) -> str:
    """A device's JID with its number, which the wire leaves out for device 0."""
    user, _, server = jid.rpartition("@")
    return jid if ":" in user else f"{user}:0@{server}"


def user_of(jid: str) -> str:
    user, _, server = jid.rpartition("@")
    return f"{user.partition(':')[0]}@{server}"
