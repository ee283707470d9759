"""The official Signal client library: the Go tests in tests/signal-client run it. Here they are counted, by file."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.peers import migration
from tests.peers.peer import WORK, Peer
from tests.peers.tally import Tally
from tools.script import GO, ROOT, expect

Client = importlib.import_module("tests.peers.signal-client.client").Client

TESTS = ROOT / "tests" / "signal-client"
VERSIONS = ("0.22.0", "0.58.0")

# What the tests of a file are about.
SUBJECTS = {
    "counterpart": "Signal: sessions begun by either side, messages in any order, restarts",
    "hostile": "Signal: damaged, cut and foreign messages are rejected",
    "identity": "Signal: new identities, forged bundles",
    "kept": "sessions that a program keeps itself, both ways, records moved there and back",
    "messages": "other messages among call keys, both ways",
    "offer": "offers to three devices, and from a client",
    "records": "session records and an account moved to the client and to us",
    "moves": "session records moved there and back, whole",
    "control": "control: two clients without us",
}


def subjects() -> dict[str, str]:
    """The subject of each test."""
    found = {}
    for file in sorted(TESTS.glob("*_test.go")):
        for test in re.findall(r"^func (Test\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE):
            found[test] = SUBJECTS[file.name[: -len("_test.go")]]
    return found


def prepare() -> str:
    importlib.import_module("tests.signal-client.install").main([])
    return ", ".join(VERSIONS)


def peer(folder: Path) -> Peer:
    """The driver of the newest version, with its accounts' files in this folder."""
    newest: Peer = Client(VERSIONS[-1], folder)
    return newest


def judge(tally: Tally, seed: int) -> None:
    package = f"./{TESTS.relative_to(ROOT)}"
    command = (GO, "test", "-json", "-count=1", "-tags", "sqlite_omit_load_extension", package)
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    about = subjects()
    said: defaultdict[str, str] = defaultdict(str)
    failed = False
    for line in done.stdout.splitlines():
        event = json.loads(line)
        test, action = event.get("Test", ""), event["Action"]
        said[test] += event.get("Output", "")
        if test and action in ("pass", "fail", "skip"):
            inputs = {} if action == "pass" else {"output": said[test]}
            failed |= not tally.equal(about[test.partition("/")[0]], "pass", action, test=test, **inputs)
    for version in VERSIONS:
        with TemporaryDirectory(dir=WORK) as folder, Client(version, Path(folder)) as driver:
            migration.judge(tally, driver, Random(seed), "move_records")
    expect(done.returncode == 0 or failed, f"tests/signal-client does not run:\n{said['']}")
