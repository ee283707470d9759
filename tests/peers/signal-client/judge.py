"""The official Signal client library: the Go tests in tests/signal-client run it, and are counted here."""

from __future__ import annotations

import importlib
import json

from tests.peers.tally import Tally
from tools.script import GO, run

WHAT = "Signal sessions, prekeys, records and identities: Go tests"
VERSIONS = ("0.22.0", "0.58.0")


def prepare() -> str:
    importlib.import_module("tests.signal-client.install").main([])
    return ", ".join(VERSIONS)


def judge(tally: Tally, seed: int) -> None:
    log = run(GO, "test", "-json", "-count=1", "-tags", "sqlite_omit_load_extension", "./tests/signal-client")
    for line in log.splitlines():
        event = json.loads(line)
        if event.get("Test") and event["Action"] in ("pass", "fail", "skip"):
            tally.equal(WHAT, "pass", event["Action"], test=event["Test"])
