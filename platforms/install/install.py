"""Installs a built library: python3 -m platforms.install.install LIBRARY

LIBRARY  libcallkey.so.N of Linux, libcallkey.N.dylib of macOS, callkey.dll of Windows, or libcallkey.a
PREFIX   where it will be found, default /usr/local
DESTDIR  a folder in front of PREFIX while installing, for packagers

Nothing that is installed holds either path, so the tree may be moved.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from platforms.install.kind import Kind, kind, pointer_bytes
from tools.script import ROOT, expect, start, usage
from tools.version import ABI_MAJOR, VERSION

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


def properties(of: Kind) -> str:
    """Of CMake's target."""
    location = f"${{_callkey_prefix}}/{next(iter(of.files.values()))}"
    rows = {"IMPORTED_LOCATION": location, **of.properties}
    return "\n".join(f'    {name} "{value}"' for name, value in rows.items())


def install(library: Path, to: Path) -> None:
    """Make the tree below a folder."""
    of = kind(library)
    place(ROOT / "include" / "callkey.h", to / "include" / "callkey.h")
    for number, (name, inside) in enumerate(of.files.items()):
        file = library.with_name(name)
        if name in of.optional and not file.is_file():
            continue
        expect(file.is_file(), f"{file} was not built")
        # The library comes first. Only a shared one is a program's.
        place(file, to / inside, 0o755 if number == 0 and of.cmake == "SHARED" else 0o644)
    for name, target in of.links.items():
        link(to / name, target)
    # The licences of the library's components are installed with it.
    for name in ("LICENSE", "THIRD_PARTY.md"):
        place(ROOT / name, to / "share" / "doc" / "callkey" / name)
    values = {
        "@VERSION@": VERSION,
        "@MAJOR@": ABI_MAJOR,
        "@POINTER_BYTES@": str(pointer_bytes(library)),
        "@TYPE@": of.cmake,
        "@BEFORE@": of.before,
        "@PROPERTIES@": properties(of),
        "@FLAGS@": f" {of.flags}" if of.flags else "",
    }
    for name, folder in TEMPLATES.items():
        text = (ROOT / "platforms" / "install" / f"{name}.in").read_text()
        for mark, value in values.items():
            text = text.replace(mark, value)
        file = to / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o644)


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    os.umask(0o022)
    install(Path(arguments[0]), Path(os.environ.get("DESTDIR", "") + (os.environ.get("PREFIX") or "/usr/local")))


if __name__ == "__main__":
    start(main)
