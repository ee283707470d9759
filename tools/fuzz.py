"""Runs every fuzz target of the Go packages, or one: python3 -m tools.fuzz TIME [TARGET]

Each target runs for TIME on one core, as many at once as there are cores. It prints the number of inputs tried for
each, and the number of targets at the end. A finding does not stop the others.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock

from tools.script import GO, ROOT, Tally, start, usage

TARGET = re.compile(r"^func (Fuzz[A-Za-z0-9_]*)\(", re.MULTILINE)
INPUT = re.compile(r"Failing input written to (testdata/fuzz/\S+)")


def targets() -> list[tuple[str, str]]:
    """Each package with each of its targets."""
    return sorted(
        (f"./{file.parent.relative_to(ROOT)}", name)
        for file in (ROOT / "core").rglob("*_test.go")
        for name in TARGET.findall(file.read_text())
    )


def ended_by_the_clock(log: str) -> bool:
    """A Go fuzzer that is in the middle of an input when its time is over may report a failure. A real finding leaves
    its input in a file."""
    if "context deadline exceeded" not in log:
        return False
    return not re.search("Failing input written to|panic: |hung or terminated", log)


def finding(package: str, name: str, log: str) -> str:
    """The lines to print about a failed target."""
    found = INPUT.search(log)
    if found is None:
        return f"{log}{package} {name}: failed before it fuzzed"
    file = Path(found[1])
    return (
        f"{log}{package} {name}: finding. The input, in Go syntax, to be kept in the repository once it is fixed:\n"
        f"{(ROOT / package / file).read_text()}"
        f"To run it again: go test {package} -run {name}/{file.name}"
    )


class Fuzzers:
    """The running fuzzers. They end with this program: each has its own session, because `go test` leaves its workers
    behind when it is stopped."""

    def __init__(self, time: str) -> None:
        self.time = time
        self.running: set[subprocess.Popen[str]] = set()
        self.lock = Lock()
        self.stopped = False

    def fuzz(self, package: str, name: str) -> tuple[bool, str]:
        """Whether the target holds, and what to print about it."""
        with self.lock:
            if self.stopped:
                return False, f"{package} {name}: stopped"
            fuzzer = subprocess.Popen(
                (
                    *(GO, "test", package, "-run", "^$", "-fuzz", f"^{name}$"),
                    *("-fuzztime", self.time, "-fuzzminimizetime", "1x", "-parallel", "1"),
                ),
                cwd=ROOT,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.running.add(fuzzer)
        log = fuzzer.communicate()[0]
        with self.lock:
            self.running.remove(fuzzer)
        if fuzzer.returncode == 0 or ended_by_the_clock(log):
            return True, f"{package} {name}: {(re.findall(r'execs: [0-9]*', log) or ['execs: 0'])[-1]}"
        return False, finding(package, name, log)

    def stop(self) -> None:
        with self.lock:
            self.stopped = True
            for fuzzer in self.running:
                with suppress(ProcessLookupError):
                    os.killpg(fuzzer.pid, signal.SIGTERM)


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        usage(__doc__)
    time, only = arguments[0], arguments[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    fuzzers, tally = Fuzzers(time), Tally()
    chosen = [target for target in targets() if not only or target[1] == only[0]]
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    try:
        for holds, text in pool.map(lambda target: fuzzers.fuzz(*target), chosen):
            if holds:
                tally.hold(text)
            else:
                tally.fail(text)
    finally:
        fuzzers.stop()
        pool.shutdown()
    return tally.end()


if __name__ == "__main__":
    start(main)
