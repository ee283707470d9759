"""``callkey inspect``: its output, and that it rejects the same input as the library."""

from __future__ import annotations

import base64
import json
import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from command import FINGERPRINT, KEY_HEX, Captured, Command, captured, run
from conftest import CALLER, DESKTOP, OFFER, ON_THE_WIRE, PHONE, TREE
from wire import enc, node, offer, text, to, video

import callkey
from callkey import Enc, EncType, Store, offer_build, offer_parse
from callkey.cli import exits, message, plaintext


@pytest.fixture(scope="module")
def call() -> Captured:
    return captured()


@pytest.fixture(scope="module")
def pkmsg(call: Captured) -> bytes:
    return offer_parse(call.wire, own=[PHONE])[0]


@pytest.fixture(scope="module")
def msg(call: Captured) -> bytes:
    return offer_parse(call.again, own=[PHONE])[0]


def test_stanza(command: Command, call: Captured) -> None:
    # A user who studies a call could not see its contents.
    command.file("offer.bin", call.wire)
    done = command("inspect", "offer.bin")
    assert (done.status, done.err) == (0, "")
    for part in ("read as binary", '<net medium="3"/>', f"enc for {ON_THE_WIRE}", f"enc for {DESKTOP}", "9", "AB12"):
        assert part in done.out
    assert done.out.count("1 prekey id") == 2 and done.out.count("MAC") == 2
    assert max(map(len, done.out.splitlines())) <= 80
    full = command("inspect", "offer.bin", "--full")
    assert "…" not in full.out
    assert command("inspect", "offer.bin", "--xml").out == callkey.stanza_to_xml(call.wire)


def test_forms(command: Command, call: Captured) -> None:
    # A capture from a log, in hex or base64, would have to be converted first.
    for contents, form in ((call.wire.hex(), "hex"), (base64.b64encode(call.wire), "base64")):
        done = command("inspect", command.file("offer.txt", contents))
        assert done.status == 0 and f"{len(call.wire)} bytes, read as {form}" in done.out
    packed = command("inspect", command.file("offer.z", b"\x02" + zlib.compress(call.wire[1:])))
    assert packed.status == 0 and packed.out.startswith("stanza, compressed")


def test_log(command: Command, call: Captured) -> None:
    # Of a whole log a person would see one stanza, or nothing after the first bad line.
    receipt = callkey.stanza_from_xml('<receipt id="1"/>\n')
    entries = [
        f"2026-11-29T10:00:00Z in {CALLER} {call.wire.hex()}",
        "no stanza",
        json.dumps({"time": 1795946401.5, "direction": "out", "from": "\x1b[2J", "stanza": call.again.hex()}),
        receipt.hex(),
        call.wire[:-1].hex(),
    ]
    command.file("stanzas.log", "\n".join(entries))
    done = command("inspect", "stanzas.log")
    assert (done.status, done.err) == (exits.FAILED, "")
    heads = re.findall(r"^(\d) · (line \d.*)", done.out, re.M)
    assert heads == [
        ("1", f"line 1 · 2026-11-29 10:00:00.000 UTC · in · from {CALLER} · stanza, {len(call.wire)} bytes"),
        ("2", "line 2"),
        ("3", f"line 3 · 2026-11-29 10:00:01.500 UTC · out · from \\x1b[2J · stanza, {len(call.again)} bytes"),
        ("4", f"line 4 · stanza, {len(receipt)} bytes"),
        ("5", f"line 5 · stanza, {len(call.wire) - 1} bytes"),
    ]
    assert done.out.endswith("\n5 stanzas, 1 not of a call, 1 with a fault (5), 1 not read (2)\n")
    assert "neither hex nor base64" in done.out and "not judged" in done.out and "\x1b" not in done.out
    assert done.out.count("pkmsg, ") == 2 and done.out.count(", msg, ") == 1
    assert max(map(len, done.out.splitlines())) <= 110
    told = [json.loads(line) for line in command("inspect", "stanzas.log", "--json").out.splitlines()]
    assert [each["index"] for each in told] == [1, 2, 3, 4, 5]
    assert (told[0]["time"], told[0]["direction"], told[0]["from"]) == (1795946400, "in", CALLER)
    assert told[0]["xml"] == callkey.stanza_to_xml(call.wire) and told[2]["encs"][0]["type"] == "msg"
    assert [bool(each["wrong"]) for each in told] == [False, True, False, False, True]
    xml = command("inspect", "stanzas.log", "--xml")
    assert xml.status == exits.FAILED
    assert xml.out.startswith(f"<!-- 1, line 1 -->\n{told[0]['xml']}<!-- 2, line 2: the stanza ")


def test_good_log(command: Command, call: Captured) -> None:
    # A log without a fault would fail a script; or what can't be a log pass for an empty one.
    two = f"{call.wire.hex()}\n{call.again.hex()}\n"
    frames = b"".join(len(wire).to_bytes(3, "big") + wire for wire in (call.wire, call.again))
    for contents in two, frames:
        command.file("log", contents)
        for arguments in [], ["--json"], ["--xml"], ["--as", "log"]:
            done = command("inspect", "log", *arguments)
            assert (done.status, done.err) == (exits.OK, ""), done.out
        assert command("inspect", "log").out.endswith("\n2 stanzas, 0 with a fault\n")
    assert run("inspect", "-", stdin=two.encode()).out == run("inspect", "-", "--as", "log", stdin=two.encode()).out
    command.file("log", "# nothing\n")
    for arguments in [], ["--json"], ["--xml"], ["--as", "log"]:
        done = command("inspect", "log", *arguments)
        assert (done.status, done.err) == (exits.USAGE, "callkey: error: log has no stanza\n")
    refused = command("inspect", "--as", "log", "--read-as", "hex", command.file("log", two))
    assert refused.status == exits.USAGE and "--read-as is for one message" in refused.err


def test_large_log(command: Command, call: Captured) -> None:
    # A log longer than any message would be refused, because it does not fit.
    line = json.dumps({"stanza": call.again.hex(), "note": "x" * (1 << 20)}) + "\n"
    done = command("inspect", command.file("log", line * 5))
    assert done.status == 0 and done.out.endswith("\n5 stanzas, 0 with a fault\n")


def test_messages(command: Command, pkmsg: bytes, msg: bytes) -> None:
    # The fields of a message would be shown at a wrong place, or not.
    done = command("inspect", command.file("pkmsg", pkmsg))
    assert done.status == 0 and done.out.startswith("pkmsg ·")
    told = json.loads(command("inspect", "pkmsg", "--json").out)
    values = {row["field"]: row["value"] for row in told["fields"]}
    assert values["1 prekey id"] == "9" and values["6 signed prekey id"] == "1" and values["2 counter"] == "0"
    assert values["MAC"] == "8 bytes"
    for row in told["fields"]:
        if row["field"].endswith("key") and row["value"].startswith("05 "):
            end = row["offset"] + row["bytes"]
            assert pkmsg[end - 32 : end].hex() == row["value"][3:]
    assert sum(row["bytes"] for row in told["fields"] if row["depth"] == 0) == len(pkmsg)
    assert command("inspect", command.file("msg", msg)).out.startswith("msg ·")


def test_plaintext(command: Command) -> None:
    # The call key would be on the screen of a user who only wanted to see its padding.
    with callkey.CallKey.from_hex(KEY_HEX) as key, key.plaintext() as made:
        command.file("plain", made.reveal())
    done = command("inspect", "plain")
    assert done.status == 0 and FINGERPRINT in done.out and "padding" in done.out
    for arguments in (["inspect", "plain"], ["inspect", "plain", "--json"], ["inspect", "plain", "--full"]):
        shown = command(*arguments)
        assert KEY_HEX[:16] not in shown.out + shown.err
    assert KEY_HEX in command("inspect", "plain", "--show-key").out


@pytest.mark.parametrize(
    "case",
    json.loads((TREE / "testdata" / "vectors" / "plaintext.json").read_text())["cases"],
    ids=lambda case: case["name"],
)
def test_plaintext_as_the_library(case: dict[str, dict[str, str]]) -> None:
    # A plaintext that the library rejects would be called good, or the other way round.
    data = bytearray.fromhex(case["in"]["plaintext_hex"])
    version = int(case["in"]["enc_version"])
    if version not in (2, 3):
        return
    faults = plaintext.read(data, version, show_key=False).faults if data else [None]
    if "error" in case:
        assert faults
    else:
        assert not faults, faults


@pytest.mark.parametrize(
    "change, told",
    [
        (lambda m: b"\x44" + m[1:], "message version 4"),
        (lambda m: b"\x32" + m[1:], "newer than its own client"),
        (lambda m: m[:1] + b"\x0a\x20" + m[4:36] + m[36:], "33 bytes, not 32"),
        (lambda m: m[:3] + b"\x06" + m[4:], "the type byte is 06, not 05"),
        (lambda m: m[:4] + bytes(32) + m[36:], "no honest device"),
        (lambda m: m[:36] + m[38:], "has no counter (field 2)"),
        (lambda m: m[:36] + b"\x10\x01" + m[36:], "the field is there twice"),
        (lambda m: m[:36] + b"\x2a\x01\x00" + m[36:], "a post-quantum field"),
        (lambda m: m[:36] + b"\x28\x01" + m[36:], "a field of a pkmsg"),
        (lambda m: m[:36] + b"\x78\x01" + m[36:], "an unknown field"),
        (lambda m: m[:36] + b"\x12\x00" + m[38:], "should be a number"),
        (lambda m: m[:36] + b"\x10\xff\xff\xff\xff\x0f" + m[38:], "the counter is at its maximum"),
        (lambda m: m[:36] + b"\x10\xff\xff\xff\xff\x1f" + m[38:], "more than 32 bits"),
        (lambda m: m[:40] + b"\x22\x0f" + m[42:57] + m[-8:], "not a whole number of 16-byte cipher blocks"),
        (lambda m: m[:40] + b"\x22\x7f" + m[42:], "the length is 127 bytes, but only"),
        (lambda m: m[:8], "too short"),
    ],
)
def test_wrong_message(command: Command, msg: bytes, change: object, told: str) -> None:
    # A user would have to guess what is wrong with a message.
    changed = change(msg)  # type: ignore[operator]
    done = command("inspect", "--as", "msg", command.file("msg", changed))
    assert done.status == exits.FAILED
    assert told in " ".join(done.out.split()), done.out


def verdict(kind: str, data: bytes) -> str:
    """The library's: CALLKEY_OK for what it would try on a session."""
    with Store.open() as store:
        store.rotate_signed_prekey()
        try:
            store.open_enc(CALLER, EncType.PKMSG if kind == "pkmsg" else EncType.MSG, data).wipe()
        except callkey.CallKeyError as problem:
            return problem.name if problem.status in (-7, -8) else "CALLKEY_OK"
    return "CALLKEY_OK"


def broken(message: bytes, seed: int) -> Iterator[bytes]:
    """Messages with a byte changed, cut short, lengthened, or with a part moved or doubled."""
    dice = random.Random(seed)
    for _ in range(400):
        data = bytearray(message)
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            at, kind = dice.randrange(len(data)), dice.randrange(5)
            if kind < 2:
                data[at] = dice.choice((dice.randrange(256), data[at] ^ 1 << dice.randrange(8)))
            elif kind == 2:
                del data[at : at + dice.choice((1, 2, 35))]
            elif kind == 3:
                data[at:at] = bytes(dice.randrange(256) for _ in range(dice.choice((1, 2, 3))))
            else:
                data[at:at] = data[at : at + dice.choice((2, 35))]
            if not data:
                break
        yield bytes(data)


@pytest.mark.parametrize("kind", ["msg", "pkmsg"])
def test_as_the_library(kind: str, msg: bytes, pkmsg: bytes) -> None:
    # inspect would call input good that the library rejects, or bad that it accepts.
    verdicts = set()
    for data in broken(pkmsg if kind == "pkmsg" else msg, seed=4):
        expected = verdict(kind, data)
        found = [fault.status for fault in message.read(kind, data).faults if fault.status != "CALLKEY_ERR_INVALID_KEY"]
        assert bool(found) == (expected != "CALLKEY_OK"), (data.hex(), expected, found)
        if found:
            assert expected in found, (data.hex(), expected, found)
        verdicts.add(expected)
    assert verdicts == {"CALLKEY_OK", "CALLKEY_ERR_MALFORMED", "CALLKEY_ERR_UNSUPPORTED"}


@pytest.mark.parametrize("field", [b"\x28\x01", b"\x2a\x01\x00", b"\x30\x01", b"\x32\x01\x00", b"\x38\x01"])
def test_added_field_as_the_library(field: bytes, msg: bytes) -> None:
    # inspect would call a pkmsg under type msg unsupported, and send its reader looking for a newer version.
    data = msg[:-8] + field + msg[-8:]
    expected = verdict("msg", data)
    assert expected in ("CALLKEY_ERR_MALFORMED", "CALLKEY_ERR_UNSUPPORTED")
    assert [fault.status for fault in message.read("msg", data).faults] == [expected]


AUDIO, NET, ENCOPT = node("audio", enc="opus", rate="16000"), node("net", medium="3"), node("encopt", keygen="2")


def test_good_offer(command: Command, msg: bytes) -> None:
    # The tests of what is wrong below would hold of anything.
    done = command("inspect", command.file("offer", offer(AUDIO, NET, enc(msg), ENCOPT)))
    assert done.status == 0, done.out
    done = command("inspect", command.file("video", offer(AUDIO, video(), NET, to("222@lid", enc(msg)), ENCOPT)))
    assert done.status == 0, done.out


@pytest.mark.parametrize(
    "make, told",
    [
        (lambda m, p: offer(NET, AUDIO, enc(m), ENCOPT), "<audio> comes after <net>"),
        (lambda m, p: offer(AUDIO, NET, ENCOPT, enc(m)), "<enc> comes after <encopt>"),
        (lambda m, p: offer(NET, enc(m), ENCOPT), "no <audio>"),
        (lambda m, p: offer(AUDIO, enc(m), ENCOPT), "no <net>"),
        (lambda m, p: offer(AUDIO, node("net", medium="2"), enc(m), ENCOPT), "a medium other than 3"),
        (lambda m, p: offer(AUDIO, NET, enc(m)), "<encopt> is missing"),
        (lambda m, p: offer(AUDIO, NET, enc(m), node("encopt", keygen="1")), "a keygen other than 2"),
        (lambda m, p: offer(AUDIO, NET, enc(p, type="pkmsg"), ENCOPT), "without <device-identity>"),
        (lambda m, p: offer(AUDIO, NET, enc(m, count="1"), ENCOPT), "count is not 0"),
        (lambda m, p: offer(AUDIO, NET, enc(m, v="4"), ENCOPT), "unknown version"),
        (lambda m, p: offer(AUDIO, NET, enc(m, type="skmsg"), ENCOPT), "unknown type"),
        (lambda m, p: offer(AUDIO, NET, enc(m, type=""), ENCOPT), "no type"),
        (lambda m, p: offer(AUDIO, NET, enc(m, v=""), ENCOPT), "has no v, which is read as 2"),
        (
            lambda m, p: offer(AUDIO, NET, enc(m), ENCOPT, creator="5@bot"),
            "call-creator is 5@bot, which is not a device",
        ),
        (lambda m, p: offer(AUDIO, NET, enc(m[:-1]), ENCOPT), "cut short|not a whole number|the length is"),
        (lambda m, p: offer(AUDIO, NET, enc(m), ENCOPT, call_id=""), "no call-id"),
        (
            lambda m, p: offer(AUDIO, node("video"), NET, enc(m), ENCOPT),
            "<video> has no enc, dec, device_orientation, screen_width, screen_height: a client may ignore the call",
        ),
        (
            lambda m, p: offer(AUDIO, video(dec=""), NET, enc(m), ENCOPT),
            "<video> has no dec: a client",
        ),
        (lambda m, p: offer(AUDIO, NET, to("222:0@lid", enc(m)), ENCOPT), "<to> is 222:0@lid: clients write 222@lid"),
        (
            lambda m, p: offer(AUDIO, NET, enc(m), ENCOPT, creator="1:0@lid"),
            "call-creator is 1:0@lid: clients write 1@lid",
        ),
        (lambda m, p: offer(AUDIO, NET, node("destination", b"\xf8\x00"), ENCOPT), "<destination> is empty"),
        (lambda m, p: offer(AUDIO, NET, enc(m), ENCOPT)[1:], "without its flag byte"),
        (lambda m, p: offer(AUDIO, NET, enc(m), ENCOPT)[:-3], "cut short"),
        (lambda m, p: node("message"), "CALLKEY_ERR_"),
    ],
)
def test_wrong_stanza(command: Command, msg: bytes, pkmsg: bytes, make: object, told: str) -> None:
    # An offer that a server drops or a peer can't read would be called good.
    wire = make(msg, pkmsg)  # type: ignore[operator]
    done = command("inspect", "--as", "stanza", command.file("offer", wire))
    assert done.status == exits.FAILED, done.out
    assert re.search(told, " ".join(done.out.split())), done.out
    assert json.loads(command("inspect", "--as", "stanza", "offer", "--json").out)["kind"] == "stanza"


def test_to_that_names_no_device(command: Command, msg: bytes) -> None:
    # An argument that the user never gave would be wrong, the call would not be told, and a peer's reading would lie.
    for jid in ("7@bot", "222:300@lid", ""):
        wire = delivered(acted("offer", AUDIO, NET, to(jid, enc(msg)), ENCOPT))
        done = command("inspect", command.file("offer", wire))
        shown = " ".join(done.out.split())
        assert done.status == exits.FAILED and f"<enc> for {jid}: not a" in shown, done.out
        assert not any(text in shown for text in ("own_jids", "CALLKEY_ERR_ARGUMENT", "reads no keys")), done.out
        assert f"sender {CALLER}" in shown, done.out


def test_accept_without_enc(command: Command) -> None:
    # A usual accept, which carries no key, would be called wrong.
    wire = b"\x00" + node("accept", b"\xf8\x01" + ENCOPT, **{"call-id": "AB12", "call-creator": CALLER})
    done = command("inspect", command.file("accept", wire))
    assert done.status == 0, done.out


def test_unknown(command: Command) -> None:
    # Anything at all would be taken for something.
    for contents in (b"%PDF-1.7", b"\xff\xff", b"\x00"):
        done = command("inspect", command.file("x", contents))
        assert done.status == exits.USAGE and "--as" in done.err
    assert command("inspect", "--xml", command.file("plain", b"\x52\x00\x01")).status == exits.USAGE


def test_offer_of_the_library(command: Command, msg: bytes) -> None:
    # inspect would reject the library's own output.
    for with_video in (False, True):
        wire = offer_build(
            [Enc(PHONE, EncType.MSG, msg), Enc(DESKTOP, EncType.MSG, msg)],
            replace(OFFER, video=with_video, privacy_token=b"t"),
        )
        assert command("inspect", command.file("offer", wire)).status == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stanza", "msg", "pkmsg", "plaintext"])
def test_anything(kind: str, command: Command, call: Captured, msg: bytes, pkmsg: bytes) -> None:
    # A damaged capture would end in a traceback, or its bytes would reach the terminal.
    with callkey.CallKey.from_hex(KEY_HEX) as key, key.plaintext() as made:
        whole = {"stanza": call.wire, "msg": msg, "pkmsg": pkmsg, "plaintext": made.reveal()}[kind]
    for number, data in enumerate(broken(whole, seed=5)):
        if number == 150 or not data:
            break
        done = command("inspect", "--as", kind, "--read-as", "binary", command.file("x", data))
        assert done.status in (exits.OK, exits.FAILED) and done.err == "", data.hex()
        assert all(sign.isprintable() or sign == "\n" for sign in done.out), data.hex()


SERVER = {"from": CALLER, "t": "1700000000", "id": "A1"}
CALL = {"call-id": "AB12", "call-creator": CALLER}


def delivered(*children: bytes, **changed: str) -> bytes:
    """A stanza as a server delivers it, with attributes of <call> changed, or left out where they are empty."""
    attributes = {name: value for name, value in {**SERVER, **changed}.items() if value}
    return b"\x00" + node("call", b"\xf8" + bytes([len(children)]) + b"".join(children), **attributes)


def acted(tag: str, *children: bytes, **added: str) -> bytes:
    return node(tag, b"\xf8" + bytes([len(children)]) + b"".join(children), **CALL, **added)


@pytest.mark.parametrize(
    "make, peer, told",
    [
        (lambda m: delivered(acted("offer", AUDIO, NET, enc(m), enc(m), ENCOPT)), "wacore", "the first of the <enc>"),
        (lambda m: delivered(acted("offer", AUDIO, NET, enc(m, v="4"), ENCOPT)), "wacore", "v=4 of <enc> as 4"),
        (lambda m: delivered(acted("offer", AUDIO, NET, enc(m, v="x"), ENCOPT)), "wacore", "v=x of <enc> as 2"),
        (lambda m: delivered(acted("offer", AUDIO, NET, enc(m), ENCOPT), t=""), "wacore", "<call> has no t"),
        (lambda m: delivered(acted("accept", enc(m), ENCOPT)), "wacore", "does not read the key of an <accept>"),
        (lambda m: delivered(acted("mute_v2")), "whatsmeow", "it does not know <mute_v2>"),
        (lambda m: delivered(acted("accept"), acted("terminate")), "whatsmeow", "2 children, not 1"),
        (lambda m: delivered(acted("offer", to(PHONE, enc(m)), to(PHONE, enc(m)))), "whatsmeow", "reads no keys"),
    ],
)
def test_other_implementations(command: Command, msg: bytes, make: object, peer: str, told: str) -> None:
    # A user who wonders why only one of two clients rings would see no difference between them.
    wire = make(msg)  # type: ignore[operator]
    done = command("inspect", "--as", "stanza", command.file("call", wire))
    elsewhere = " ".join(done.out.partition("other implementations")[2].split())
    assert f"{peer} " in elsewhere and told in elsewhere, done.out
    readings = json.loads(command("inspect", "--as", "stanza", "call", "--json").out)["peers"]
    assert any(reading["peer"] == peer and told in reading["text"] for reading in readings)


def test_numbers_of_other_implementations(command: Command, msg: bytes) -> None:
    # A peer could stop the command, or make it name a version that no other reader reads.
    long = b"\xfd" + (5000).to_bytes(3, "big") + b"1" * 5000
    huge = enc(msg, v="VERSION").replace(text("VERSION"), long)
    for child, told in ((huge, " as 2"), (enc(msg, v="0000004"), " as 4"), (enc(msg, v="\u0663"), " as 2")):
        done = command("inspect", "--as", "stanza", command.file("call", delivered(acted("offer", child))))
        assert (done.status, done.err) == (exits.FAILED, "")
        assert told in " ".join(done.out.partition("other implementations")[2].split()), done.out
    for tag, name in (("offer", "t"), ("enc_rekey", "transaction-id")):
        wire = delivered(acted(tag, enc(msg), ENCOPT, **({} if name == "t" else {name: "\u0663"})), **{name: "\u0663"})
        done = command("inspect", "--as", "stanza", command.file("call", wire))
        assert f"no {name} that is a number" in " ".join(done.out.split()), done.out


def test_xmlns_is_an_attribute(command: Command, msg: bytes) -> None:
    # A peer could hide an offer and its faults, or stop the command: the view has no namespaces, and XML does.
    good = (AUDIO, NET, enc(msg), ENCOPT)
    for value in ("x", "", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"):
        for wire, status in (
            (delivered(acted("offer", *good, xmlns=value)), exits.OK),
            (delivered(acted("offer", *good[1:]), xmlns=value or "urn:x"), exits.FAILED),
            (b"\x00" + node("enc", b"\xfc\x02\x33\x01", xmlns=value, type="msg", v="2", count="0"), exits.FAILED),
        ):
            done = command("inspect", "--as", "stanza", command.file("x", wire))
            assert (done.status, done.err) == (status, ""), done.out
            assert "enc, v=2" in done.out and "does not know" not in done.out, done.out


def test_same_in_other_implementations(command: Command, msg: bytes) -> None:
    # Every stanza would look suspicious: the command names differences where there is none.
    for wire in (
        delivered(acted("offer", AUDIO, NET, enc(msg), ENCOPT)),
        delivered(acted("offer", AUDIO, NET, to(DESKTOP, enc(msg)), ENCOPT)),
        delivered(acted("accept", AUDIO, NET, ENCOPT)),
        delivered(acted("terminate")),
        b"\x00" + node("call", b"\xf8\x01" + acted("offer", AUDIO, NET, enc(msg), ENCOPT), to=PHONE),
    ):
        done = command("inspect", "--as", "stanza", command.file("call", wire))
        assert done.status == 0 and "other implementations" not in done.out, done.out
        assert json.loads(command("inspect", "--as", "stanza", "call", "--json").out)["peers"] == []


@pytest.mark.parametrize("sign, shown", [("\\ud800", "\\xed\\xa0\\x80"), ("\\udcff", "\\xff"), ("\\u001b", "\\x1b")])
def test_sender_that_is_no_text(command: Command, sign: str, shown: str) -> None:
    # One line of a log, which anybody may have written, would end the command with a traceback.
    log = command.file("call.jsonl", f'{{"stanza": "00f801", "from": "{sign}@lid"}}\n' * 2)
    done = command("inspect", log)
    assert (done.status, done.err) == (1, "")
    assert f"from {shown}@lid" in done.out
