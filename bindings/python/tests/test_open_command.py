"""``callkey open``."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from command import FINGERPRINT, KEY_HEX, Captured, Command, captured
from conftest import CALLER, COUNTING, DESKTOP, ON_THE_WIRE, PHONE
from wire import enc, node

import callkey
from callkey.cli import exits


@pytest.fixture
def call(command: Command) -> Captured:
    made = captured()
    for name in ("wire", "again", "session", "identity", "signed_prekey", "prekey"):
        command.file(name, getattr(made, name))
    return made


PREKEYS = (
    "--identity",
    "identity",
    "--registration-id",
    "4711",
    "--signed-prekey",
    "1=signed_prekey",
    "--prekey",
    "9=prekey",
)


def test_session(command: Command, call: Captured) -> None:
    # A captured call could not be opened with the session that it went through.
    done = command("open", "again", "--own", PHONE, "--session", "session")
    assert (done.status, done.err) == (0, "")
    assert FINGERPRINT in done.out and CALLER in done.out and "AB12" in done.out and "msg, version 2" in done.out
    assert KEY_HEX not in done.out


def test_identity(command: Command, call: Captured) -> None:
    # A first call, a pkmsg, could not be opened with the identity and prekeys of its device.
    done = command("open", "wire", "--own", PHONE, *PREKEYS)
    assert (done.status, done.err) == (0, "")
    assert FINGERPRINT in done.out and "pkmsg, version 2" in done.out


def test_json(command: Command, call: Captured) -> None:
    # A script would have to take a table apart, or would get the key although it did not ask.
    opening = ("open", "again", "--own", PHONE, "--session", "session", "--json")
    told = json.loads(command(*opening).out)
    assert (told["fingerprint"], told["sender"], told["call_id"]) == (FINGERPRINT, CALLER, "AB12")
    assert (told["kind"], told["enc_type"], told["enc_version"], told["video"]) == ("offer", "msg", 2, False)
    assert (told["from"], told["sender_identity"]) == ("", None)
    assert "key" not in told
    assert json.loads(command(*opening, "--show-key").out)["key"] == KEY_HEX


def test_again_and_again(command: Command, call: Captured) -> None:
    # Reading a capture would use it up, or change the session that is in use elsewhere.
    for _ in range(2):
        assert command("open", "again", "--own", PHONE, "--session", "session").status == 0
    assert (command.folder / "session").read_bytes() == call.session


def test_key_only_when_asked(command: Command, call: Captured) -> None:
    # The key would stand on every screen; or could not be had.
    shown = command("open", "again", "--own", PHONE, "--session", "session", "--show-key")
    assert KEY_HEX in shown.out
    written = command("open", "again", "--own", PHONE, "--session", "session", "--write-key", "call.key")
    assert written.status == 0 and KEY_HEX not in written.out
    path = command.folder / "call.key"
    assert path.read_bytes() == COUNTING
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = command("open", "again", "--own", PHONE, "--session", "session", "--write-key", "call.key")
    assert again.status == exits.USAGE and "File exists" in again.err


@pytest.mark.parametrize(
    "arguments, status, told",
    [
        (["open", "wire", "--own", "222222222222222:7@lid", *PREKEYS], 1, f"it is for {ON_THE_WIRE}, {DESKTOP}"),
        (["open", "again", "--own", PHONE, "--identity", "identity"], 1, "CALLKEY_ERR_NO_SESSION"),
        (["open", "wire", "--own", PHONE, *PREKEYS[:4]], 1, "CALLKEY_ERR_NO_PREKEY"),
        (["open", "wire", "--own", PHONE, *PREKEYS[:6]], 1, "--prekey"),
        (["open", "broken", "--own", PHONE, "--session", "session"], 3, "CALLKEY_ERR_AUTHENTICATION"),
        (["open", "wire", "--own", PHONE, "--session", "session"], 4, "CALLKEY_ERR_DUPLICATE"),
        (
            ["open", "again", "--own", PHONE, "--session", "wire"],
            1,
            "the session in wire (read as binary) does not parse",
        ),
        (["open", "session", "--own", PHONE, "--session", "session"], 1, "CALLKEY_ERR_"),
        (["open", "again", "--own", PHONE], 2, "--session, --identity or --store is needed"),
        (["open", "-", "--own", PHONE, "--session", "-"], 2, "only one of the files"),
        (["open", "wire", "--own", PHONE, "--identity", "identity", "--prekey", "prekey"], 2, "ID=FILE"),
        (["open", "wire", "--own", PHONE, "--identity", "session"], 2, "not 32 bytes"),
        (["open", "again", "--own", PHONE, "--session", "session", "--write-key", "absent/key"], 2, "can't write"),
    ],
)
def test_refused(command: Command, call: Captured, arguments: list[str], status: int, told: str) -> None:
    # A script, or a person, would not learn why there is no key.
    command.file("broken", call.again[:-20] + bytes([call.again[-20] ^ 1]) + call.again[-19:])
    done = command(*arguments)
    assert (done.status, done.out if status != 2 else "") == (status, "")
    assert told in done.err and done.err.startswith("callkey: error: ")
    assert KEY_HEX not in done.err and call.identity.hex()[:16] not in done.err


def test_epoch(command: Command, call: Captured) -> None:
    # The epoch of a group call, in its <enc_rekey>, could not be had like a call key.
    ciphertext, _ = callkey.offer_parse(call.again, own=[PHONE])
    attributes = {"call-id": "AB12", "call-creator": CALLER, "transaction-id": "7"}
    content = b"\xf8\x02" + node("encopt", keygen="2") + enc(ciphertext)
    command.file("rekey", b"\x00" + node("enc_rekey", content, **attributes))
    seen = command("inspect", "rekey")
    assert seen.status == 0 and "transaction  7" in seen.out and "group" in seen.out
    done = command("open", "rekey", "--own", PHONE, "--session", "session")
    assert done.status == 0 and FINGERPRINT in done.out
    assert re.search(r"transaction +7\n", done.out) and re.search(r"kind +group\n", done.out)


def test_bare_enc(command: Command, call: Captured, tmp_path: Path) -> None:
    # A stanza that names no sender would be opened without a session.
    ciphertext, _ = callkey.offer_parse(call.again, own=[PHONE])
    command.file("enc", callkey.offer_build([callkey.Enc(PHONE, callkey.EncType.MSG, ciphertext)]))
    unnamed = command("open", "enc", "--session", "session")
    assert unnamed.status == exits.USAGE and "--sender is needed" in unnamed.err
    assert command("open", "enc", "--session", "session", "--sender", CALLER).status == 0
