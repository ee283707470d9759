"""The demo, run as a person runs it, and its judgement."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import TREE

from callkey import CallKey

pytestmark = pytest.mark.slow

DEMO = TREE / "bindings" / "python" / "demo"
CALLER, PHONE = "111111111111111:3@lid", "222222222222222:0@lid"


@pytest.fixture
def demo_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(DEMO))
    yield


def run(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO / "demo.py"), *arguments],
        capture_output=True,
        encoding="ascii" if environment.get("PYTHONIOENCODING") else "utf-8",
        timeout=120,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUTF8": "1", **environment},
    )


def test_demo(tmp_path: Path) -> None:
    # `make demo` would not show a call key arriving, or would say so without being true.
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "✓ Established: 2 calls, each with equal call and media keys on 3 of 4 devices."
    assert "✗" not in done.stdout
    warm_up, bundles, sealed, keys, answers, last = 2, 3, 3, 3 * 6, 3, 1
    assert done.stdout.count("✓") == warm_up + 2 * (bundles + sealed + keys + answers) + last
    first, _, second = done.stdout.partition("── Second call")
    assert (first.count('type="pkmsg"'), first.count('type="msg"')) == (2, 1)
    assert (second.count('type="pkmsg"'), second.count('type="msg"')) == (0, 3)
    assert first.count("skipped: CALLKEY_ERR_NO_SESSION") == second.count("skipped: CALLKEY_ERR_NO_SESSION") == 1
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout


def test_nothing_left_behind(tmp_path: Path) -> None:
    # Stores of a demo would stay on the disk.
    assert run(tmp_path).returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_ended_midway(tmp_path: Path, ending: signal.Signals, status: int) -> None:
    # Ctrl-C, or a closed terminal, would leave stores on the disk and accounts running.
    program = f"""
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests run in the background it is ignored
sys.path.insert(0, {str(DEMO)!r})
runpy.run_path({str(DEMO / "demo.py")!r}, run_name="__main__")
"""
    demo = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUTF8": "1"},
    )
    assert demo.stdout is not None
    told = ""
    while "Warm-up" not in told:
        told = demo.stdout.readline()
    told = demo.stdout.readline() + demo.stdout.readline()
    accounts = [int(number) for number in re.findall(r"\d+", told)]
    demo.send_signal(ending)
    _, complaints = demo.communicate(timeout=30)
    assert (demo.returncode, complaints) == (status, "")
    assert list(tmp_path.iterdir()) == []
    assert len(accounts) == 2
    for pid in accounts:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_reader_gone(tmp_path: Path) -> None:
    # `make demo | head` would end in tracebacks.
    with subprocess.Popen(
        [sys.executable, str(DEMO / "demo.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUTF8": "1"},
    ) as demo:
        assert demo.stdout is not None and demo.stderr is not None
        demo.stdout.readline()
        demo.stdout.close()
        assert demo.stderr.read() == b""
        assert demo.wait(30) == 1
    assert list(tmp_path.iterdir()) == []


def test_secrets_only_when_asked(tmp_path: Path) -> None:
    # Keys would stand on every screen, or --show-secrets would not show them.
    shown = run(tmp_path, "--show-secrets").stdout
    key = next(line.split()[1] for line in shown.splitlines() if line.split()[:1] == ["caller"] and len(line) == 80)
    assert shown.count(key) == 6  # both ends of three devices
    hidden = run(tmp_path).stdout
    assert not any(len(word) == 64 for word in hidden.split())


def test_plain_output(tmp_path: Path) -> None:
    # The demo would end in a UnicodeEncodeError where the output knows only ASCII.
    done = run(tmp_path, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("+ Established")


def test_agreement(demo_path: None) -> None:
    # The demo would put a check mark beside keys that differ.
    import agreement

    with CallKey.generate() as key, CallKey.generate() as other:
        mine = agreement.derive(key, CALLER, PHONE, show_secrets=True)
        rows = agreement.compare(mine, agreement.derive(key, CALLER, PHONE, show_secrets=True))
        assert agreement.established(rows)
        assert not any(row.agrees for row in agreement.compare(mine, agreement.derive(other, CALLER, PHONE, True)))
        elsewhere = agreement.compare(mine, agreement.derive(key, CALLER, "222222222222222:12@lid", True))
        assert [row.name for row in elsewhere if not row.agrees] == ["SRTP, device sends", "SFrame, device's id"]
        assert not agreement.established(elsewhere)
    for name in agreement.NAMES:
        lacking = {other_name: value for other_name, value in mine.items() if other_name != name}
        assert not agreement.established(agreement.compare(mine, lacking))
        assert not agreement.established(agreement.compare(lacking, lacking))
    assert not agreement.established([])


def test_exit_status(demo_path: None, capsys: pytest.CaptureFixture[str]) -> None:
    # The demo would end well although a key differs, a device is missing or a session is still on pkmsg.
    from call import Outcome
    from demo import DESKTOP, PHONE, TABLET, WEB, as_told, complaint

    told = {PHONE: "pkmsg", DESKTOP: "pkmsg", TABLET: "msg"}

    def outcome() -> Outcome:
        return Outcome(dict.fromkeys(told, True), dict(told), {WEB: "CALLKEY_ERR_NO_SESSION"}, list(told))

    assert as_told(outcome(), told)
    differs = outcome()
    differs.agreed[TABLET] = False
    assert not as_told(differs, told)
    assert complaint([outcome(), differs]) == "the keys of tablet differ"
    for name in ("agreed", "enc_types", "skipped", "answered"):
        lacking = outcome()
        getattr(lacking, name).pop() if name == "answered" else getattr(lacking, name).popitem()
        assert not as_told(lacking, told)
    assert not as_told(outcome(), dict.fromkeys(told, "msg"))


def test_failing_account(demo_path: None, tmp_path: Path) -> None:
    # If a process fails, ends or falls silent, the demo would hang.
    from process import Failure, Process

    device = {"jid": CALLER, "path": str(tmp_path / "no such folder" / "a.db"), "storage_key": "00" * 32}
    with Process("callee", {"caller": CALLER, "devices": [device], "publishing": []}, 20) as callee:
        with pytest.raises(Failure, match="the callee failed: CALLKEY_ERR_STORE: "):
            callee.expect("listening")
        with pytest.raises(Failure, match="ended with status 1"):
            callee.finish()
    silent = {"caller": CALLER, "devices": [], "publishing": [], "patience": 30}
    began = time.monotonic()
    with Process("callee", silent, 4) as callee:
        callee.expect("listening")
        with pytest.raises(Failure, match="said nothing"):
            callee.expect("all opened")
        pid = callee.pid
    assert time.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert threading.active_count() < 10


def test_frame(demo_path: None) -> None:
    # A peer could make an account wait for, or store, a message without end.
    import io

    import frame

    stream = io.BytesIO()
    frame.write(stream, {"é": [1, None]})
    stream.seek(0)
    assert frame.read(stream) == {"é": [1, None]}
    assert frame.read(stream) is None
    with pytest.raises(ValueError, match="too long"):
        frame.read(io.BytesIO(b"\xff\xff\xff\xff"))
    with pytest.raises(EOFError):
        frame.read(io.BytesIO(b"\0\0\0\x09{}"))
    with pytest.raises(EOFError):
        frame.read(io.BytesIO(b"\0\0"))
