"""Java tools that Maven gets: a folder has a pom.xml with their versions, and sha256 with the digest of each file."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from tools.jar import maven
from tools.script import ROOT, expect


def wrong(folder: Path, jars: Path) -> str:
    """What is wrong with the files that are there; empty if nothing is."""
    wanted = dict(line.split()[::-1] for line in (folder / "sha256").read_text(encoding="utf-8").splitlines())
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in jars.glob("*")}
    differing = sorted(dict(wanted.items() ^ found.items()))
    return f"{folder.relative_to(ROOT)}/sha256 has other digests for {' '.join(differing)}" if differing else ""


def get(folder: Path, jars: Path) -> None:
    """Put the tool of ``folder`` and what it needs into ``jars``, unless it is there."""
    if not wrong(folder, jars):
        return
    shutil.rmtree(jars, ignore_errors=True)
    maven("-f", str(folder / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    expect(not (told := wrong(folder, jars)), told)
