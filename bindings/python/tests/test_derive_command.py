"""``callkey derive``, ``callkey select`` and ``callkey frame``."""

from __future__ import annotations

import base64
import json

import pytest
from command import FINGERPRINT, KEY_HEX, Command
from conftest import COUNTING, PHONE, TREE

import callkey
from callkey.cli import derive, exits

PEER = "222222222222222:0@lid"
MASTER, SALT = "3f5423fb6f67e4c588bf5741a3a4e92c", "749ee99101a47c82bb5dacec40cf"
SFRAME = "e77cc4666a53d2264ba278b3e2b9ba1cc41ac0e3b587b09db3dd3fa646d51ae9"
CALL_ID = "00112233445566778899AABBCCDDEEFF"
HBH = bytes(range(0x40, 0x5E))


def test_table(command: Command) -> None:
    # A person would set up a call with keys that the field does not have.
    done = command("derive", "--key", command.file("call.key", COUNTING), "--call-id", CALL_ID, "222222222222222@lid")
    assert (done.status, done.err) == (0, "")
    words = done.out.split()
    for known in (FINGERPRINT, PEER, MASTER, SALT, "747055a9d18be0fcdc0e29d871309081", SFRAME[:32], SFRAME[32:]):
        assert known in words
    assert "1805509457" in words and "2479325408" in words
    assert max(map(len, done.out.splitlines())) <= 80
    assert KEY_HEX not in done.out


@pytest.mark.parametrize(
    "contents, form",
    [
        (COUNTING, "binary"),
        (KEY_HEX, "hex"),
        (KEY_HEX.upper() + "\n", "hex"),
        (" ".join(KEY_HEX[i : i + 4] for i in range(0, 64, 4)), "hex"),
        (base64.b64encode(COUNTING), "base64"),
        (base64.b64encode(COUNTING).rstrip(b"=") + b"\n", "base64"),
        (base64.urlsafe_b64encode(bytes(COUNTING)), "base64"),
    ],
)
def test_forms(command: Command, contents: bytes | str, form: str) -> None:
    # A key file in a usual form would be rejected, or read as another key.
    done = command("derive", "--key", command.file("call.key", contents), PHONE)
    assert f"32 bytes, read as {form} from" in done.out and FINGERPRINT in done.out


def test_forms_by_name(command: Command) -> None:
    # 32 bytes that happen to be hex digits could not be used.
    digits = command.file("call.key", "0123456789abcdef" * 2)
    refused = command("derive", "--key", digits, PHONE)
    assert (
        refused.status == exits.USAGE and "16 bytes (read as hex)" in refused.err and "--read-as binary" in refused.err
    )
    assert command("derive", "--key", digits, "--read-as", "binary", PHONE).status == 0
    assert "is not hex" in command("derive", "--key", command.file("b", COUNTING), "--read-as", "hex", PHONE).err


def test_json(command: Command) -> None:
    # A script would get other keys than a person.
    done = command(
        "derive", "--key", command.file("call.key", COUNTING), "--hbh-key", command.file("relay.key", HBH),
        "--call-id", CALL_ID, "--json", "222222222222222@lid", "111111111111111:0@lid",
    )  # fmt: skip
    keys = json.loads(done.out)
    peer, own = keys["participants"]
    assert (peer["participant"], peer["jid"], own.get("jid")) == (PEER, "222222222222222@lid", None)
    assert peer["srtp"]["libsrtp_key"] == MASTER + SALT == peer["srtp"]["master_key"] + peer["srtp"]["master_salt"]
    assert own["srtp"]["auth_key"] == "56b2655b60a1c17c03dfe94950d5df233481ad41"
    assert peer["sframe"]["key"] == SFRAME
    assert peer["ssrcs"][1] == {"stream": "audio FEC", "slot": 1, "ssrc": 2479325408}
    assert [row["slot"] for row in peer["ssrcs"]] == [0, 1, 4, 2, 3, 5, 7, 8, 6]
    assert (
        keys["hbh"]["uplink"]["srtp"]["libsrtp_key"] == "f77854760b4340f0eabbe93930eafe0310c8f699d1ebaf1f609a1781f3fc"
    )
    assert set(keys["hbh"]) == {"uplink", "downlink", "srtp", "srtcp"}
    with callkey.CallKey.from_bytes(COUNTING) as key, key.warp_auth_key() as warp:
        assert keys["warp"]["auth_key"] == warp.reveal().hex()


def test_hex(command: Command) -> None:
    # A pipeline could not take a key apart from the rest.
    key = command.file("call.key", COUNTING)
    lines = command("derive", "--key", key, "--hex", "--call-id", CALL_ID, PEER).out.splitlines()
    assert f"{PEER} srtp.libsrtp_key {MASTER}{SALT}" in lines
    assert f"{PEER} ssrc.0 {1805509457:08x}" in lines
    assert all(len(line.split(" ")) == 3 for line in lines)
    assert command("derive", "--key", key, "--only", "sframe.key", PEER).out == SFRAME + "\n"
    wrong = command("derive", "--key", key, "--only", "sframe", PEER)
    assert wrong.status == exits.USAGE and "sframe.key" in wrong.err


def test_raw_e2e(command: Command) -> None:
    # Media of a call with raw_e2e would be keyed by the call key.
    raw = bytes(range(100, 140))
    for contents in (raw, base64.b64encode(raw)):
        done = command(
            "derive",
            "--key",
            command.file("call.key", COUNTING),
            "--raw-e2e",
            command.file("raw", contents),
            "--json",
            PEER,
        )
        (peer,) = json.loads(done.out)["participants"]
        with callkey.RawE2E.from_bytes(raw) as secret, secret.e2e_keys(PEER) as keys:
            assert peer["srtp"]["libsrtp_key"] == keys.libsrtp_key.hex()
        assert peer["sframe"]["key"] == SFRAME  # still from the call key
    short = command("derive", "--raw-e2e", command.file("raw", raw[:31]), PEER)
    assert short.status == exits.USAGE and "fewer than 32 bytes" in short.err


def test_alone(command: Command) -> None:
    # A derivation that needs no call key would ask for one.
    relay = command("derive", "--hbh-key", command.file("relay.key", HBH.hex()))
    assert relay.status == 0 and "relay, uplink" in relay.out and "relay, SRTCP" in relay.out
    ssrcs = command("derive", "--call-id", CALL_ID, PEER)
    assert ssrcs.status == 0 and "1805509457" in ssrcs.out and "SRTP" not in ssrcs.out
    short = command("derive", "--hbh-key", command.file("short.key", HBH[:-1]))
    assert short.status == exits.USAGE and "is 29 bytes" in short.err and "not 30 bytes" in short.err


def test_streams() -> None:
    # A number would stand beside the name of another stream.
    assert [name for _, name in derive.STREAMS][:6] == [
        "audio", "audio FEC", "audio NACK", "video", "video FEC", "video NACK",
    ]  # fmt: skip
    assert sorted(slot for slot, _ in derive.STREAMS) == list(range(9))


@pytest.fixture
def packet() -> dict[str, object]:
    cases = json.loads((TREE / "testdata" / "vectors" / "select_participant.json").read_text())["cases"]
    found: dict[str, object] = cases[0]["in"]
    return found


def test_select(command: Command, packet: dict[str, list[str]]) -> None:
    # The keys of another device than the one that answered would be used: no error, and noise.
    key, rtp = command.file("call.key", COUNTING), command.file("rtp.bin", str(packet["rtp_packet_hex"]))
    done = command("select", "--key", key, "--packet", rtp, *packet["participants"])
    assert done.status == 0
    assert [line for line in done.out.splitlines() if line.startswith("✓")] == [
        f"✓ {packet['participants'][2]}  sent it: derive SRTP, SRTCP and SFrame keys for this one"
    ]
    told = json.loads(command("select", "--key", key, "--packet", rtp, "--json", *packet["participants"]).out)
    assert told == {"fingerprint": FINGERPRINT, "sender": packet["participants"][2]}


def test_select_nobody(command: Command, packet: dict[str, list[str]]) -> None:
    # A device that did not send it would be taken for the one that did.
    key, rtp = command.file("call.key", COUNTING), command.file("rtp.bin", str(packet["rtp_packet_hex"]))
    for arguments in (packet["participants"][:2], ["--roc", "1", *packet["participants"]]):
        done = command("select", "--key", key, "--packet", rtp, *arguments)
        assert done.status == exits.NOT_GENUINE and "None of them sent it" in done.out
    broken = command("select", "--key", key, "--packet", command.file("short", b"\x80\x78"), PEER)
    assert broken.status == exits.FAILED and "CALLKEY_ERR_MALFORMED" in broken.err


def test_frame(command: Command) -> None:
    # Which id keys SFrame, which implementations disagree about, could not be found out from a capture.
    key = command.file("call.key", COUNTING)
    with callkey.CallKey.from_bytes(COUNTING) as secret, secret.sframe_key(PEER) as sframe:
        command.file("frame", sframe.seal(b"payload", counter=300, key_id=7))
    own = "111111111111111:3@lid"
    done = command("frame", "--key", key, "frame", own, PEER, "--write-payload", "payload")
    assert done.status == 0 and f"✓ the SFrame key of {PEER} opens it" in done.out
    assert "counter       300" in done.out and "key id        7" in done.out and "7 bytes" in done.out
    assert (command.folder / "payload").read_bytes() == b"payload"
    told = json.loads(command("frame", "--key", key, "frame", PEER, "--json").out)
    assert told == {"fingerprint": FINGERPRINT, "whose": PEER, "counter": 300, "key_id": 7}
    nobody = command("frame", "--key", key, "frame", own)
    assert nobody.status == exits.NOT_GENUINE and f"No candidate's key opens it: {own}" in nobody.out
    assert json.loads(command("frame", "--key", key, "frame", own, "--json").out)["whose"] is None
    again = command("frame", "--key", key, "frame", PEER, "--write-payload", "payload")
    assert again.status == exits.USAGE and "File exists" in again.err
    assert command("frame", "--key", key, command.file("short", b"\x03"), PEER).status == exits.FAILED
