"""Builds the library for macOS without a Mac, and checks what can be checked: python3 -m tests.platforms.macos

No instruction of it is executed. The file is read, built a second time in another folder, and changed in one place at
a time, which the checks must notice.
"""

from __future__ import annotations

import shutil
import struct
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Callable

from platforms.apple import macho
from platforms.apple.macho import HEADER, Image
from tests.platforms import system
from tests.platforms.library import build, judge, show
from tools import zig
from tools.build import APPLE_NAMES, MAC_LINKER
from tools.script import BUILD, GO, PYTHON, ROOT, Tally, expect, need, refused, start
from tools.version import DYLIB

CHECK = (PYTHON, "-m", "platforms.apple.check")
# GOARCH and zig's name of the target.
TARGETS = {"arm64": "aarch64-macos.12.0", "amd64": "x86_64-macos.12.0"}
Change = Callable[[bytearray, Image], None]


def command(image: Image, wanted: int, which: int) -> int:
    """The place of a load command of a kind."""
    found, at = [], HEADER.size
    for kind, body in image.commands.all:
        if kind == wanted:
            found.append(at)
        at += 8 + len(body)
    return found[which]


def write(at: int, form: str, *values: object) -> Change:
    return lambda content, _: struct.pack_into(form, content, at, *values)


def in_command(kind: int, at: int, form: str, value: int, which: int = 0) -> Change:
    return lambda content, image: struct.pack_into(form, content, command(image, kind, which) + at, value)


def replace(old: bytes, new: bytes) -> Change:
    """Change a text wherever it is."""

    def change(content: bytearray, _: Image) -> None:
        expect(old in content and len(old) == len(new), f"there is no {old!r}")
        content[:] = content.replace(old, new)

    return change


def symbol(name: str, at: int, form: str, value: int) -> Change:
    """Change a field of a symbol's row."""

    def change(content: bytearray, image: Image) -> None:
        [index] = [index for index, each in enumerate(image.symbols) if each.name == name]
        [table] = struct.unpack_from("<I", image.commands.only(macho.SYMTAB, "LC_SYMTAB"))
        struct.pack_into(form, content, table + 16 * index + at, value)

    return change


def longer(content: bytearray, _: Image) -> None:
    content += bytes(16)


def shorter(content: bytearray, image: Image) -> None:
    del content[image.segment("__LINKEDIT").offset + 64 :]


def in_the_trie(old: bytes, new: bytes) -> Change:
    """Change a text where dyld looks for exports."""

    def change(content: bytearray, image: Image) -> None:
        offset, size = struct.unpack("<2I", image.trie_place())
        content[offset : offset + size] = content[offset : offset + size].replace(old, new)

    return change


def with_a_path(content: bytearray, image: Image) -> None:
    place, path = image.segment("__TEXT").size // 2, f"{ROOT}/".encode()
    content[place : place + len(path)] = path


def in_a_page(content: bytearray, image: Image) -> None:
    content[image.segment("__TEXT").size // 2] ^= 1


# What is changed, what the check says, and the change.
FAULTS: dict[str, tuple[str, Change]] = {
    "a program and not a library": ("is no dylib", write(12, "<I", 2)),
    "another processor": ("is for processor 0xc", write(4, "<I", 12)),
    "names without a library": ("which library a name comes from", write(24, "<I", 0)),
    "a library that could be unloaded": ("could be unloaded", write(24, "<I", macho.TWO_LEVEL)),
    "iOS instead of macOS": ("for platform 2", in_command(macho.BUILD_VERSION, 8, "<I", 2)),
    "a newer macOS": ("asks for macOS 13.0", in_command(macho.BUILD_VERSION, 12, "<I", 13 << 16)),
    "another install name": ("has the install name", replace(b"@rpath/libcall", b"/rpath//libcall"[1:])),
    "a function under another name": (
        "callkey_wipf is exported and not declared",
        replace(b"callkey_wipe\0", b"callkey_wipf\0"),
    ),
    "an export that dyld finds under another name": (
        "is declared and not exported",
        in_the_trie(b"_callkey_", b"_calljey_"),
    ),
    "a name that no stub has": ("no stub has _memcpz", replace(b"\0_memcpy\0", b"\0_memcpz\0")),
    "a library that is not Apple's": ("no stub has", replace(b"/usr/lib/libSystem.B", b"/usr/lib/libSystem.C")),
    "a name of any library": ("comes from no library", symbol("_memcpy", 6, "<H", macho.ANYWHERE << 8)),
    "a name that may be missing": ("may be missing", symbol("_memcpy", 6, "<H", 1 << 8 | macho.WEAK_REFERENCE)),
    "code that can be written": ("writable and executable", in_command(macho.SEGMENT, 60, "<I", 7)),
    "a segment inside a page": ("is not at a page", in_command(macho.SEGMENT, 24, "<Q", 0x7FF00800, -1)),
    "bytes after the end": ("bytes after its last segment", longer),
    "half of the file": ("beyond its end", shorter),
    "the path of the sources": ("has the path", with_a_path),
    "one changed bit of code": ("1 pages are not as they were signed", in_a_page),
}


def faults(tally: Tally, library: Path, work: Path, table: Mapping[str, tuple[str, Change]]) -> None:
    image = Image(library)
    changed = work / library.name
    for what, (says, change) in table.items():
        with tally.test(f"{image.architecture}, noticed: {what}"):
            content = bytearray(image.content)
            change(content, image)
            expect(content != image.content, "nothing was changed")
            changed.write_bytes(content)
            refused(says, *CHECK, changed)


def not_a_library(tally: Tally, work: Path) -> None:
    for content, says in (
        (b"", "is not a Mach-O file"),
        (b"\x7fELF\2\1\1", "is not a Mach-O file"),
        (b"\xca\xfe\xba\xbe\0\0\0\2", "is for several processors"),
        (b"\xcf\xfa\xed\xfe\0", "is damaged"),
    ):
        with tally.test(f"refused: a file that begins with {content[:4].hex() or 'nothing'}"):
            (work / "none.dylib").write_bytes(content)
            refused(says, *CHECK, work / "none.dylib")


def without_lld(work: Path, name: str) -> None:
    bare = work / "bare"
    bare.mkdir()
    for tool in ("sh", "env", "mkdir", "rm"):
        (bare / tool).symlink_to(shutil.which(tool) or tool)
    settings = {"GOOS": "darwin", "GOARCH": "arm64", "CC": zig.cc(TARGETS["arm64"])}
    go = {"GO": shutil.which(GO) or GO, "PATH": str(bare)}
    says = 'there is no lld, which links for macOS: get it with "apt-get install lld"'
    refused(says, sys.executable, "-m", "tools.build", work / name, env={**settings, **go})


def built(architecture: str) -> Path:
    library = BUILD / f"darwin-{architecture}" / DYLIB
    build(library, GOOS="darwin", GOARCH=architecture, CC=zig.cc(TARGETS[architecture]))
    return library


def main(arguments: list[str]) -> int:
    need(MAC_LINKER[0], "lld")
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        not_a_library(tally, work)
        with tally.test("without lld the build says so before it compiles"):
            without_lld(work, DYLIB)
        system.judge(tally, work)
        for architecture in arguments or TARGETS:
            library = built(architecture)
            name = APPLE_NAMES[architecture]
            with tally.test(f"{name}: it is what macOS asks for"):
                show(*CHECK, library)
            with tally.test(f"{name}: it uses every name of the stub"):
                system.uses_all(Image(library), f"{name}-macos")
            with tally.test(f"{name}: Go's reader of the file agrees, and another folder gives the same bytes"):
                judge(library)
        faults(tally, library, work, FAULTS)
    return tally.end()


if __name__ == "__main__":
    start(main)
