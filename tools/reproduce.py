"""Builds the library a second time, from a copy of the sources in another folder, and compares it with LIBRARY byte
for byte: python3 -m tools.reproduce LIBRARY [CACHE]

The build cache is empty; or CACHE, which saves half a minute, but then only the folder differs.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from tools.script import ROOT, expect, run, start, usage

SOURCES = ("go.mod", "go.sum", "include", "capi", "core", "tools", "platforms/apple", "bindings/kotlin/src/main/c")


def copy_sources(to: Path) -> None:
    to.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to / name)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main(arguments: list[str]) -> None:
    if len(arguments) not in (1, 2):
        usage(__doc__)
    library = Path(arguments[0])
    first = digest(library)
    with tempfile.TemporaryDirectory() as folder:
        elsewhere, built = Path(folder, "somewhere", "else"), Path(folder, "built", library.name)
        copy_sources(elsewhere)
        cache = arguments[1] if len(arguments) == 2 else str(Path(folder, "cache"))
        run(sys.executable, "-m", "tools.build", built, cwd=elsewhere, env={"GOCACHE": cache})
        second = digest(built)
    expect(first == second, f"two builds of the same sources differ: {first} and {second}")
    print(f"reproducible: sha256 {first}")


if __name__ == "__main__":
    start(main)
