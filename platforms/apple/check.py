"""Checks what macOS requires of a library, and what ours promises: python3 -m platforms.apple.check LIBRARY

A LIBRARY named libcallkey_jni.dylib is that of the Kotlin package.
It reads the file itself, independently of the linker that wrote it: the processor, the versions, the names that it
exports and imports, the segments' rights and places, and the code signature, page by page.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from platforms.apple import macho, stubs
from platforms.apple.macho import Image
from platforms.apple.signature import verify
from tools.script import ROOT, expect, start, usage
from tools.version import ABI_MAJOR, ABI_MINOR, DYLIB, JNI_DYLIB, VERSION

PLATFORM_MACOS = 1
OLDEST = (12, 0, 0)
SYSTEM = "/usr/lib/libSystem.B.dylib"
# The pages of the processors. A segment that begins inside one can't be mapped with rights of its own.
PAGES = {"arm64": 0x4000, "x86_64": 0x1000}
READ_EXECUTE, READ_WRITE = macho.READ | macho.EXECUTE, macho.READ | macho.WRITE
RIGHTS = {"__TEXT": READ_EXECUTE, "__LINKEDIT": macho.READ, "__DATA_CONST": READ_WRITE, "__DATA": READ_WRITE}


@dataclass(frozen=True)
class Promise:
    """What a library of ours is named, and what it exports."""

    name: str
    functions: set[str]
    source: str


def promise(file: Path) -> Promise:
    if file.name == JNI_DYLIB:
        source = "bindings/kotlin/src/main/kotlin/callkey/Native.kt"
        found = re.findall(r"^ +external fun (\w+)\(", (ROOT / source).read_text(encoding="utf-8"), re.MULTILINE)
        return Promise(JNI_DYLIB, {"JNI_OnLoad", *(f"Java_callkey_Native_{name}" for name in found)}, "Native.kt")
    lines = (ROOT / "capi/callkey.names").read_text(encoding="utf-8").splitlines()
    return Promise(DYLIB, {line for line in lines if line[:1].isalpha()}, "callkey.h")


def header(image: Image) -> str:
    name = image.file
    expect(image.kind == macho.DYLIB, f"{name} is no dylib: its file type is {image.kind}")
    expect(image.architecture in PAGES, f"{name} is for {image.architecture}")
    expect(image.flags & macho.TWO_LEVEL, f"{name} does not say which library a name comes from")
    # macOS unloads no library with variables of a thread. A JVM unloads those of a class loader that is gone, and a Go
    # runtime cannot end.
    expect(image.flags & macho.THREAD_LOCAL, f"{name} could be unloaded: it has no variables of a thread")
    platform, oldest, sdk = image.build_version()
    expect(platform == PLATFORM_MACOS, f"{name} is for platform {platform}, not for macOS")
    expect(oldest == OLDEST, f"{name} asks for macOS {dotted(oldest)}, not {dotted(OLDEST)}")
    expect(sdk >= oldest, f"{name} says that its SDK is that of macOS {dotted(sdk)}")
    expect(len(image.commands.of(macho.UUID)) == 1, f"{name} has no UUID, by which crash reports find symbols")
    return f"macOS {dotted(oldest)} or later on {image.architecture}"


def names(image: Image) -> str:
    """Its own name and versions: what a program that is linked with it will ask for."""
    itself = image.itself
    assert itself
    name = f"@rpath/{promise(image.file).name}"
    expect(itself.path == name, f"{image.file} has the install name {itself.path}, not {name}")
    current, compatible = numbers(VERSION), numbers(f"{ABI_MAJOR}.{ABI_MINOR}")
    expect(itself.current == current, f"{image.file} has version {dotted(itself.current)}, not {VERSION}")
    expect(
        itself.compatible == compatible,
        f"{image.file} has compatibility version {dotted(itself.compatible)}, not {dotted(compatible)}",
    )
    expect(not image.commands.of(macho.RPATH), f"{image.file} brings search paths of its own")
    return f"{name}, version {VERSION}, compatible from ABI {ABI_MAJOR}.{ABI_MINOR}"


def exports(image: Image) -> str:
    promised = promise(image.file)
    wanted = {f"_{name}" for name in promised.functions}
    table = {symbol.name: symbol.value for symbol in image.symbols if symbol.exported}
    for place, found in (("export trie", set(image.trie)), ("table of symbols", set(table))):
        differ = [f"{name} is declared and not exported" for name in sorted(wanted - found)]
        differ += [f"{name} is exported and not declared" for name in sorted(found - wanted)]
        expect(not differ, f"{image.file}, {place}: {'; '.join(differ)}")
    text = image.segment("__TEXT")
    for name, address in image.trie.items():
        expect(text.address + address == table[name], f"{image.file}: {name} has two addresses")
        expect(address < text.memory, f"{image.file}: {name} is no code")
    return f"exports: {len(wanted)} functions, exactly those of {promised.source}, in the trie and in the table"


def imports(image: Image) -> str:
    """Each name is in the stub of the library that it comes from, and each library is needed."""
    known, used = stubs.names(), set()
    for symbol in image.symbols:
        if not symbol.imported:
            continue
        number = symbol.library
        expect(
            1 <= number <= len(image.libraries), f"{image.file}: {symbol.name} comes from no library of its own list"
        )
        library = image.libraries[number - 1]
        expect(symbol.name in known.get(library.path, ()), f"{image.file}: no stub has {symbol.name} of {library.path}")
        expect(not symbol.description & macho.WEAK_REFERENCE, f"{image.file}: {symbol.name} may be missing")
        used.add(library.path)
    loaded = [library.path for library in image.libraries]
    expect(sorted(loaded) == sorted(used | {SYSTEM}), f"{image.file} loads {loaded}, and uses {sorted(used)}")
    kinds = [f"{library.path} is {library.kind}" for library in image.libraries if library.kind]
    expect(not kinds, f"{image.file}: {', '.join(kinds)}")
    count = sum(symbol.imported for symbol in image.symbols)
    return f"imports: {count} names, each in a stub, from {', '.join(loaded)}"


def segments(image: Image) -> str:
    page, end, address = PAGES[image.architecture], 0, 0
    for segment in image.segments:
        name = f"{image.file}, {segment.name}"
        both = macho.WRITE | macho.EXECUTE
        expect(segment.allowed & both != both and segment.initial & both != both, f"{name}: writable and executable")
        rights = RIGHTS.get(segment.name)
        expect(rights == segment.initial == segment.allowed, f"{name}: rights {segment.initial} of {segment.allowed}")
        expect(segment.address % page == 0 and segment.offset % page == 0, f"{name} is not at a page of {page} bytes")
        expect(segment.address >= address and segment.offset >= end, f"{name} overlaps the one before")
        expect(segment.memory >= segment.size, f"{name} has more in the file than in memory")
        address, end = segment.address + segment.memory, segment.offset + segment.size
    text = image.segment("__TEXT")
    expect(image.segments[0] == text and text.offset == 0, f"{image.file}: __TEXT is not its beginning")
    expect(image.commands_end <= text.size, f"{image.file}: its load commands are not in __TEXT")
    expect(end == len(image.content), f"{image.file} has {len(image.content) - end} bytes after its last segment")
    return f"segments: {len(image.segments)} on pages of {page // 1024} KB, none writable and executable"


def paths(image: Image) -> str:
    """Nothing of the machine that built it."""
    expect(not any(symbol.debugging for symbol in image.symbols), f"{image.file} names the objects that it is made of")
    local = {str(ROOT), str(Path.home()), os.environ.get("GOCACHE", ""), os.environ.get("GOPATH", "")} - {"", "/"}
    patterns = [re.escape(f"{place}/".encode()) for place in sorted(local)]
    temporary = re.escape(tempfile.gettempdir().encode())
    found = re.search(rb"|".join([*patterns, temporary + rb"/(tmp|go-)"]), image.content)
    expect(not found, f"{image.file} has the path {found[0].decode() if found else ''}")
    return "paths: none of this machine"


def numbers(dots: str) -> tuple[int, int, int]:
    major, minor, patch = (int(part) for part in f"{dots}.0.0".split(".")[:3])
    return major, minor, patch


def dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version[:2] if version[2] == 0 else version))


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    image = Image(Path(arguments[0]))
    for check in (header, names, exports, imports, segments, paths):
        print(check(image))
    print(f"signature: ad hoc, and the hashes of {verify(image)} pages fit")


if __name__ == "__main__":
    start(main)
