"""The scripts of examples/python about keys and packets, each as a process: with files, and with the call it makes up.
Those that move an account are in test_moves.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import CALLER, COUNTING, DESKTOP, IDENTIFIED, OFFER, PHONE, TREE
from rtp import SSRC, rtp

from callkey import CallKey, Store
from callkey.srtp import SRTPSender

EXAMPLES = TREE / "examples" / "python"
STORAGE_KEY = bytes(range(32, 64))
FINGERPRINT = "[0-9a-f]{16}"
MADE_UP = {
    "derive_and_compare.py": rf"call key +({FINGERPRINT})  \1  same\n(.* ({FINGERPRINT})  \3  same\n){{5}}",
    "open_captured_offer.py": (
        rf"call      0AB1C2, audio\nfrom      {CALLER}, in a pkmsg\ncall key  {FINGERPRINT} \(fingerprint\)\n"
        rf"receive   {FINGERPRINT} .* of {CALLER}\)\nsend      {FINGERPRINT} .* of {PHONE}\)\n"
    ),
    "find_answering_device.py": (
        r"222222222222222:(0|7|12|31)@lid answered \(a tag of 4 bytes, roll-over counter 0\)\n"
    ),
    "decrypt_stream.py": (
        r"(SSRC 0x12345678, sequence number (65534|0|65535): 17 bytes in the clear\n){3}"
        r"refused: SSRC 0x12345678, sequence number 65535, roll-over counter 0: the packet was there before\n"
        r"refused: SSRC 0x12345678, sequence number 1, roll-over counter 1: the tag does not fit\n"
        r"SSRC 0x12345678, sequence number 2: 17 bytes in the clear\n"
    ),
    "watch_epoch_change.py": (
        rf"epoch 1 is in force: ({FINGERPRINT})\n"
        r"(packet (0:65535|1:0    ) opened; the member who leaves hears it\n){2}"
        rf"epoch 2 is there, and 1 is in force until the roster says so\nepoch 2 is in force: (?!\1){FINGERPRINT}\n"
        r"(packet 1:[123]     opened; the member who left does not\n){3}"
    ),
    "draw_key_schedule.py": r"<svg xmlns(.*\n)*</svg>\n",
}


def run(script: str, *arguments: object, status: int = 0) -> str:
    """What it prints; nothing on standard error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (status, "")
    return done.stdout


class Call:
    """A call in files, as somebody captured it."""

    def __init__(self, key: CallKey, folder: Path) -> None:
        self.key, self.folder = key, folder
        self.key_file = self.file("call.key", COUNTING.hex())

    def file(self, name: str, *lines: str) -> Path:
        file = self.folder / name
        file.write_text("".join(f"{line}\n" for line in lines))
        return file

    def packets(self, *numbers: int, roc: int = 0, tag: int = 4) -> Path:
        with self.key.e2e_keys(PHONE) as keys, SRTPSender(keys, SSRC, roc, tag) as sender:
            return self.file("packets", *(sender.protect(rtp(number)).hex() for number in numbers))

    def offer(self) -> list[object]:
        """Its file, and what opens it."""
        storage_key = self.folder / "storage.key"
        storage_key.write_bytes(STORAGE_KEY)
        path = self.folder / "phone.db"
        with Store.open(path, storage_key=STORAGE_KEY) as phone, Store.open() as caller:
            caller.session(PHONE).begin(phone.take_bundle())
            offer = caller.seal_offer(self.key, [PHONE], IDENTIFIED)
        return [self.file("offer", offer.wire.hex()), PHONE, path, storage_key]


class Script:
    """The scripts in this process, where they take less time."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, script: str, *arguments: object, status: int = 0) -> str:
        main = import_module(script[: -len(".py")]).main
        assert main([str(argument) for argument in arguments]) == status
        return self.capsys.readouterr().out


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Script:
    monkeypatch.syspath_prepend(EXAMPLES)
    return Script(capsys)


@pytest.fixture
def captured(key: CallKey, tmp_path: Path) -> Call:
    return Call(key, tmp_path)


def test_all_there() -> None:
    # A script that no test runs would rot.
    moves = {"address", "baileys_session", "move", "move_baileys", "move_records", "move_whatsmeow", "record"}
    moves.add("whatsmeow_row")  # test_moves.py
    scripts = {file.name for file in EXAMPLES.glob("*.py")}
    assert scripts == set(MADE_UP) | {f"{name}.py" for name in moves}
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"`{script}`" in page for script in scripts)
    for script in MADE_UP:
        assert len((EXAMPLES / script).read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.slow
@pytest.mark.parametrize("script", MADE_UP)
def test_made_up(script: str) -> None:
    # The first thing that a newcomer runs would fail.
    assert re.fullmatch(MADE_UP[script], run(script))


def of_files(captured: Call, script: str) -> str:
    """The output of a script on the files of a call."""
    given: dict[str, list[object]] = {
        "derive_and_compare.py": [captured.key_file, captured.key_file, CALLER, PHONE],
        "open_captured_offer.py": captured.offer(),
        "find_answering_device.py": [captured.key_file, captured.packets(5), DESKTOP, PHONE],
        "decrypt_stream.py": [captured.key_file, PHONE, captured.packets(5)],
        "draw_key_schedule.py": [captured.key_file, CALLER, PHONE],
    }
    return run(script, *given[script])


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(set(MADE_UP) - {"watch_epoch_change.py"}))
def test_no_secret(script: str, captured: Call) -> None:
    # A pasted output would give the call away.
    told = of_files(captured, script)
    assert told
    with captured.key.e2e_keys(PHONE) as keys, captured.key.sframe_key(PHONE) as sframe:
        secrets = [COUNTING.hex(), *keys.to_dict().values(), sframe.reveal().hex()]
        public = [captured.key.fingerprint, keys.fingerprint, sframe.fingerprint]
    assert not any(secret[:16] in told for secret in secrets)
    shown = {"derive_and_compare.py": 3, "draw_key_schedule.py": 3, "open_captured_offer.py": 2}
    assert [name in told for name in public].count(True) == shown.get(script, 0)


def test_different_keys(captured: Call, script: Script) -> None:
    # Two ends that hear noise would be told that all is well.
    other = captured.file("theirs", bytes(range(1, 33)).hex())
    told = script("derive_and_compare.py", captured.key_file, other, CALLER, PHONE, status=1)
    assert told.count("DIFFERENT\n") == 6 and " same" not in told


def test_opens_once(captured: Call, script: Script) -> None:
    # Without a word why, the second try would look like a broken capture.
    arguments = captured.offer()
    script("open_captured_offer.py", *arguments)
    told = script("open_captured_offer.py", *arguments, status=1)
    assert re.fullmatch(f"DuplicateError: .*\nIt is call {OFFER.call_id} of {CALLER}.\n", told)


def test_capture_that_begins_late(captured: Call, script: Script) -> None:
    # A device that answered would not be found, or its audio would not be read, in all but the first 22 minutes.
    one = captured.packets(5, roc=2, tag=10)
    told = script("find_answering_device.py", captured.key_file, one, DESKTOP, PHONE)
    assert told == f"{PHONE} answered (a tag of 10 bytes, roll-over counter 2)\n"
    told = script("find_answering_device.py", captured.key_file, one, DESKTOP, status=1)
    assert told == "none of 1 devices sent this packet\n"
    many = captured.packets(65535, 0, roc=2)
    assert script("decrypt_stream.py", captured.key_file, PHONE, many, 2).count("in the clear") == 2
    assert script("decrypt_stream.py", captured.key_file, PHONE, many, status=1).count("refused: ") == 2


@pytest.mark.slow
def test_picture(captured: Call) -> None:
    # A browser would show an error in place of the picture.
    picture = ElementTree.fromstring(run("draw_key_schedule.py", captured.key_file, "222222222222222@lid"))
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:4] == ["call key", captured.key.fingerprint, PHONE, "HKDF-SHA256"]
    assert len(texts) == 2 * 6


@pytest.mark.parametrize("name", sorted(set(MADE_UP) - {"watch_epoch_change.py", "draw_key_schedule.py"}))
def test_wrong_usage(name: str, script: Script) -> None:
    # A traceback would be the only help.
    with pytest.raises(SystemExit, match=f"python3 {name} "):
        script(name, "one")
