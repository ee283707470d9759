"""Installs a built library for Linux: python3 -m platforms.install.install LIBRARY

PREFIX   where it will be found, default /usr/local
DESTDIR  a folder in front of PREFIX while installing, for packagers

Nothing that is installed holds either path, so the tree may be moved.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.script import ROOT, expect, start, usage
from tools.version import ABI_MAJOR, SONAME, VERSION

TEMPLATES = {
    "callkey.pc": "lib/pkgconfig",
    "callkeyConfig.cmake": "lib/cmake/callkey",
    "callkeyConfigVersion.cmake": "lib/cmake/callkey",
}


def place(source: Path, to: Path, mode: int = 0o644) -> None:
    """A new file: a program that runs keeps the one that it has loaded."""
    to.parent.mkdir(parents=True, exist_ok=True)
    to.unlink(missing_ok=True)
    shutil.copyfile(source, to)
    to.chmod(mode)


def link(name: Path, target: str) -> None:
    name.unlink(missing_ok=True)
    name.symlink_to(target)


def pointer_bytes(library: Path) -> int:
    """The size of the pointers in an ELF file."""
    with library.open("rb") as file:
        head = file.read(5)
    expect(head[:4] == b"\x7fELF" and len(head) == 5, f"{library} is not an ELF file")
    return 8 if head[4] == 2 else 4


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    library = Path(arguments[0])
    expect(
        ".so." in library.name, "only a library for Linux is installed this way; docs/platforms.md says where others go"
    )
    os.umask(0o022)
    to = Path(os.environ.get("DESTDIR", "") + (os.environ.get("PREFIX") or "/usr/local"))
    full = f"libcallkey.so.{VERSION}"
    place(ROOT / "include" / "callkey.h", to / "include" / "callkey.h")
    place(library, to / "lib" / full, 0o755)
    link(to / "lib" / SONAME, full)
    link(to / "lib" / "libcallkey.so", SONAME)
    # The licences of the library's components are installed with it.
    for name in ("LICENSE", "THIRD_PARTY.md"):
        place(ROOT / name, to / "share" / "doc" / "callkey" / name)
    values = {"@VERSION@": VERSION, "@MAJOR@": ABI_MAJOR, "@POINTER_BYTES@": str(pointer_bytes(library))}
    for name, folder in TEMPLATES.items():
        text = (ROOT / "platforms" / "install" / f"{name}.in").read_text()
        for mark, value in values.items():
            text = text.replace(mark, value)
        file = to / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o644)


if __name__ == "__main__":
    start(main)
