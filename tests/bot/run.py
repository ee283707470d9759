"""``make bot``: users with three devices each call each other, everything that can go wrong does, and a judge compares
all keys and asks for the cause of every loss.

run [TIME]    default: 60s; like 90s, 10m or 1h

Each device is a process with a file store of its own. SEED repeats the decisions of a run; what a kill interrupts is
a matter of time. USERS is the number of users (default 8, at least 2). First the judge itself is tried. The stores and
the devices' stderr are in build/bot.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from random import SystemRandom

from tests.bot.bot import Bot
from tests.bot.control import try_judge
from tools.script import BUILD, Tally, expect, start, usage

UNITS = {"s": 1, "m": 60, "h": 3600}
WORK = BUILD / "bot"
SHOWN = 20
"""Faults of one subject that are printed."""


def seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+)([smh])", text)
    if match is None:
        usage(__doc__)
    return int(match[1]) * UNITS[match[2]]


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        usage(__doc__)
    limit = seconds(arguments[0] if arguments else "60s")
    seed = os.environ.get("SEED") or str(SystemRandom().randrange(1 << 32))
    users = int(os.environ.get("USERS") or 8)
    expect(users >= 2, f"USERS={users}: a call needs two")
    print(f"bot: SEED={seed} repeats these decisions", flush=True)
    tally = Tally()
    shutil.rmtree(WORK, ignore_errors=True)
    try_judge(tally, seed, WORK / "control")
    with Bot(seed, users, WORK / "stores") as bot:
        bot.run(time.monotonic() + limit)
    report(tally, bot)
    return tally.end()


def report(tally: Tally, bot: Bot) -> None:
    counts = bot.counts
    for name in sorted(counts):
        print(f"  {counts[name]:>9,} {name}")
    for cause, n in sorted(bot.judge.refusals.items()):
        print(f"  {n:>9,} refused, {cause}")
    for cause, n in sorted(bot.judge.losses.items()):
        print(f"  {n:>9,} lost: {cause}")
    opened, refused = counts["ciphertexts opened"], sum(bot.judge.refusals.values())
    lines = {
        "keys": f"{counts['keys compared']:,} keys compared, {counts['wrong keys']:,} wrong",
        "deliveries": f"{opened:,} ciphertexts opened, {counts['duplicates refused']:,} duplicates refused, "
        f"{refused:,} others refused for a cause",
        "calls": f"{counts['calls placed']:,} calls placed, {counts['calls answered']:,} answered",
        "groups": f"{counts['group calls']:,} group calls with {counts['epochs sent']:,} epochs",
        "messages": f"{counts['messages sent']:,} other messages sent in the same sessions",
        "stores": f"{counts['kills']:,} kills, {counts['reinstalled devices']:,} reinstalled devices",
    }
    for subject, line in lines.items():
        faults = bot.judge.faults[subject]
        if faults:
            print("\n".join(faults[:SHOWN]))
            tally.fail(f"{subject}: {len(faults):,} faults")
        else:
            tally.hold(f"{subject}: {line}")


if __name__ == "__main__":
    start(main)
