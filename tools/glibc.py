"""The oldest glibc that a library runs with: python3 -m tools.glibc LIBRARY

It is measured, in the versions of the symbols that the library asks for, and depends on the system that the
library was built on. docs/platforms.md names that of Debian 12.
"""

from __future__ import annotations

import re
from pathlib import Path

from tools.script import ROOT, expect, run, start, usage

SYSTEM = Path("/etc/os-release")
DOCS = ROOT / "docs" / "platforms.md"


def oldest_glibc(library: Path) -> str:
    asked: set[str] = set(re.findall(r"GLIBC_([\d.]+)", run("readelf", "-VW", library)))
    expect(asked, f"{library} asks for no version of glibc")
    return max(asked, key=lambda version: [int(part) for part in version.split(".")])


def on_debian_12() -> bool:
    lines = SYSTEM.read_text().splitlines() if SYSTEM.exists() else []
    return "ID=debian" in lines and 'VERSION_ID="12"' in lines


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    floor = f"glibc {oldest_glibc(Path(arguments[0]))} or later"
    expect(
        not on_debian_12() or floor in " ".join(DOCS.read_text().split()), f"docs/platforms.md does not say: {floor}"
    )
    print(floor.replace(" ", ": ", 1))


if __name__ == "__main__":
    start(main)
