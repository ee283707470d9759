"""The source tarball: the files of the project, which build and test themselves without git."""

from __future__ import annotations

from pathlib import Path

from tools import tree
from tools.release.pack import tar_gz
from tools.script import ROOT
from tools.version import VERSION

TOP = f"libcallkey-{VERSION}"
"""The folder that the tarball has everything in."""


def pack(to: Path) -> None:
    tar_gz(to, {f"{TOP}/{name}": ROOT / name for name in tree.files()})
