"""``callkey derive`` and ``callkey frame``."""

from __future__ import annotations

import base64
import hmac
import json
import re
from pathlib import Path

import pytest
from command import FINGERPRINT, KEY_HEX, Command
from conftest import COUNTING, PHONE

import callkey
from callkey.cli import exits

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
    assert base64.b64encode(bytes.fromhex(MASTER + SALT)).decode() in words and "inline:" in done.out
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
    assert peer["libsrtp_key"] == MASTER + SALT == peer["master_key"] + peer["master_salt"]
    assert own["srtp_auth_key"] == "56b2655b60a1c17c03dfe94950d5df233481ad41"
    assert peer["sframe_key"] == SFRAME
    assert list(peer["ssrcs"].items())[:2] == [("audio", 1805509457), ("audio_fec", 2479325408)]
    assert keys["hbh_keys"]["uplink"]["libsrtp_key"] == "f77854760b4340f0eabbe93930eafe0310c8f699d1ebaf1f609a1781f3fc"
    assert set(keys["hbh_keys"]) == {"uplink", "downlink", "srtp", "srtcp"}
    with callkey.CallKey.from_bytes(COUNTING) as key, key.warp_auth_key() as warp:
        assert keys["warp_auth_key"] == warp.reveal().hex()


def test_names(command: Command) -> None:
    # A value would have one name in Python, and another one at the terminal.
    key, relay = command.file("call.key", COUNTING), command.file("relay.key", HBH)
    given: list[str | Path] = ["--key", key, "--hbh-key", relay, "--call-id", CALL_ID]
    done = command("derive", *given, "--json", PEER)
    keys = json.loads(done.out)
    (peer,) = keys["participants"]
    with callkey.CallKey.from_bytes(COUNTING) as secret, secret.e2e_keys(PEER) as media:
        members = media.to_dict()
        assert members.items() <= peer.items() and set(members) < set(keys["hbh_keys"]["uplink"])
        assert hasattr(secret, "sframe_key") and hasattr(secret, "warp_auth_key") and hasattr(callkey, "hbh_keys")
    assert peer["ssrcs"] == callkey.ssrcs(CALL_ID, PEER)._asdict()
    told = {line.split()[1] for line in command("derive", *given, "--hex", PEER).out.splitlines()}
    texts = {"libsrtp_key_base64", "sdp_crypto"}
    assert not texts & told
    names = told | texts
    assert {*members, *texts, "warp_auth_key", "sframe_key", "ssrcs.audio_fec"} <= names
    for name in told - set(members):  # a method of the call key, or one of its result's members
        assert any(hasattr(each, name.partition(".")[0]) for each in (callkey, callkey.CallKey)), name
    table = command("derive", *given, PEER).out.split()
    for name in names:
        one = command("derive", *given, "--only", name, PEER)
        assert (one.status, one.err) == (0, "") and one.out.strip(), name
        assert name in table or name == "libsrtp_key"  # there in two parts, and in base64


def test_for_engines(command: Command) -> None:
    # FFmpeg or an SDP peer would get a key that it can't read, or a suite with other tags.
    key = command.file("call.key", COUNTING)
    both = base64.b64encode(bytes.fromhex(MASTER + SALT)).decode()
    assert len(both) == 40
    assert command("derive", "--key", key, "--only", "libsrtp_key_base64", PEER).out == both + "\n"
    # RFC 4568 section 9.1: tag, suite and key parameters, with no padding in the base64 of 30 bytes.
    line = f"a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{both}"
    assert command("derive", "--key", key, "--only", "sdp_crypto", PEER).out == line + "\n"
    told = json.loads(command("derive", "--key", key, "--hbh-key", command.file("relay", HBH), "--json", PEER).out)
    assert told["participants"][0]["sdp_crypto"] == line
    hbh = told["hbh_keys"]["srtp"]
    assert base64.b64decode(hbh["libsrtp_key_base64"]).hex() == hbh["libsrtp_key"]
    assert "sdp_crypto" not in hbh  # no source says which tags the relay uses


@pytest.mark.parametrize(
    "jid, told",
    [
        (":2@lidd", 'there is no user before the :, and "lidd" is not a server ("lid" is).'),
        (":99999@lid", "there is no user before the :, and the device, 99999, is above 255."),
        ("222:256@lid", "the device, 256, is above 255."),
        ("222:2@lidd", '"lidd" is not a server ("lid" is). 222:2@lid was probably meant.'),
        ("222:2@LID", '"LID" is not a server ("lid" is). 222:2@lid was probably meant.'),
        ("1555@s.whatsap.net", "1555@s.whatsapp.net was probably meant."),
        ("222:2@example", "(those with devices are lid, s.whatsapp.net, hosted, hosted.lid)."),
        ("222:2@", "there is no server after the @ ("),
        ("222:2", "there is no @ and no server in it. 222:2@lid was probably meant."),
        ("alice", "there is no @ and no server in it."),
        ("222@333@lid", "there are 2 @ in it."),
        ("120363@g.us", "g.us has groups, and no devices."),
        ("222.1:7@lid", "a participant has no agent, as in 222.1. 222:7@lid was probably meant."),
        ("222_1:7@lid", "222:7@lid was probably meant."),
        ("222:07@lid", "the device, 07, begins with a zero. 222:7@lid was probably meant."),
        ("222:x@lid", 'the device, "x", is not a number.'),
        ("222:@lid", 'the device, "", is not a number.'),
        ("222:\u0663@lid", "is not a number."),
        ("+222@lid", "a user is letters, digits and -."),
        ("@lid", "there is no user before the @."),
    ],
)
def test_no_participant(command: Command, jid: str, told: str) -> None:
    # A typing mistake would give keys like any other, and the call noise.
    key = command.file("call.key", COUNTING)
    done = command("derive", "--key", key, PEER, jid)
    assert (done.status, done.out) == (exits.USAGE, "")
    assert done.err.startswith(f"callkey: error: PARTICIPANT {jid}: ") and told in done.err
    assert done.err.endswith("--any-id takes it as it is\n") and done.err.count("\n") == 1
    for name, *arguments in ("frame", key), ("select", "--packet", key):
        refused = command(name, "--key", key, *arguments, PEER, jid)
        assert refused.status == exits.USAGE and f"CANDIDATE {jid}: " in refused.err and told in refused.err
    taken = command("derive", "--key", key, "--any-id", PEER, jid)
    assert (taken.status, taken.err) == (0, "")


def test_no_participant_at_all(command: Command) -> None:
    # --any-id would promise what no library does.
    key = command.file("call.key", COUNTING)
    for jid, told in (("", "is empty"), ("/phone", "is empty"), ("x" * 128, "127 bytes")):
        for arguments in [], ["--any-id"]:
            done = command("derive", "--key", key, *arguments, jid)
            assert (done.status, done.out) == (exits.USAGE, "") and told in done.err


@pytest.mark.parametrize(
    "jid, told",
    [
        ("222", "222:0@lid or 222@s.whatsapp.net was probably meant"),
        ("1555:3@c.us", "keys for 1555:3@s.whatsapp.net are others"),
    ],
)
def test_doubtful_participant(command: Command, jid: str, told: str) -> None:
    # Keys for an id that no device has would be made without a word; or an implementation that uses it be shut out.
    key = command.file("call.key", COUNTING)
    done = command("derive", "--key", key, "--only", "sframe_key", jid)
    assert done.status == 0 and done.err.startswith(f"callkey: warning: PARTICIPANT {jid}: ") and told in done.err
    with callkey.CallKey.from_bytes(COUNTING) as secret, secret.sframe_key(jid) as sframe:
        assert done.out == sframe.reveal().hex() + "\n"
    assert command("derive", "--key", key, "--any-id", jid).err == ""


@pytest.mark.parametrize(
    "jid",
    ["222@lid", "222:255@lid", "222:0@lid", "1555@s.whatsapp.net", "1555:3@hosted", "abc-1:9@hosted.lid", " 2@lid/x "],
)
def test_good_participant(command: Command, jid: str) -> None:
    # The JID of a device would be refused.
    done = command("derive", "--key", command.file("call.key", COUNTING), jid)
    assert (done.status, done.err) == (0, "")


def test_hex(command: Command) -> None:
    # A pipeline could not take a key apart from the rest.
    key = command.file("call.key", COUNTING)
    lines = command("derive", "--key", key, "--hex", "--call-id", CALL_ID, PEER).out.splitlines()
    assert f"{PEER} libsrtp_key {MASTER}{SALT}" in lines
    assert f"{PEER} ssrcs.audio {1805509457:08x}" in lines
    assert all(len(line.split(" ")) == 3 for line in lines)
    assert command("derive", "--key", key, "--only", "sframe_key", PEER).out == SFRAME + "\n"
    for name, meant in (("sframe", "sframe_key"), ("srtp.libsrtp_key", "libsrtp_key")):  # of an older version
        wrong = command("derive", "--key", key, "--only", name, PEER)
        assert (wrong.status, wrong.out) == (exits.USAGE, "") and f"{meant} was probably meant" in wrong.err


def test_only_what_is_not_derived(command: Command) -> None:
    # A person would be told of another value that is not meant, and not of the option that is missing.
    key, relay = command.file("call.key", COUNTING), command.file("relay.key", HBH)
    for arguments, name, needed in (
        (["--key", key], "ssrcs.audio", "--call-id"),
        (["--call-id", CALL_ID], "sframe_key", "--key"),
        (["--hbh-key", relay], "warp_auth_key", "--key"),
    ):
        done = command("derive", *arguments, "--only", name, PEER)
        assert (done.status, done.err) == (exits.USAGE, f"callkey: error: --only {name}: {needed} is needed\n")


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
            assert peer["libsrtp_key"] == keys.libsrtp_key.hex()
        assert peer["sframe_key"] == SFRAME  # still from the call key
    short = command("derive", "--raw-e2e", command.file("raw", raw[:31]), PEER)
    assert short.status == exits.USAGE and "fewer than 32 bytes" in short.err


def test_alone(command: Command) -> None:
    # A derivation that needs no call key would ask for one.
    relay = command("derive", "--hbh-key", command.file("relay.key", HBH.hex()))
    assert relay.status == 0 and "relay, uplink" in relay.out and "relay, srtcp" in relay.out
    ssrcs = command("derive", "--call-id", CALL_ID, PEER)
    assert ssrcs.status == 0 and "1805509457" in ssrcs.out and "srtp" not in ssrcs.out
    short = command("derive", "--hbh-key", command.file("short.key", HBH[:-1]))
    assert short.status == exits.USAGE and "is 29 bytes" in short.err and "not 30 bytes" in short.err


def test_slots(command: Command) -> None:
    # A number would stand beside the slot of another stream: each is derived here from the slot that is shown.
    shown = command("derive", "--call-id", CALL_ID, PEER).out
    found = re.findall(r"ssrcs\.(\w+) +(\d+) .* slot (\d)", shown)
    assert [name for name, _, _ in found] == list(callkey.SSRCs._fields)
    for _, number, slot in found:
        extracted = hmac.digest(int(slot).to_bytes(4, "little"), CALL_ID.encode(), "sha256")
        expanded = hmac.digest(extracted, PEER.encode() + b"\x01", "sha256")
        assert int(number) == int.from_bytes(expanded[:4], "little")


def test_frame(command: Command) -> None:
    # Which id keys SFrame, which implementations disagree about, could not be found out from a capture.
    key = command.file("call.key", COUNTING)
    with callkey.CallKey.from_bytes(COUNTING) as secret, secret.sframe_key(PEER) as sframe:
        command.file("frame", sframe.seal(b"payload", counter=300, key_id=7))
    own = "111111111111111:3@lid"
    done = command("frame", "--key", key, "frame", own, PEER, "--write-payload", "payload")
    assert done.status == 0 and f"✓ the sframe_key of {PEER} opens it" in done.out
    assert "counter       300" in done.out and "key id        7" in done.out and "7 bytes" in done.out
    assert (command.folder / "payload").read_bytes() == b"payload"
    told = json.loads(command("frame", "--key", key, "frame", PEER, "--json").out)
    assert told == {"fingerprint": FINGERPRINT, "participant": PEER, "counter": 300, "key_id": 7}
    nobody = command("frame", "--key", key, "frame", own)
    assert nobody.status == exits.NOT_GENUINE and f"No candidate's key opens it: {own}" in nobody.out
    assert json.loads(command("frame", "--key", key, "frame", own, "--json").out)["participant"] is None
    again = command("frame", "--key", key, "frame", PEER, "--write-payload", "payload")
    assert again.status == exits.USAGE and "File exists" in again.err
    assert command("frame", "--key", key, command.file("short", b"\x03"), PEER).status == exits.FAILED
