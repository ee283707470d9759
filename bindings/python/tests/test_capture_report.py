"""The picture and the page of a solved capture."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command import Command
from conftest import CALLER, PHONE, TREE

from callkey.capture.report import page
from callkey.capture.result import (
    Call,
    File,
    KeyChange,
    KeyUse,
    Kind,
    Loss,
    Reason,
    Refused,
    Result,
    Secret,
    Stanza,
    Stream,
)
from callkey.capture.timeline import draw
from callkey.capture.wav import Sound

EXAMPLE = TREE / "testdata" / "captures"
SECRETS = ("--identity", "identity.key", "--signed-prekey", "1=signed-prekey.key", "--prekey", "9=prekey.key")
SOLVED = ("capture", "call.pcap", "--log", "call.jsonl", "--own", PHONE, *SECRETS)
SVG = "{http://www.w3.org/2000/svg}"
BEGUN = 1700000000.0
VOID = {"meta", "br"}
HOSTILE = (
    "<script>alert(1)</script>",
    "\"'&lt;&amp;]]>",
    "\u202etxt.gpj\u2066",
    "\0\x08\x1b[31m\x9b\ufffe\ud800",
    "x" * 5000,
    "{{7*7}}%s",
)
USES = (
    KeyUse("call key", BEGUN, BEGUN + 5, 250, 0, 0),
    KeyUse("epoch 1", BEGUN + 5, BEGUN + 10, 250, 0, 1),
)
STREAM = Stream(
    ssrc=0x1A2B3C4D,
    rtcp=False,
    kind=Kind.AUDIO,
    sender=CALLER,
    ssrc_of=CALLER,
    named=True,
    secrets=USES,
    roc_first=0,
    roc_last=1,
    first=BEGUN,
    last=BEGUN + 10,
    packets=500,
    lost=7,
    duplicates=2,
    reordered=1,
    refused=3,
    payload_types=(120,),
    payload_bytes=50000,
    source="192.0.2.1:4000",
    destination="192.0.2.2:5000",
    losses=(Loss(BEGUN + 2, BEGUN + 2.1, 7),),
)
REFUSED = Refused(Reason.WRONG_COUNTER, 0x1A2B3C4D, False, 3, BEGUN + 6, BEGUN + 7, "roll-over counter 0", "why", ())
RESULT = Result(
    file=File("call.pcap", "pcap", ("Ethernet",), 510, 60000, BEGUN, BEGUN + 10),
    call=Call("00AA", CALLER, (PHONE,), (PHONE, CALLER), True, False, BEGUN, BEGUN + 10),
    secrets=(
        Secret("call key", "0011223344556677", "stanza 1", None, BEGUN + 5, used=True),
        Secret("epoch 1", "8899aabbccddeeff", "stanza 2", BEGUN + 5, None, used=True),
    ),
    stanzas=(
        Stanza(1, "line 1", BEGUN, False, "offer", CALLER, "the call key", True),
        Stanza(2, "line 2", BEGUN + 5, False, "rekey", CALLER, "it does not open", False),
    ),
    streams=(STREAM,),
    changes=(KeyChange(BEGUN + 5, 0x1A2B3C4D, False, "call key", "epoch 1", True),),
    refused=(REFUSED,),
    missing=(),
)
SOUND = Sound("audio-1.0-0x1a2b3c4d.wav", 0x1A2B3C4D, CALLER, 10.0, 0.2, 500, 1, 0, False)


def hostile(text: str) -> Result:
    """The result with a text in every place that comes from the capture, its log or the command line."""
    stream = replace(STREAM, sender=text, ssrc_of="other", source=text, destination=text)
    return replace(
        RESULT,
        file=replace(RESULT.file, path=text, link_types=(text,)),
        call=replace(RESULT.call, call_id=text, creator=text, own=(text,), participants=(text,)),
        secrets=tuple(replace(each, source=text, sender=text) for each in RESULT.secrets),
        stanzas=tuple(replace(each, kind=text, sender=text, done=text) for each in RESULT.stanzas),
        streams=(stream,),
        refused=(replace(REFUSED, fits=text, told=text),),
        missing=(text,),
    )


class Parsed(HTMLParser):
    """The elements with their attributes, and the text. Fails if they are not properly nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def rectangles(picture: str, kind: str) -> list[tuple[float, float]]:
    """From and to in pixels."""
    root = ElementTree.fromstring(picture)
    found = [
        each for each in root.iter(f"{SVG}rect") if each.get("class") == kind and each.find(f"{SVG}title") is not None
    ]
    return [(float(each.get("x", 0)), float(each.get("x", 0)) + float(each.get("width", 0))) for each in found]


def test_timeline() -> None:
    # A loss or a change of keys at the wrong time would mislead who looks for its cause.
    picture = draw(RESULT)
    root = ElementTree.fromstring(picture)
    width = float(root.get("width", 0))
    (first,), (second,) = rectangles(picture, "s0"), rectangles(picture, "s1")
    assert first[1] == second[0] and second[1] == width - 32
    scale = (second[1] - first[0]) / 10
    (lost,) = rectangles(picture, "lost")
    assert abs(lost[0] - (first[0] + 2 * scale)) < 0.2
    (refused,) = rectangles(picture, "refused")
    assert abs(refused[0] - (first[0] + 6 * scale)) < 0.2 and abs(refused[1] - (first[0] + 7 * scale)) < 0.2
    (change,) = [each for each in root.iter(f"{SVG}line") if each.find(f"{SVG}title") is not None]
    assert abs(float(change.get("x1", 0)) - second[0]) < 0.2
    marks = [each.get("class") for each in root.iter(f"{SVG}circle") if each.find(f"{SVG}title") is not None]
    assert marks == ["stanza", "bad"]
    told = " ".join(root.itertext())
    for text in ("Call 00AA", "0011223344556677", "8899aabbccddeeff", f"audio of {CALLER}", "ROC 0 to 1", "7 lost"):
        assert text in told


@pytest.mark.parametrize("streams", [0, 1, 48, 400])
def test_timeline_of_many(streams: int) -> None:
    # A conference with hundreds of streams would not be drawn, or a line would lie on another.
    many = tuple(replace(STREAM, ssrc=n, sender=f"{n}@lid") for n in range(streams))
    picture = draw(replace(RESULT, streams=many, refused=(REFUSED,) * streams))
    root = ElementTree.fromstring(picture)
    height = float(root.get("height", 0))
    lines = [float(each.get("y", 0)) for each in root.iter(f"{SVG}text") if each.get("class") == "name"]
    assert len(lines) == 2 * min(streams, 48)
    assert all(20 < below - above for above, below in zip(lines, lines[1:])) and max(lines, default=0) < height - 60
    assert ("which the JSON has" in picture) == (streams > 48)


def test_timeline_without_anything() -> None:
    # A capture of which nothing opens must still be shown.
    nothing = replace(RESULT, secrets=(), stanzas=(), streams=(), changes=(), refused=())
    assert "no stream was solved" in draw(nothing)
    assert "None: every RTP" in Parsed(page(nothing)).text


@pytest.mark.parametrize("span", [0.0, 1e-6, 0.5, 59.0, 7200.0, 1e6, 1e12])
def test_scale(span: float) -> None:
    # The scale of a packet, a call and a capture of months must be readable.
    stream = replace(STREAM, last=BEGUN + span, secrets=(replace(USES[0], until=BEGUN + span),), losses=())
    picture = draw(replace(RESULT, streams=(stream,), stanzas=(), changes=(), refused=()))
    marks = [each for each in ElementTree.fromstring(picture).iter(f"{SVG}text") if each.get("class") == "scale"]
    assert 1 <= len(marks) <= 1001 and (span > 1e6 or len(marks) <= 12)


def test_page() -> None:
    # The page is what is shown to others: each number must be there.
    result = replace(RESULT, missing=("the key of carol's accept",))
    parsed = Parsed(page(result, [SOUND], [("call.json", "JSON")]))
    for text in (
        "the key of carol's accept",
        *("Call 00AA", "500 packets of 1 streams are authentic", "0011223344556677", "192.0.2.2:5000", "0x1a2b3c4d"),
        *("call key (250), then epoch 1 (250)", "wrong counter", "roll-over counter 0", "goes on", "it does not open"),
        *("10.0 s, 0.2 s of silence, 1 packets are not Opus", "every RTP"),
    ):
        assert (text in parsed.text) == (text != "every RTP"), text
    assert [each["src"] for tag, each in parsed.elements if tag == "audio"] == ["audio-1.0-0x1a2b3c4d.wav"]
    assert [each.get("href") for tag, each in parsed.elements if tag == "a"] == ["call.json", SOUND.name]


def test_nothing_is_loaded() -> None:
    # Who opens a report would be known to a stranger.
    text = page(RESULT, [SOUND], [("call.json", "JSON")])
    for tag, attributes in Parsed(text).elements:
        assert tag not in {"script", "link", "iframe", "object", "img"}
        for name in ("src", "href"):
            assert not re.match(r"[a-z]+:|/", attributes.get(name) or "")
    assert "url(" not in text and "@import" not in text
    assert "default-src 'none'" in text
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str) -> None:
    # A peer chooses its JID and the call id: its script would run at who reads the report.
    result = hostile(text)
    picture = draw(result)
    ElementTree.fromstring(picture.encode("utf-8"))
    made = page(result, [replace(SOUND, sender=text)])
    parsed = Parsed(made)
    plain = Parsed(page(hostile("plain"), [SOUND]))
    assert [tag for tag, _ in parsed.elements] == [tag for tag, _ in plain.elements]
    assert [set(each) for _, each in parsed.elements] == [set(each) for _, each in plain.elements]
    assert made.encode("utf-8").isascii() or not set("\u202e\u2066\0\x08\x1b\x9b\ufffe") & set(made)


def test_report(command: Command) -> None:
    # One command, from the capture to a page.
    for file in EXAMPLE.iterdir():
        if file.suffix in (".pcap", ".jsonl", ".key"):
            command.file(file.name, file.read_bytes())
    done = command(*SOLVED, "--report", "report", "--timeline", "picture.svg")
    assert (done.status, done.err) == (0, "")
    folder = command.folder / "report"
    assert f"report in {Path('report') / 'index.html'}" in done.out
    assert {"index.html", "timeline.svg", "call.json", "plain.pcap"} <= {file.name for file in folder.iterdir()}
    modes = {stat.S_IMODE(file.stat().st_mode) for file in [*folder.iterdir(), command.folder / "picture.svg"]}
    assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)
    parsed = Parsed((folder / "index.html").read_text(encoding="utf-8"))
    assert "1010 packets of 6 streams are authentic" in parsed.text
    linked = {each.get("href") or each.get("src") for tag, each in parsed.elements if tag in ("a", "audio")}
    assert linked == {file.name for file in folder.iterdir()} - {"index.html"}
    assert (folder / "timeline.svg").read_bytes() == (command.folder / "picture.svg").read_bytes()
    secrets = [bytes.fromhex(file.read_text()) for file in command.folder.glob("*.key")]
    for file in folder.iterdir():
        written = file.read_bytes()
        assert not any(secret in written or secret.hex().encode() in written for secret in secrets)


def test_nothing_is_overwritten(command: Command) -> None:
    # A report of another call would be lost.
    for file in EXAMPLE.iterdir():
        if file.suffix in (".pcap", ".jsonl", ".key"):
            command.file(file.name, file.read_bytes())
    (command.folder / "report").mkdir()
    (command.folder / "report" / "mine").write_text("mine")
    command.file("picture.svg", "mine")
    for arguments, why in (
        (("--report", "report"), "report is not empty: a report needs a folder of its own"),
        (("--timeline", "picture.svg"), "can't write picture.svg: File exists"),
        (("--report", "picture.svg"), "can't write picture.svg: "),
    ):
        done = command(*SOLVED, *arguments)
        assert (done.status, done.out) == (2, "") and why in done.err
    assert [file.name for file in (command.folder / "report").iterdir()] == ["mine"]
    assert (command.folder / "picture.svg").read_text() == "mine"
