"""``callkey select``: who sent each packet, the packets of each SSRC, and which device answered."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from command import FINGERPRINT, Command, run
from conftest import COUNTING, TREE

import callkey
from callkey.cli import exits
from callkey.cli.streams import Stream

OWN, PHONE, DESKTOP = "111111111111111:3@lid", "222222222222222:0@lid", "222222222222222:12@lid"
JIDS = [OWN, PHONE, DESKTOP]
CALL_ID = "AB12"


def rtp(sender: str, ssrc: int, sequence: int, *, roc: int = 0) -> bytes:
    packet = b"\x80\x78" + sequence.to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big") + b"encrypted"
    with callkey.CallKey.from_bytes(COUNTING) as key, key.e2e_keys(sender) as keys:
        return packet + callkey.warp_tag(keys.srtp_auth_key, packet, roc=roc)


def audio(sender: str) -> int:
    return callkey.ssrcs(CALL_ID, sender).audio


@pytest.fixture
def packet() -> dict[str, object]:
    cases = json.loads((TREE / "testdata" / "vectors" / "select_participant.json").read_text())["cases"]
    found: dict[str, object] = cases[0]["in"]
    return found


def test_select(command: Command, packet: dict[str, list[str]]) -> None:
    # The keys of another device than the one that answered would be used: no error, and noise.
    key, rtp = command.file("call.key", COUNTING), command.file("rtp.bin", str(packet["rtp_packet_hex"]))
    jids = packet["participants"]
    done = command("select", "--key", key, "--packet", rtp, *jids)
    assert done.status == 0
    first, second, third = (line for line in done.out.splitlines() if line.startswith("✓"))
    assert re.fullmatch(rf"✓ \S+rtp\.bin  0x\w{{8}} sequence \d+ +{jids[2]}", first)
    assert re.fullmatch(rf"✓ SSRC 0x\w{{8}}: 1 of 1 from {jids[2]}", second)
    assert third == f"✓ {jids[2]}  sent it: derive SRTP, SRTCP and SFrame keys for this one"
    told = json.loads(command("select", "--key", key, "--packet", rtp, "--json", *jids).out)
    assert (told["fingerprint"], told["participant"]) == (FINGERPRINT, jids[2])


def test_select_nobody(command: Command, packet: dict[str, list[str]]) -> None:
    # A device that did not send it would be taken for the one that did.
    key, rtp = command.file("call.key", COUNTING), command.file("rtp.bin", str(packet["rtp_packet_hex"]))
    for arguments in (packet["participants"][:2], ["--roc", "1", *packet["participants"]]):
        done = command("select", "--key", key, "--packet", rtp, *arguments)
        assert done.status == exits.NOT_GENUINE and "None of them sent it" in done.out
        told = json.loads(command("select", "--key", key, "--packet", rtp, "--json", *arguments).out)
        assert told["participant"] is None


def lines(packets: Iterable[bytes]) -> str:
    return "# of a call\n\n" + "\n".join(packet.hex() for packet in packets)


class Select:
    """The command with a key, and the packets of a file."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._key = command.file("call.key", COUNTING)

    def __call__(self, packets: str, *arguments: str, jids: Sequence[str] = JIDS) -> tuple[int, str, Any]:
        """The status, the page, and the JSON of the same."""
        given: list[str | Path] = [
            "--key",
            self._key,
            "--packets",
            self._command.file("rtp.txt", packets),
            *arguments,
            *jids,
        ]
        page, told = self._command("select", *given), self._command("select", "--json", *given)
        assert (page.err, told.err, page.status) == ("", "", told.status)
        return page.status, page.out, json.loads(told.out)


@pytest.fixture
def select(command: Command) -> Select:
    return Select(command)


def test_many(select: Select) -> None:
    # Of a capture of both directions a person would learn the sender of one packet.
    mine, theirs = audio(OWN), audio(DESKTOP)
    packets = [rtp(OWN, mine, 5), rtp(DESKTOP, theirs, 9), rtp(OWN, mine, 6), rtp(DESKTOP, theirs, 10)]
    status, page, told = select(lines(packets))
    assert status == exits.OK
    assert re.findall(r"^✓ (line \d)  0x(\w+) sequence (\d+) +(\S+)$", page, re.M) == [
        ("line 3", f"{mine:08x}", "5", OWN),
        ("line 4", f"{theirs:08x}", "9", DESKTOP),
        ("line 5", f"{mine:08x}", "6", OWN),
        ("line 6", f"{theirs:08x}", "10", DESKTOP),
    ]
    assert f"\n✓ SSRC 0x{mine:08x}: 2 of 2 from {OWN}\n✓ SSRC 0x{theirs:08x}: 2 of 2 from {DESKTOP}\n" in page
    assert f"✓ {DESKTOP}  sent 2 of 4: derive" in page and f"· {PHONE}\n" in page
    assert told == {
        "fingerprint": FINGERPRINT,
        "participant": None,
        "streams": [
            {"ssrc": ssrc, "stream": None, "participant": jid, "packets": 2, "sent_by": {jid: 2}}
            for ssrc, jid in ((mine, OWN), (theirs, DESKTOP))
        ],
        "packets": [
            {"place": f"line {3 + i}", "ssrc": ssrc, "sequence": sequence, "participant": jid}
            for i, (ssrc, sequence, jid) in enumerate(
                [(mine, 5, OWN), (theirs, 9, DESKTOP), (mine, 6, OWN), (theirs, 10, DESKTOP)]
            )
        ],
    }


def test_streams_by_name(select: Select) -> None:
    # Which stream an SSRC is, and that it is another device's than the tag says, would have to be looked up.
    fec = callkey.ssrcs(CALL_ID, DESKTOP).audio_fec
    packets = [rtp(DESKTOP, audio(DESKTOP), 1), rtp(DESKTOP, fec, 1), rtp(PHONE, audio(OWN), 1), rtp(PHONE, 7, 1)]
    status, page, told = select(lines(packets), "--call-id", CALL_ID)
    assert status == exits.OK
    page = " ".join(page.split())
    for ssrc, name, jid in (
        (audio(DESKTOP), "audio", DESKTOP),
        (fec, "audio_fec", DESKTOP),
        (audio(OWN), f"audio of {OWN} by the call id", PHONE),
        (7, "of none of them by the call id", PHONE),
    ):
        assert f"SSRC 0x{ssrc:08x} ({name}): 1 of 1 from {jid}" in page
    assert [stream["stream"] for stream in told["streams"]] == ["audio", "audio_fec", "audio", None]


def test_around_the_counter(select: Select) -> None:
    # In a long call all packets after the sequence numbers start again would be nobody's.
    numbers = [(0, 65534), (0, 65535), (1, 1), (1, 20000), (0, 65533), (1, 40000), (2, 3), (1, 65000)]
    status, page, told = select(lines(rtp(PHONE, 9, sequence, roc=roc) for roc, sequence in numbers))
    assert status == exits.OK and told["participant"] == PHONE, page
    status, page, told = select(lines(rtp(PHONE, 9, sequence, roc=5 + roc) for roc, sequence in numbers), "--roc", "5")
    assert status == exits.OK and told["participant"] == PHONE, page


def test_before_the_first() -> None:
    # A late packet before any other would be looked for under counter -1.
    stream = Stream(9, 0)
    stream.matched(0, 3, 0)
    assert (stream.guessed(65000), stream.guessed(4), stream.guessed(32771)) == (0, 0, 0)
    stream.matched(0, 65000, 0)
    assert (stream.guessed(3), stream.guessed(65001)) == (1, 0)


def test_not_all_packets(select: Select) -> None:
    # One bad line would end the run, or a stream that two devices sent pass for one's.
    good = [rtp(PHONE, 9, 1).hex(), base64.b64encode(rtp(PHONE, 9, 2)).decode(), rtp(PHONE, 9, 3).hex(":")]
    assert select("\n".join(good))[0] == exits.OK
    for bad, told in (
        ("!!", "neither hex nor base64"),
        ("8078000", "neither hex nor base64"),
        ("80" * 11, "11 bytes, and the header alone has 12"),
        ("00" * 30, "its version is 0, not 2"),
        ("80c8" + "00" * 30, "an RTCP packet"),
        ("9f78" + "00" * 20, "CALLKEY_ERR_MALFORMED"),
        ("80" * (1 << 20), "longer than 1 MiB"),
        (rtp(PHONE, 9, 4)[:-1].hex() + "00", "none of them"),
    ):
        status, page, answer = select("\n".join([*good, bad]))
        assert status == exits.FAILED and re.search(rf"^✗ line 4  .*{told}", page, re.M), page
        assert answer["participant"] == PHONE and page.count("✗ line") == 1
    page = " ".join(page.split())
    assert f"SSRC 0x00000009: 3 of 4 from {PHONE}; 1 from none of them: another key, e.g. an epoch," in page
    status, page, answer = select("\n".join([*good, rtp(DESKTOP, 9, 4).hex()]))
    assert status == exits.FAILED
    assert f"✗ SSRC 0x00000009: 3 of 4 from {PHONE}, 1 of 4 from {DESKTOP} " in " ".join(page.split())
    (stream,) = answer["streams"]
    assert (stream["participant"], stream["sent_by"]) == (None, {PHONE: 3, DESKTOP: 1})
    status, page, _ = select("\n".join([*good, rtp("333:0@lid", 8, 1).hex()]))
    assert status == exits.NOT_GENUINE and "✗ SSRC 0x00000008: 0 of 1\n" in page


def test_several_files(command: Command) -> None:
    # A person with a file for each packet would start the command for each.
    key = command.file("call.key", COUNTING)
    command.file("1", rtp(PHONE, 9, 1))
    command.file("2", rtp(DESKTOP, 8, 1).hex())
    command.file("3", lines([rtp(PHONE, 9, 2)]))
    command.file("4", lines([rtp(PHONE, 9, 3)]))
    arguments = ["--packet", "1", "--packet", "2", "--packets", "3", "--packets", "4", "--json"]
    done = command("select", "--key", key, *arguments, *JIDS)
    told = json.loads(done.out)
    assert done.status == 0
    assert [each["place"] for each in told["packets"]] == ["1", "2", "line 3", "line 3"]
    assert [each["packets"] for each in told["streams"]] == [3, 1]


def test_capture(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    # The packets would have to be taken out of a capture by hand.
    pytest.importorskip("dpkt")
    pytest.importorskip("cryptography")
    from capturing import frame, pcap, pcapng

    key = command.file("call.key", COUNTING)
    payloads = [rtp(PHONE, 9, 1), b"no RTP", b"\x80\xc8" + bytes(30), rtp(DESKTOP, 8, 1), rtp(PHONE, 9, 2)]
    frames = [(1700000000.0 + i, frame(payload)) for i, payload in enumerate(payloads)]
    for path in (
        pcap(command.folder / "us", frames),
        pcap(command.folder / "ns", frames, order=">", nano=True),
        pcapng(command.folder / "ng", [(time, 0, data) for time, data in frames], [1]),
    ):
        done = command("select", "--key", key, "--packets", path, "--json", *JIDS)
        assert (done.status, done.err) == (0, "")
        told = [(each["place"], each["participant"]) for each in json.loads(done.out)["packets"]]
        assert told == [("packet 1", PHONE), ("packet 4", DESKTOP), ("packet 5", PHONE)]
    cut = command.file("cut", path.read_bytes()[:-20])
    done = command("select", "--key", key, "--packets", cut, *JIDS)
    assert done.status == exits.FAILED and re.search("^✗ the end  .", done.out, re.M), done.out
    monkeypatch.setitem(sys.modules, "dpkt", None)
    done = command("select", "--key", key, "--packets", path, *JIDS)
    assert done.status == exits.USAGE
    assert done.err.endswith("a capture needs dpkt: pip install 'callkey[capture]'\n")


def test_packets_from_a_pipe(tmp_path: Path) -> None:
    # `tshark … | callkey select --packets -` would not work.
    key = tmp_path / "call.key"
    key.write_bytes(COUNTING)
    done = run("select", "--key", str(key), "--packets", "-", *JIDS, stdin=lines([rtp(PHONE, 9, 1)]).encode())
    assert (done.status, done.err) == (0, "") and f"✓ {PHONE}  sent it" in done.out


def test_unusable_packets(command: Command) -> None:
    # A mistake in the files would look like a packet of nobody.
    key = command.file("call.key", COUNTING)
    empty = command.file("empty", "# nothing\n")
    for arguments, told in (
        ([], "--packet or --packets is needed"),
        (["--packets", "absent"], "can't read absent: No such file"),
        (["--packets", "."], "can't read .: Is a directory"),
        (["--packets", str(empty)], f"{empty} has no packet"),
        (["--packet", "-", "--packets", "-"], "standard input can be only one"),
        (["--packets", str(empty), "--call-id", ""], "call id is 0 bytes"),
    ):
        done = command("select", "--key", key, *arguments, PHONE)
        assert done.status == exits.USAGE and told in done.err, done.err
