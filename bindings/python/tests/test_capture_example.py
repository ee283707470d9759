"""``callkey capture`` with the example capture, which testdata/captures/make.py makes with code of its own."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from command import Command
from conftest import CALLER, PHONE, TREE
from dpkt import ethernet

from callkey.capture import records

EXAMPLE = TREE / "testdata" / "captures"
SECRETS = ("--identity", "identity.key", "--signed-prekey", "1=signed-prekey.key", "--prekey", "9=prekey.key")
SOLVED = ("capture", "call.pcap", "--log", "call.jsonl", "--own", PHONE, *SECRETS)

Fields = dict[str, Any]


@pytest.fixture
def example(command: Command) -> Fields:
    for file in EXAMPLE.iterdir():
        if file.suffix in (".pcap", ".jsonl", ".key"):
            command.file(file.name, file.read_bytes())
    answer: Fields = json.loads((EXAMPLE / "call.json").read_text(encoding="utf-8"))
    return answer


def solved(command: Command, *arguments: str) -> Fields:
    done = command(*(arguments or SOLVED), "--json")
    assert (done.status, done.err) == (0, "")
    told: Fields = json.loads(done.out)
    return told


def streams(told: Fields) -> list[Fields]:
    """The streams without what the answer leaves open, in one order."""
    members = ("ssrc", "rtcp", "kind", "sender", "packets", "lost", "duplicates", "reordered", "secrets")
    uses = ("secret", "packets", "roc_first", "roc_last")
    found = [{name: stream[name] for name in members} for stream in told["streams"]]
    for stream in found:
        stream["secrets"] = [{name: use[name] for name in uses} for use in stream["secrets"]]
    return sorted(found, key=lambda stream: (stream["ssrc"], stream["rtcp"]))


def test_every_stream(command: Command, example: Fields) -> None:
    # A researcher would not learn who sent what, or under which secret and counter.
    told = solved(command)
    assert streams(told) == streams(example)
    assert all(stream["ssrc_of"] == stream["sender"] and stream["named"] for stream in told["streams"])
    assert [(secret["name"], secret["used"]) for secret in told["secrets"]] == [
        ("call key", True),
        ("epoch 1", True),
        ("epoch 2", True),
    ]
    assert told["call"]["call_id"] == example["call_id"]
    assert (told["call"]["creator"], told["call"]["group"], told["missing"]) == (CALLER, True, [])
    assert {stanza["good"] for stanza in told["stanzas"]} == {True}
    assert len(told["changes"]) == sum(len(stream["secrets"]) - 1 for stream in told["streams"])
    assert all(change["roc_kept"] for change in told["changes"])


def test_every_refusal(command: Command, example: Fields) -> None:
    # Noise in a call would have no reason, or packets would be passed over in silence.
    told = solved(command)
    groups = {(g["reason"], g["ssrc"], g["fits"] or ("" if g["ssrc"] else g["told"])): g for g in told["refused"]}
    for group in example["refused"]:
        found = groups.pop((group["reason"], group["ssrc"], group.get("fits") or group.get("told", "")))
        assert found["packets"] == group["packets"] == sum(mark["packets"] for mark in found["marks"])
    assert not groups
    refused = sum(group["packets"] for group in told["refused"])
    taken = sum(stream["packets"] + stream["duplicates"] for stream in told["streams"])
    assert taken + refused == told["file"]["records"] == example["records"]


def test_plain_packets(command: Command, example: Fields) -> None:
    # Wireshark would call the packets malformed, or what is heard would not be what was said.
    done = command(*SOLVED, "--write-pcap", "plain.pcap")
    assert done.status == 0 and "plain.pcap" in done.out
    path = command.folder / "plain.pcap"
    assert path.stat().st_mode & 0o777 == 0o600
    plain: dict[tuple[int, bool], list[tuple[int, bytes]]] = {}
    with path.open("rb") as file:
        read = records.Records(str(path), file)
        for record in read:
            payload = checked(record.data)
            rtcp = 192 <= payload[1] <= 223
            (ssrc,) = struct.unpack_from("!I", payload, 4 if rtcp else 8)
            packets = plain.setdefault((ssrc, rtcp), [])
            number = len(packets) if rtcp else int.from_bytes(payload[2:4], "big")
            last = packets[-1][0] if packets else number
            packets.append((last + (number - last + 32768) % 65536 - 32768, payload))
    assert read.told().link_types == ("Ethernet",)
    for stream in example["streams"]:
        packets = plain.pop((stream["ssrc"], stream["rtcp"]))
        digest = hashlib.sha256(b"".join(payload for _, payload in sorted(packets)))
        assert (len(packets), digest.hexdigest()) == (stream["packets"], stream["sha256"])
    assert not plain
    again = command(*SOLVED, "--write-pcap", "plain.pcap")
    assert again.status == 2 and "File exists" in again.err


def checked(frame: bytes) -> bytes:
    """The payload of a frame, after its lengths and checksums."""
    tagged = frame[12:14] == b"\x81\x00"
    inside = frame[18 if tagged else 14 :]
    if tagged:
        assert frame[14:18] == b"\x00\x07\x08\x00"
    assert ethernet.Ethernet(frame).data.len == len(inside)
    assert total(inside[:20]) == 0xFFFF
    assert int.from_bytes(inside[24:26], "big") == len(inside) - 20
    pseudo = inside[12:20] + struct.pack("!HH", 17, len(inside) - 20)
    assert inside[26:28] != bytes(2) and total(pseudo + inside[20:]) == 0xFFFF
    return inside[28:]


def total(data: bytes) -> int:
    data += bytes(len(data) % 2)
    summed: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while summed >> 16:
        summed = (summed & 0xFFFF) + (summed >> 16)
    return summed


def test_text(command: Command, example: Fields) -> None:
    # Somebody at a terminal would have to read JSON; or a secret would be on the screen.
    done = command(*SOLVED)
    assert (done.status, done.err) == (0, "")
    for told in ("396 packets, 4 lost, 2 twice, 2 late", "call key, then epoch 1, then epoch 2", "0 to 1", "DNS"):
        assert told in done.out
    for name in ("identity", "prekey", "signed-prekey"):
        assert (EXAMPLE / f"{name}.key").read_text().strip() not in done.out


def logged() -> list[Fields]:
    return [json.loads(line) for line in (EXAMPLE / "call.jsonl").read_text(encoding="utf-8").splitlines()]


def raw(entries: list[Fields]) -> bytes:
    wires = [bytes.fromhex(entry["stanza"]) for entry in entries]
    return b"".join(len(wire).to_bytes(3, "big") + wire for wire in wires)


def timed(entries: list[Fields]) -> bytes:
    return b"CKT1" + b"".join(round(entry["time"] * 1e6).to_bytes(8, "big") + raw([entry]) for entry in entries)


LOGS = {
    "hex": lambda entries: "\n".join(entry["stanza"] for entry in entries).encode(),
    "hex with times": lambda entries: "".join(
        f"# a comment\n{entry['time']} {entry['direction']} {entry['stanza'].upper()}\r\n\n" for entry in entries
    ).encode(),
    "JSON": lambda entries: "\n".join(json.dumps({"stanza": entry["stanza"]}) for entry in entries).encode(),
    "raw": raw,
    "raw with times": timed,
}


@pytest.mark.parametrize("form", LOGS)
def test_forms_of_the_log(command: Command, example: Fields, form: str) -> None:
    # A log as another tool writes it would have to be rewritten.
    entries = logged()
    command.file("call.jsonl", LOGS[form](entries))
    told = solved(command)
    assert streams(told) == streams(example)
    times = [stanza["time"] for stanza in told["stanzas"]]
    assert times == [entry["time"] if "times" in form else None for entry in entries]


def without(kinds: tuple[int, ...]) -> str:
    return "".join(json.dumps(entry) + "\n" for number, entry in enumerate(logged()) if number not in kinds)


def test_log_without_the_offer(command: Command, example: Fields) -> None:
    # One missing stanza would make all of a call unreadable. An enc_rekey is a pkmsg with the session's beginning too.
    command.file("call.jsonl", without((0, 1)))
    done = command(*SOLVED, "--json")
    told = json.loads(done.out)
    assert [secret["name"] for secret in told["secrets"]] == ["epoch 1", "epoch 2"]
    known = [
        {**stream, "secrets": [use for use in stream["secrets"] if use["secret"] != "call key"]}
        for stream in streams(example)
    ]
    assert [stream["secrets"] for stream in streams(told)] == [stream["secrets"] for stream in known]
    assert sum(g["packets"] for g in told["refused"] if g["reason"] == "no secret for it") > 400
    assert done.status == 1 and any("no known secret opens the first" in sentence for sentence in told["missing"])


def test_key_from_elsewhere(command: Command, example: Fields) -> None:
    # The caller, whose log has no key that it can open, could not read its own call.
    command.file("call.key", hashlib.sha256(b"test call key").hexdigest())
    command.file("call.jsonl", without((0, 1)))
    told = solved(command, *SOLVED, "--key", "call.key")
    assert streams(told) == streams(example)
    assert told["secrets"][0]["source"] == "--key"


@pytest.mark.parametrize("at", [1, 23, 24, 30, 40, 100_000, 286_000])
def test_cut(command: Command, example: Fields, at: int) -> None:
    # A capture that was ended by a full disk would be worth nothing.
    path = command.folder / "call.pcap"
    path.write_bytes(path.read_bytes()[:at])
    done = command(*SOLVED, "--json")
    if at < 4:
        assert done.status == 2 and "neither pcap nor pcapng" in done.err
        return
    told = json.loads(done.out)
    assert done.status == 1
    assert ("ends within" in told["file"]["cut"]) == (at != 24)
    assert bool(told["streams"]) == (at > 50_000)


def test_wrong_identity(command: Command, example: Fields) -> None:
    # A mistake in a file would be shown as a call of somebody else.
    command.file("identity.key", "42" * 32)
    done = command(*SOLVED)
    assert done.status == 1 and "not opened" in done.out and "no secret is known" in done.out
    assert "no known secret opens" in done.out


def test_wrong_own_jid(command: Command, example: Fields) -> None:
    done = command(*SOLVED[:5], "222222222222222:9@lid", *SECRETS)
    assert done.status == 1
    assert "for 222222222222222:0@lid, not for this device" in done.out


def test_missing_prekey(command: Command, example: Fields) -> None:
    done = command(*SOLVED[:-2])
    assert done.status == 1 and "--prekey" in done.out


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["call.pcap", "--log", "call.jsonl", "--own", PHONE], "--store, --identity or --session is needed"),
        (["call.pcap", "--own", PHONE, "--key", "-", "--identity", "-"], "standard input can be only one"),
        (["call.pcap", "--own", "222@lidd", "--key", "call.key"], "is not a server"),
        (["call.pcap", "--own", PHONE], "--log or --key is needed"),
        (["call.pcap", "--log", "call.jsonl", *SECRETS], "--own is needed"),
        (["call.jsonl", "--log", "call.jsonl", "--own", PHONE, *SECRETS], "neither pcap nor pcapng"),
        (["absent", "--log", "call.jsonl", "--own", PHONE, *SECRETS], "can't read absent"),
        (["call.pcap", "--log", "absent", "--own", PHONE, *SECRETS], "can't read absent"),
        (["call.pcap", "--log", "call.jsonl", "--own", PHONE, "--session", "identity.key"], "JID=FILE"),
        (["call.pcap", "--log", "call.jsonl", "--own", PHONE, "--store", "x", *SECRETS], "do not go with --store"),
        (["call.pcap", "--log", "call.jsonl", "--own", PHONE, "--plaintext", *SECRETS], "are for a --store"),
    ],
)
def test_usage(command: Command, example: Fields, arguments: list[str], told: str) -> None:
    # A mistake in a command would read like a broken capture.
    done = command("capture", *arguments)
    assert (done.status, done.out) == (2, "") and told in done.err


def test_damaged_log(command: Command, example: Fields) -> None:
    # One bad line would hide the rest of the log.
    lines = ["nonsense", "{}", '{"stanza": "zz"}', '{"stanza": "00f8"}', '{"stanza": "00f80105", "from": "@"}']
    log = (EXAMPLE / "call.jsonl").read_text(encoding="utf-8").splitlines()
    command.file("call.jsonl", "\n".join(log[:1] + lines + log[1:]))
    done = command(*SOLVED, "--json")
    told = json.loads(done.out)
    assert streams(told) == streams(example)
    wrong = [stanza for stanza in told["stanzas"] if not stanza["good"]]
    assert [stanza["place"] for stanza in wrong] == [f"line {number}" for number in range(2, 7)]
    assert "nonsense" not in done.out


def test_missing_package(command: Command, example: Fields, monkeypatch: pytest.MonkeyPatch) -> None:
    # A traceback would not say what to install.
    import sys

    monkeypatch.setitem(sys.modules, "dpkt", None)
    done = command(*SOLVED)
    assert (done.status, done.err) == (
        2,
        "callkey: error: callkey capture needs dpkt: pip install 'callkey[capture]'\n",
    )


def test_solved_files_are_as_they_were(command: Command, example: Fields) -> None:
    # Solving a capture would change what was captured.
    before = {path: path.read_bytes() for path in Path(command.folder).iterdir()}
    solved(command)
    assert {path: path.read_bytes() for path in Path(command.folder).iterdir()} == before


def test_the_page(command: Command, example: Fields, capsys: pytest.CaptureFixture[str]) -> None:
    # Who follows docs/capture.md would meet an error.
    page = (TREE / "docs" / "capture.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    namespace: Fields = {}
    exec(compile(program, "docs/capture.md", "exec"), namespace)
    audio = [stream["packets"] for stream in example["streams"] if stream["kind"] == "audio" and not stream["rtcp"]]
    assert len(capsys.readouterr().out.splitlines()) == sum(audio)
    assert len(namespace["result"].streams) == len(example["streams"])
    (session,) = re.findall(r"^\$ (callkey .*?[^\\])$", page, re.M | re.S)
    assert command(*session.replace("\\\n", " ").split()[1:]).status == 0
    assert len(list(command.folder.rglob("*.pcap"))) == 2  # the capture, and its plain packets
