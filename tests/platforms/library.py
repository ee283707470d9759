"""A library for another platform: built, checked like every library, and tested with the C tests.

The environment selects the platform (GOOS, GOARCH, CC) and the command that runs its programs (RUNNER).
"""

from __future__ import annotations

import os
from pathlib import Path

from tools.script import GO, PYTHON, Word, go_run, run


def show(*command: Word) -> None:
    print(run(*command), end="", flush=True)


def build(**target: str) -> None:
    """Build what `make lib` builds for a target."""
    os.environ.update(target)
    show("make", "--no-print-directory", "lib", *(f"{name}={value}" for name, value in target.items()))


def judge(library: Path) -> None:
    """Its exports, and the same bytes from another folder."""
    print(go_run("./tools/contract", "exports", library), end="", flush=True)
    show(PYTHON, "-m", "tools.reproduce", library, run(GO, "env", "GOCACHE").strip())


def run_tests(library: Path) -> None:
    show(PYTHON, "-m", "tests.boundary.residue", "4", library)
    show(PYTHON, "-m", "tests.c.run", library)
