"""One file of a release, and what make builds before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from tools.script import Failed


@dataclass(frozen=True)
class Step:
    """A run of make."""

    name: str
    words: Sequence[str]
    """The arguments of make."""
    after: Sequence[str] = ()
    """The steps that must have passed before."""


def nothing() -> str:
    return ""


@dataclass(frozen=True)
class Artefact:
    name: str
    """The word by which ``python3 -m tools.release`` selects it, and tests/release knows what to do with it."""
    file: str
    """Its name; a wheel's has a * for the tag that is read from the library."""
    reader: str
    """Who it is for."""
    use: str
    """What the reader does with it."""
    tried: str
    """What ``make test-release`` does with it."""
    steps: Sequence[str]
    pack: Callable[[Path], None]
    """Write it into a folder, from what the steps have built."""
    lacks: Callable[[], str] = nothing
    """What it needs that this machine does not have; then it is not made."""

    def found(self, folder: Path) -> Path:
        files = list(folder.glob(self.file))
        if len(files) != 1:
            raise Failed(f"{self.name}: {folder} has {len(files)} files {self.file}")
        return files[0]
