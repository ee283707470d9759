"""The judge is tried: by its cases, and by runs in which something is damaged, which it must report."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bot.bot import Bot
from tests.bot.cases import try_cases
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


def try_judge(tally: Tally, seed: str, folder: Path) -> None:
    try_cases(tally)
    for damage, subject in DAMAGES.items():
        with tally.test(f"judge: a run with damage to {damage}"):
            with Bot(f"{seed} control", 2, folder / damage, damage) as bot:
                bot.run(time.monotonic() + LIMIT, STEPS)
            found = {name for name, faults in bot.judge.faults.items() if faults}
            expect(found == ({subject} if subject else set()), f"damage to {damage}: faults of {found or 'nothing'}")
