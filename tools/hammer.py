"""Runs the tests of kept sessions for long: python3 -m tools.hammer TIME [WORD...]

TIME is in seconds, or 30m or 2h. Each test runs over and over until its time is over, with pauses where another thread
or process may come between (the tag ``pauses`` of core/store); a WORD of the names below selects some. At the end of
each it prints one line: how often it ran, and what the last run said. A failure ends the test and is printed whole.
"""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tools.script import BUILD, GO, ROOT, Tally, run, start, usage

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Long:
    name: str
    test: str
    package: str
    race: bool = False
    # More arguments; {left} stands for the seconds that are left.
    more: tuple[str, ...] = ()
    pauses: bool = True


TESTS = (
    Long("threads", "TestThreads", "core/offer", True, ("-hammer", "{left}s")),
    Long("processes", "TestProcessesShareSessions", "core/offer"),
    Long("killed", "TestKilled", "core/offer", False, ("-kills", "100", "-kill-within", "100ms")),
    # One process and one thread. Once takes minutes.
    Long("power", "TestPowerLoss", "core/store", False, ("-every-byte",), pauses=False),
    Long("histories", "TestKeptSessionsHistories", "core/store", pauses=False),
)


def built(long: Long) -> Path:
    tags = "sqlite_omit_load_extension" + (",pauses" if long.pauses else "")
    kind = ("-race" if long.race else "") + ("-pauses" if long.pauses else "")
    program = BUILD / "hammer" / f"{Path(long.package).name}{kind}.test"
    run(GO, "test", "-c", "-tags", tags, *(["-race"] if long.race else []), "-o", program, f"./{long.package}")
    return program


def hammer(long: Long, seconds: int, tally: Tally) -> None:
    program = built(long)
    began = time.monotonic()
    runs, said = 0, ""
    while runs == 0 or time.monotonic() - began < seconds:
        left = max(1, int(seconds - (time.monotonic() - began)))
        done = subprocess.run(
            [
                *(program, "-test.v", "-test.timeout=0", f"-test.run=^{long.test}$"),
                *(more.format(left=left) for more in long.more),
            ],
            cwd=ROOT / long.package,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        runs += 1
        if done.returncode != 0 or f"--- PASS: {long.test}" not in done.stdout:
            after = f"after {time.monotonic() - began:.0f} s"
            tally.fail(f"{done.stdout}{long.name}: run {runs} of {long.test} failed {after}")
            return
        said = (re.findall(r"^\s+\w+_test\.go:\d+: (.*)$", done.stdout, re.MULTILINE) or [said])[-1]
    tally.hold(f"{long.name}: {long.test} held for {time.monotonic() - began:.0f} s, runs: {runs}; the last: {said}")


def main(arguments: list[str]) -> int:
    given = re.fullmatch(r"(\d+)([smh]?)", arguments[0]) if arguments else None
    if given is None:
        usage(__doc__)
    chosen = [long for long in TESTS if not arguments[1:] or long.name in arguments[1:]]
    if not chosen:
        usage(f"the tests are: {', '.join(long.name for long in TESTS)}")
    tally = Tally()
    for long in chosen:
        hammer(long, int(given[1]) * UNITS[given[2]], tally)
    return tally.end()


if __name__ == "__main__":
    start(main)
