"""The Swift that the tests use: the one on PATH from 6.0 on, else Debian trixie's in the root of tests/debian.py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Optional

from tests.debian import Lacking, Root
from tools.script import BUILD, IN_CI, ROOT, Failed, Word, ending, words

OLDEST = 6
PACKAGES = ("swiftlang", "libc6-dev", "git")
WORK = BUILD / "swift"
PREFIX = WORK / "prefix"


class Toolchain:
    def __init__(self, root: Optional[Root]) -> None:
        self.root = root
        self.tree = ROOT if root is None else Path("/project")
        told = self._ask("swift", "--version")
        found = re.search(r"Swift version ([0-9.]+)", told)
        self.version = found[1] if found else ""

    def fit(self) -> bool:
        return bool(self.version) and int(self.version.split(".")[0]) >= OLDEST

    def run(self, log: str, *command: Word, status: int = 0) -> str:
        """Run a command in the tree, with the installed library, and return what it wrote; build/swift has it too.

        LD_BIND_NOW: a symbol that is bound at its first call saves the vector registers on the stack, and with them
        what was copied last, which the test `wiped` would find.
        """
        lib = self.tree / PREFIX.relative_to(ROOT) / "lib"
        settings = (f"PKG_CONFIG_PATH={lib}/pkgconfig", f"LD_LIBRARY_PATH={lib}", "LD_BIND_NOW=1")
        file = WORK / f"{log}.log"
        full = ("env", *settings, *command)
        if self.root is None:
            with file.open("w", encoding="utf-8") as out:
                ended = subprocess.run(words(*full), cwd=ROOT, stdout=out, stderr=out, check=False).returncode
        else:
            ended = self.root.run(*full, log=file)
        told = file.read_text(encoding="utf-8", errors="replace")
        if ended != status:
            raise Failed(f"{told}{' '.join(words(*command))}: {ending(ended)}")
        return told

    def _ask(self, *command: str) -> str:
        """The output of a command; empty if it fails."""
        try:
            return self.run("version", *command)
        except Failed:
            return ""

    def docc(self) -> Path:
        """It is in the folder of the real `swift`, and need not be on PATH."""
        swift = self.run("which", "sh", "-c", 'readlink -f "$(command -v swift)"').strip()
        return Path(swift).with_name("docc")


def toolchain() -> Toolchain:
    """Raises Lacking if there is none, and Failed if Debian's cannot be installed."""
    WORK.mkdir(parents=True, exist_ok=True)
    if shutil.which("swift"):
        own = Toolchain(None)
        if own.fit():
            return own
    root = Root("trixie")
    if os.environ.get("SWIFT") == "get" or IN_CI:
        root.install(*PACKAGES)
    elif not root.has(*PACKAGES):
        raise Lacking(
            "Swift 6.0 or later, get it from swift.org, or as root Debian trixie's into build/trixie with "
            '"make test-swift"'
        )
    return Toolchain(root)
