"""A fresh machine: ``python3 -m tests.machine.run``.

First units.py: machines that are made up. Then a real one, as root: Debian 12 with make and Python and nothing else,
a copy of the root of tests/debian.py. There a user runs ``make demo`` and gets the line to run; root gets the packages
and Go; and the user's ``make demo`` builds the library and runs. Ends with one line: N passed, N failed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from tests.debian import Lacking, Root
from tests.machine import units
from tools.script import BUILD, ROOT, Tally, expect, run, start, words

RELEASE = "bookworm"
WORK = BUILD / "machine"
HOME = "home/user"
TREE = f"{HOME}/libcallkey"
# A user without a name and without rights, outside of CI: there, tools/machine tries sudo.
USER = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", f"HOME=/{HOME}", "CI=")
LIMIT = 1200  # seconds for one command


def made_up(tally: Tally) -> None:
    suite = unittest.defaultTestLoader.loadTestsFromModule(units)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite)
    line = f"machines that are made up: {result.testsRun} tests"
    if result.wasSuccessful() and result.testsRun > 0:
        tally.hold(line)
    else:
        tally.fail(line)


def bare_machine() -> Root:
    """A copy of the root, with this tree in a user's home."""
    root = Root(RELEASE)
    root.install("make", "python3")
    shutil.rmtree(WORK, ignore_errors=True)
    copy = root.copy(WORK / RELEASE)
    copy.share_network()
    tree = copy.folder / TREE
    for name in run("git", "ls-files", "-z").rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name, follow_symlinks=False)
    give(copy.folder / HOME)
    return copy


def give(folder: Path) -> None:
    run("chown", "-R", "65534:65534", folder)


def ask(machine: Root, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the tree there."""
    return subprocess.run(
        words(*machine.command("env", "-C", f"/{TREE}", *command)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def real(tally: Tally) -> None:
    machine = bare_machine()
    with tally.test("a user's make demo prints the line to run, and apt-get takes it"):
        asked = ask(machine, *USER, "make", "demo")
        line = "sudo apt-get install -y --no-install-recommends gcc libc6-dev ca-certificates python3-venv"
        expect(asked.stdout == f"{line}\n" and asked.returncode == 2, f"{asked.stdout}{asked.stderr}")
        expect([each[:9] for each in asked.stderr.splitlines()] == ["make: ***"], asked.stderr)
        simulated = ask(machine, *line.split()[1:], "--simulate")
        expect(simulated.returncode == 0, simulated.stderr)
    with tally.test("root gets the packages, and Go in build/"):
        asked = ask(machine, "python3", "-m", "tools.machine", "demo")
        expect(asked.returncode == 0, f"{asked.stdout}{asked.stderr}")
        expect("there is no go on the PATH" in asked.stdout, asked.stdout)
        give(machine.folder / HOME)
    with tally.test("then the user's make demo builds the library and runs"):
        asked = ask(machine, *USER, "make", "demo")
        expect("✓ Established: 2 calls" in asked.stdout, f"{asked.stdout[-2000:]}{asked.stderr[-2000:]}")
        expect("machine:" not in asked.stdout, asked.stdout)
    shutil.rmtree(WORK)


def main(_: list[str]) -> int:
    tally = Tally()
    made_up(tally)
    try:
        real(tally)
    except Lacking as lacking:
        status = lacking.status(0)
        (tally.skipped.append if status == 0 else tally.fail)("a machine that is real")
    return tally.end()


if __name__ == "__main__":
    start(main)
