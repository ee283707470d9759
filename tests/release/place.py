"""Where the tests of a release put things: folders with a space in their names, in build/test-release."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.glibc import oldest_glibc
from tools.release.__main__ import FOLDER as RELEASE
from tools.release.table import rows
from tools.script import BUILD, expect, run

WORK = BUILD / "test-release"
__all__ = ["RELEASE", "WORK", "fresh", "runs_where_it_says", "unpacked"]


def fresh(name: str) -> Path:
    """An empty folder."""
    folder = WORK / f"with {name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def unpacked(archive: Path, to: Path) -> Path:
    """Unpack as a user does, and return the one folder that comes out."""
    if archive.suffix == ".zip":
        shutil.unpack_archive(archive, to)
    else:
        run("tar", "-xzf", archive, "-C", to)
    found = list(to.iterdir())
    expect(len(found) == 1 and found[0].is_dir(), f"{archive.name} is not one folder: {[each.name for each in found]}")
    return found[0]


def runs_where_it_says(name: str, library: Path) -> None:
    """Whether the row of a file names the oldest glibc that the library in it runs with."""
    [row] = rows([name])
    says = f"glibc {oldest_glibc(library)} or later"
    expect(says in row.reader, f"{name}: is for {row.reader!r}, not {says!r}")
