"""The judge is tried: by its cases, and by runs in which something is damaged, which it must report."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bot.bot import Bot
from tests.bot.cases import try_cases
from tests.bot.counts import Counts
from tests.bot.server import Server
from tools.script import Tally, expect

STEPS = 25
LIMIT = 120

DAMAGES = {
    "nothing": "",
    "derivation": "keys",  # a device derives the keys of device 0 for everybody
    "delivery": "deliveries",  # a device gets offers with a changed bit
    "silence": "calls",  # a device gets no offer
}
"""What is damaged in a run, and the subject of the faults."""


def uploads_twice() -> None:
    """A prekey must go out once, or two devices begin sessions with it and one of them is refused."""
    server = Server("", Counts(), "", "")
    keys = {"registration_id": 1, "identity": "", "signed": [1, "", ""]}
    server.publish("device", {**keys, "prekeys": [[1, "first"]]})
    out = [server.serve({"bundle": "device"})["prekey"]]
    server.publish("device", {**keys, "prekeys": [[1, "first"], [2, "second"]]})
    out += [server.serve({"bundle": "device"})["prekey"] for _ in range(2)]
    expect(out == ["first", "second", ""], f"one-time prekeys that went out: {out}")


def try_judge(tally: Tally, seed: str, folder: Path) -> None:
    try_cases(tally)
    with tally.test("server: prekeys that are uploaded twice"):
        uploads_twice()
    for damage, subject in DAMAGES.items():
        with tally.test(f"judge: a run with damage to {damage}"):
            with Bot(f"{seed} control", 2, folder / damage, damage) as bot:
                bot.run(time.monotonic() + LIMIT, STEPS)
            found = {name for name, faults in bot.judge.faults.items() if faults}
            expect(found == ({subject} if subject else set()), f"damage to {damage}: faults of {found or 'nothing'}")
