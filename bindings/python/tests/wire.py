"""Binary XML that the library would not write: lists of up to 255 (f8), texts and bytes of up to 255 (fc)."""

from __future__ import annotations

from conftest import CALLER


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"\xfc" + bytes([len(encoded)]) + encoded


def node(tag: str, content: bytes = b"", **attributes: str) -> bytes:
    """A node; ``content`` is a list of nodes or bytes, written already."""
    size = 1 + 2 * len(attributes) + bool(content)
    return b"\xf8" + bytes([size]) + text(tag) + b"".join(text(k) + text(v) for k, v in attributes.items()) + content


def enc(ciphertext: bytes, **changed: str) -> bytes:
    """An <enc> of a msg with attributes changed, or left out where they are empty."""
    attributes = {"v": "2", "type": "msg", "count": "0", **changed}
    return node("enc", b"\xfc" + bytes([len(ciphertext)]) + ciphertext, **{k: v for k, v in attributes.items() if v})


def to(jid: str, content: bytes) -> bytes:
    """A <destination> with one device."""
    return node("destination", b"\xf8\x01" + node("to", b"\xf8\x01" + content, jid=jid))


def video(**changed: str) -> bytes:
    """A <video> with attributes changed, or left out where they are empty."""
    attributes = {"enc": "h.264", "dec": "H264", "device_orientation": "0", "screen_width": "0", "screen_height": "0"}
    return node("video", b"", **{k: v for k, v in {**attributes, **changed}.items() if v})


def call(child: bytes, **attributes: str) -> bytes:
    """A whole stanza of one child of <call>, as a server delivers it."""
    return b"\x00" + node("call", b"\xf8\x01" + child, **attributes)


def offer(*children: bytes, call_id: str = "AB12", creator: str = CALLER) -> bytes:
    """A whole stanza of one <offer>."""
    content = b"\xf8" + bytes([len(children)]) + b"".join(children)
    return b"\x00" + node("offer", content, **{"call-id": call_id, "call-creator": creator})
