"""A library for another platform: built, checked like every library, and tested with the C tests.

The environment selects the platform (GOOS, GOARCH, CC) and the command that runs its programs (RUNNER).
"""

from __future__ import annotations

import os
from pathlib import Path

from tests import library
from tools.script import GO, PYTHON, Word, go_run, run


def show(*command: Word) -> None:
    print(run(*command), end="", flush=True)


def build(made: Path, **target: str) -> None:
    """Build what `make lib` builds for a target, without the copy that has symbols."""
    os.environ.update(target)
    library.current(made, env=target)


def judge(built: Path) -> None:
    """Its exports, and the same bytes from another folder."""
    print(go_run("./tools/contract", "exports", built), end="", flush=True)
    show(PYTHON, "-m", "tools.reproduce", built, run(GO, "env", "GOCACHE").strip())


RESIDUE = "residue"


def run_tests(built: Path, *names: str) -> None:
    """Search its memory for secrets and run the C tests, or do what is named: ``residue`` or C tests."""
    if not names or RESIDUE in names:
        # What a dump meets is chance, and under an emulator each takes seconds.
        times = "8" if os.environ.get("FULL") else "2"
        show(PYTHON, "-m", "tests.boundary.residue", times, built)
    tests = [name for name in names if name != RESIDUE]
    if tests or not names:
        show(PYTHON, "-m", "tests.c.run", built, *tests)
