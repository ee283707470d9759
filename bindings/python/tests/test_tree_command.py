"""``callkey tree``: the two pictures of the key schedule."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from command import SRC, Command, run
from conftest import COUNTING, TREE

import callkey
from callkey.cli.schedule import KEY, PUBLIC, Node, schedule

SVG = "{http://www.w3.org/2000/svg}"
SECRETS = {"call key", "hop-by-hop key", "call id"}
# As the Python package names them.
OUTPUTS = {"libsrtp_key", "srtp_auth_key", "srtcp_salt", "sframe_key", "warp_auth_key", "ssrcs"}


def everything(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from everything(node.children)


@pytest.mark.parametrize("width", [40, 60, 80, 110])
@pytest.mark.parametrize("ascii", [False, True])
def test_terminal(command: Command, width: int, ascii: bool) -> None:
    # The picture would run over the edge, or be unreadable where there is no Unicode.
    done = command("tree", "--width", str(width), *(["--ascii"] if ascii else []))
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= width
    assert done.out.isascii() == ascii
    for name in SECRETS | OUTPUTS:
        assert any(name in line for line in lines)
    for above, below in zip(lines, lines[1:]):  # no branch hangs in the air
        for place in (m.start() for m in re.finditer("└" if not ascii else "`", below)):
            assert above[place : place + 1] in "│├|+" or above[place : place + 1].isalnum() or above[place] == "["


def test_true(command: Command) -> None:
    # The picture would show another schedule than the library has: its steps are done here, by hand.
    import hashlib
    import hmac

    def hkdf(salt: bytes, ikm: bytes, info: bytes, size: int) -> bytes:
        key, out, last = hmac.new(salt or bytes(32), ikm, hashlib.sha256).digest(), b"", b""
        while len(out) < size:
            last = hmac.new(key, last + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
            out += last
        return out[:size]

    notes = {note for node in everything(schedule()) for note in node.notes}
    jid = "222222222222222:0@lid"
    with callkey.CallKey.from_bytes(COUNTING) as key:
        assert {"input: call key, or raw_e2e 0–31", "salt: 32 zero bytes", "info: participant id"} <= notes
        assert key.e2e_keys(jid).libsrtp_key == hkdf(bytes(32), COUNTING, jid.encode(), 46)[:30]
        assert {"input: call key 16–31", "salt: call key 0–15", 'info: "e2e sframe key" ‖ participant id'} <= notes
        assert key.sframe_key(jid).reveal() == hkdf(COUNTING[:16], COUNTING[16:], b"e2e sframe key" + jid.encode(), 32)
        assert {"input: call key", "salt: none", 'info: "warp auth key"'} <= notes
        assert key.warp_auth_key().reveal() == hkdf(b"", COUNTING, b"warp auth key", 32)
    hbh = bytes(range(30))
    assert {
        'first s: input 0–13, salt 32 zero bytes, info P ‖ " salt"',
        'then: input 14–29, salt s, info P ‖ " key"',
    } <= notes
    for which, p in zip(callkey.HBH, (b"uplink hbh srtcp", b"downlink hbh srtcp", b"hbh srtp", b"hbh srtcp")):
        assert any(f'"{p.decode()}"' in note for note in notes)
        s = hkdf(bytes(32), hbh[:14], p + b" salt", 32)
        assert callkey.hbh_keys(hbh, which).libsrtp_key == hkdf(s, hbh[14:], p + b" key", 30)
    assert {"input: call id", "salt: slot, 4 bytes little endian"} <= notes
    assert callkey.ssrcs("AB12", jid).audio_fec == int.from_bytes(hkdf(b"\1\0\0\0", b"AB12", jid.encode(), 4), "little")


def test_names() -> None:
    # A person would look for the name of a node in Python, and not find it.
    nodes = [node for node in everything(schedule()) if node.kind in (KEY, PUBLIC)]
    names = {node.name for node in nodes} - SECRETS - {"SRTP and SRTCP session keys"}
    assert OUTPUTS <= names
    for name in names:
        assert any(hasattr(each, name) for each in (callkey, callkey.CallKey, callkey.SRTPKeys)), name
    (streams,) = (node.notes for node in nodes if node.name == "ssrcs")
    assert re.findall(r"(\w+): \d", " ".join(streams)) == list(callkey.SSRCs._fields)


def test_participant(command: Command) -> None:
    # The picture would show an id that does not go into the derivation.
    done = command("tree", "--participant", "222222222222222@lid")
    assert "info: 222222222222222:0@lid" in done.out and "participant id" not in done.out


def test_svg(command: Command) -> None:
    # The file would not be an SVG, or texts would lie over one another or outside of their boxes.
    done = command("tree", "--svg", "keys.svg", "--participant", "<&>@lid")
    assert (done.status, done.out, done.err) == (0, "", "")
    root = ElementTree.parse(command.folder / "keys.svg").getroot()
    assert root.tag == SVG + "svg"
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    texts = {text.text for text in root.iter(SVG + "text")}
    assert SECRETS | OUTPUTS <= texts and "info: <&>:0@lid" in texts
    boxes = []
    for group in root.findall(SVG + "g"):
        rect, words = group.find(SVG + "rect"), group.findall(SVG + "text")
        if rect is None or not words:
            continue
        x, y, w, h = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert 0 <= x and x + w <= width and 0 <= y and y + h <= height
        for text in words:
            tx, ty = float(text.attrib["x"]), float(text.attrib["y"])
            assert x < tx < x + w and y < ty < y + h
            if "text-anchor" not in text.attrib:
                assert tx + 6.2 * len(text.text or "") < x + w, text.text
        boxes.append((x, y, w, h))
    assert len(boxes) == len(list(everything(schedule())))
    for i, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[:i]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y, "two boxes overlap"


def test_the_one_in_the_docs(command: Command) -> None:
    # The picture in the docs would be of another version.
    assert command("tree", "--svg", "keys.svg").status == 0
    assert (command.folder / "keys.svg").read_bytes() == (TREE / "docs" / "keys.svg").read_bytes()


def test_svg_to_a_pipe() -> None:
    # `callkey tree --svg - | rsvg-convert` would not work, or only where the locale is UTF-8.
    for environment in ({}, {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}):
        done = subprocess.run(
            [sys.executable, "-m", "callkey", "tree", "--svg", "-"],
            capture_output=True,
            env={"PYTHONPATH": str(SRC), **environment},
        )
        assert done.returncode == 0 and "‖".encode() in done.stdout
        ElementTree.fromstring(done.stdout)


def test_without_unicode() -> None:
    # The picture would be a heap of escapes where the terminal knows only ASCII.
    done = run("tree", PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert done.status == 0 and done.out.isascii() and "`- " in done.out
