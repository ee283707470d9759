"""A noun of the tests: it makes and runs programs, and returns one line with the result. Two nouns run side by side."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

from tests import program
from tests.program import Compiler, Ended
from tools.script import ROOT, Failed, Tally, Word


@dataclass(frozen=True)
class Noun:
    name: str
    library: Path
    compiler: Compiler  # of all nouns
    deadline: float  # by time.monotonic

    @property
    def out(self) -> Path:
        """The noun's own folder."""
        folder = self.compiler.out / self.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def ended(
        self, *command: Word, limit: float = 120, env: Optional[dict[str, str]] = None, cwd: Path = ROOT
    ) -> Ended:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Failed("its time is over")
        return program.ended(*command, limit=min(limit, left), env=env, cwd=cwd)

    def held(self, *command: Word, limit: float = 120, env: Optional[dict[str, str]] = None) -> str:
        """The stdout of a program that must end with 0."""
        return self.ended(*command, limit=limit, env=env).held()

    def told(self, *command: Word, limit: float = 120, env: Optional[dict[str, str]] = None) -> str:
        """The same for a program that must print something."""
        return self.ended(*command, limit=limit, env=env).told()


Body = Callable[[Noun], str]


def run_nouns(nouns: Mapping[str, Body], library: Path, compiler: Compiler, limit: float) -> int:
    """Run the nouns and count them, each within a time limit in seconds."""
    tally = Tally()

    def one(name: str) -> str:
        return nouns[name](Noun(name, library, compiler, time.monotonic() + limit))

    with ThreadPoolExecutor(2) as pool:
        running = {pool.submit(one, name): name for name in nouns}
        for done in as_completed(running):
            name = running[done]
            try:
                tally.hold(f"{name}: {done.result()}")
            except Failed as failure:
                tally.fail(f"{name}: {failure}")
            except SystemExit as skipped:
                if skipped.code == 0:
                    tally.skipped.append(name)
                else:
                    tally.fail(f"{name}: skipped")
    return tally.end()
