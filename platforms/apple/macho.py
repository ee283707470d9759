"""Reads a Mach-O library for one 64-bit processor as dyld does: <mach-o/loader.h>, <mach-o/nlist.h>, its exports."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from tools.script import Failed

MAGIC = 0xFEEDFACF
MAGIC_32, UNIVERSAL = 0xFEEDFACE, (0xCAFEBABE, 0xCAFEBABF)
HEADER = struct.Struct("<8I")
PROCESSORS = {(0x0100000C, 0): "arm64", (0x01000007, 3): "x86_64"}
DYLIB = 6
TWO_LEVEL = 0x80
THREAD_LOCAL = 0x800000

# Load commands. Those that dyld must understand have the highest bit.
MUST = 0x80000000
SYMTAB, DYSYMTAB, LOAD_DYLIB, ID_DYLIB, SEGMENT, UUID = 0x2, 0xB, 0xC, 0xD, 0x19, 0x1B
RPATH, CODE_SIGNATURE, DYLD_INFO, BUILD_VERSION = 0x1C | MUST, 0x1D, 0x22, 0x32
EXPORTS_TRIE = 0x33 | MUST
LINKS = {
    LOAD_DYLIB: "",
    0x18 | MUST: "weak",
    0x1F | MUST: "re-exported",
    0x20: "lazy",
    0x23 | MUST: "upward",
}
"""The commands that name a library to load, and the kind of the link."""

READ, WRITE, EXECUTE = 1, 2, 4

# Of a symbol's type and description.
STAB, PRIVATE, TYPE, EXTERNAL, UNDEFINED = 0xE0, 0x10, 0x0E, 0x01, 0x00
WEAK_REFERENCE, WEAK_DEFINITION = 0x40, 0x80
# Libraries that are none: the name is searched for in every image, or in the main program.
ANYWHERE, MAIN = 0xFE, 0xFF
REEXPORT, STUB_AND_RESOLVER = 0x08, 0x10


@dataclass(frozen=True)
class Segment:
    name: str
    address: int
    memory: int
    offset: int
    size: int
    allowed: int
    """The rights that it may ever have."""
    initial: int


@dataclass(frozen=True)
class Library:
    path: str
    current: tuple[int, int, int]
    compatible: tuple[int, int, int]
    kind: str = ""


@dataclass(frozen=True)
class Symbol:
    name: str
    kind: int
    section: int
    description: int
    value: int

    @property
    def debugging(self) -> bool:
        return bool(self.kind & STAB)

    @property
    def exported(self) -> bool:
        return not self.debugging and bool(self.kind & EXTERNAL) and not self.kind & PRIVATE and not self.imported

    @property
    def imported(self) -> bool:
        return not self.debugging and self.kind & TYPE == UNDEFINED

    @property
    def library(self) -> int:
        """The number of the library that it is imported from, from 1 on."""
        return self.description >> 8


@dataclass(frozen=True)
class Commands:
    """The load commands of a kind, each without its first 8 bytes, and the file that they are in."""

    file: Path
    content: bytes
    all: tuple[tuple[int, bytes], ...]

    def of(self, kind: int) -> list[bytes]:
        return [body for each, body in self.all if each == kind]

    def only(self, kind: int, name: str) -> bytes:
        found = self.of(kind)
        if len(found) != 1:
            raise Failed(f"{self.file} has {len(found)} load commands {name}, not one")
        return found[0]

    def range(self, place: bytes, what: str) -> bytes:
        """The part of the file that an offset and a size name."""
        offset, size = struct.unpack_from("<2I", place)
        if offset + size > len(self.content):
            raise Failed(f"{self.file}: its {what} is beyond its end")
        return self.content[offset : offset + size]


class Image:
    """A library. Raises Failed with the reason if the file is none that dyld could load here."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self.content = file.read_bytes()
        except OSError as problem:
            raise Failed(f"{file}: {problem.strerror}") from None
        try:
            self._read()
        except (struct.error, IndexError, UnicodeDecodeError) as cut:
            raise Failed(f"{file} is damaged: {cut}") from None

    def _read(self) -> None:
        head = self.content[: HEADER.size]
        [magic] = struct.unpack("<I", head[:4].ljust(4, b"\0"))
        if struct.unpack(">I", head[:4].ljust(4, b"\0"))[0] in UNIVERSAL:
            raise Failed(f"{self.file} is for several processors; lipo -thin takes it apart")
        if magic != MAGIC:
            raise Failed(f"{self.file} is not a Mach-O file{' for 64 bits' if magic == MAGIC_32 else ''}")
        _, processor, variant, self.kind, count, size, self.flags, _ = HEADER.unpack(head)
        # The highest byte of the variant has flags.
        self.architecture = PROCESSORS.get((processor, variant & 0xFFFFFF), f"processor {processor:#x}")
        self.commands_end = HEADER.size + size
        self.commands = Commands(self.file, self.content, self._commands(count))
        self.segments = [self._segment(body) for body in self.commands.of(SEGMENT)]
        # In their order, which their numbers count.
        self.libraries = [self._library(body, LINKS[kind]) for kind, body in self.commands.all if kind in LINKS]
        self.itself = self._library(self.commands.only(ID_DYLIB, "LC_ID_DYLIB")) if self.kind == DYLIB else None
        self.symbols = self._symbols()
        # Each exported name and its address from the start of the image on, as dyld finds it.
        self.trie = exports(self.commands.range(self.trie_place(), "export trie"))

    def _commands(self, count: int) -> tuple[tuple[int, bytes], ...]:
        found, at = [], HEADER.size
        for _ in range(count):
            kind, size = struct.unpack_from("<2I", self.content, at)
            if size < 8 or size % 8 or at + size > min(self.commands_end, len(self.content)):
                raise Failed(f"{self.file} is damaged: the load command at {at} has {size} bytes")
            found.append((kind, self.content[at + 8 : at + size]))
            at += size
        if at != self.commands_end:
            raise Failed(f"{self.file} is damaged: its load commands end at {at}, not at {self.commands_end}")
        return tuple(found)

    def _segment(self, body: bytes) -> Segment:
        name, address, memory, offset, size, allowed, initial = struct.unpack_from("<16s4Q2I", body)
        return Segment(text(name), address, memory, offset, size, allowed, initial)

    def _library(self, body: bytes, kind: str = "") -> Library:
        offset, _, current, compatible = struct.unpack_from("<4I", body)
        return Library(text(body[offset - 8 :]), version(current), version(compatible), kind)

    def _symbols(self) -> list[Symbol]:
        place = self.commands.only(SYMTAB, "LC_SYMTAB")
        offset, count, names_at, names_size = struct.unpack("<4I", place)
        names = self.commands.range(struct.pack("<2I", names_at, names_size), "table of names")
        found = []
        for name, kind, section, description, value in struct.iter_unpack(
            "<IBBHQ", self.commands.range(struct.pack("<2I", offset, 16 * count), "table of symbols")
        ):
            found.append(Symbol(text(names[name:]), kind, section, description, value))
        return found

    def trie_place(self) -> bytes:
        """The offset and the size of the export trie."""
        places = self.commands.of(EXPORTS_TRIE) or [
            # After the ranges of rebases, binds, weak and lazy binds.
            body[32:40]
            for body in self.commands.of(DYLD_INFO | MUST)
        ]
        if len(places) != 1:
            raise Failed(f"{self.file} has {len(places)} export tries, not one")
        return places[0]

    def build_version(self) -> tuple[int, tuple[int, int, int], tuple[int, int, int]]:
        """The platform's number, the oldest version that it runs on, and that of the SDK."""
        platform, oldest, sdk = struct.unpack_from("<3I", self.commands.only(BUILD_VERSION, "LC_BUILD_VERSION"))
        return platform, version(oldest), version(sdk)

    def segment(self, name: str) -> Segment:
        found = [segment for segment in self.segments if segment.name == name]
        if len(found) != 1:
            raise Failed(f"{self.file} has {len(found)} segments {name}, not one")
        return found[0]


def text(field: bytes) -> str:
    """Up to the first zero."""
    return field[: field.index(0)].decode() if 0 in field else field.decode()


def version(packed: int) -> tuple[int, int, int]:
    return packed >> 16, packed >> 8 & 0xFF, packed & 0xFF


def exports(trie: bytes) -> dict[str, int]:
    """A trie of names: each node has what it exports, if anything, and its edges, each a part of a name and a node."""
    found: dict[str, int] = {}
    seen = set()
    nodes = [(0, "")] if trie else []
    while nodes:
        at, prefix = nodes.pop()
        if at in seen:
            raise Failed(f"the export trie comes to its node {at} twice")
        seen.add(at)
        size, at = number(trie, at)
        if size:
            flags, inside = number(trie, at)
            if flags & (REEXPORT | STUB_AND_RESOLVER):
                raise Failed(f"{prefix} is exported from another library, or through a resolver")
            found[prefix], _ = number(trie, inside)
        at += size
        edges, at = trie[at], at + 1
        for _ in range(edges):
            end = trie.index(0, at) if 0 in trie[at:] else len(trie)
            name = trie[at:end].decode()
            child, at = number(trie, end + 1)
            nodes.append((child, prefix + name))
    return found


def number(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128, and the place after it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < 0x80:
            return value, at
