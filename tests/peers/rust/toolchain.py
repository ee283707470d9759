"""The cargo that builds the driver: the one on PATH if it is new enough for the peer, else Debian forky's, in the root
of tests/debian.py. There the driver runs too, because it needs that release's C library. It also builds the program of
bench/peers."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Optional

from tests.debian import Lacking, Root
from tests.peers.peer import WORK
from tools.script import IN_CI, ROOT, Failed, run, skip, words

OLDEST = (1, 94)
PACKAGES = ("cargo", "rustc", "gcc", "libc6-dev", "ca-certificates")
HERE = Path(__file__).resolve().parent
PROJECT = Path("/project")  # the tree in the root


class Toolchain:
    def __init__(self, cargo: str, root: Optional[Root] = None) -> None:
        self.cargo, self.root = cargo, root
        self.tree = ROOT if root is None else PROJECT
        work = self.tree / WORK.relative_to(ROOT)
        given = os.environ.get("CARGO_TARGET_DIR")
        if root is None:
            self.target = Path(given).resolve() if given else work / "rust"
        else:
            self.target = work / f"rust-{root.release}"

    def inside(self, path: Path) -> Path:
        """A path of this tree, as the programs know it."""
        return self.tree / path.relative_to(ROOT)

    def build(self, project: Path = HERE, profile: str = "dev") -> None:
        """Builds a Cargo project of this tree."""
        settings = [f"CARGO_TARGET_DIR={self.target}"]
        if self.root is not None:
            settings.append(f"CARGO_HOME={self.inside(WORK / 'cargo')}")
        options = ("--locked", "--quiet", "--profile", profile, "--manifest-path", self.inside(project / "Cargo.toml"))
        run(*self._outside("env", *settings, self.cargo, "build", *options), quiet=True)

    def program(self, name: str = "peer", profile: str = "dev") -> list[str]:
        """The command that starts a program that was built."""
        return self._outside(self.target / {"dev": "debug"}.get(profile, profile) / name)

    def _outside(self, *command: object) -> list[str]:
        plain = words(*(str(word) for word in command))
        return plain if self.root is None else self.root.command(*plain)


def installed() -> str:
    """The cargo of this machine; empty if there is none that is new enough."""
    found = shutil.which("cargo") or shutil.which("cargo", path=str(Path.home() / ".cargo" / "bin"))
    told = re.match(r"cargo (\d+)\.(\d+)", run(found, "--version")) if found else None
    return found if found and told and (int(told[1]), int(told[2])) >= OLDEST else ""


def toolchain() -> Toolchain:
    if cargo := installed():
        return Toolchain(cargo)
    root = Root("forky")
    try:
        root.install(*PACKAGES)
    except (Lacking, Failed) as failure:
        if IN_CI:
            raise Failed(str(failure)) from None
        skip(f"cargo {'.'.join(map(str, OLDEST))}: {failure}", "apt-get install mmdebstrap")
    return Toolchain("cargo", root)
