"""What compiled classes use of Java, and whether Android has it: java.txt has what is known of each name.

A class that was compiled for a newer Java than a phone has fails there with a NoSuchMethodError, and only where it is
called."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.script import expect

LIST = Path(__file__).with_name("java.txt")
# The newest bytecode that the package is compiled to: Java 11.
NEWEST = 55
CLASS, FIELD, METHOD, INTERFACE_METHOD, NAME_AND_TYPE = 7, 9, 10, 11, 12
DYNAMIC = {17, 18}
# The sizes of the other entries of a constant pool (JVM specification, section 4.4).
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 8: 2, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


@dataclass
class Class:
    name: str
    version: int
    dynamic: bool  # has an invokedynamic
    uses: set[str] = field(default_factory=set)  # classes, and their members as CLASS.NAME and its descriptor


def types(descriptor: str) -> Iterator[str]:
    yield from re.findall(r"L([\w/$]+)[;<]", descriptor)


def read(content: bytes) -> Class:
    magic, _minor, version, count = struct.unpack_from(">IHHH", content)
    expect(magic == 0xCAFEBABE, "not a class")
    entries: dict[int, tuple[int, tuple[int, ...]]] = {}
    texts: dict[int, str] = {}
    place, index, dynamic = 10, 1, False
    while index < count:
        tag = content[place]
        place += 1
        if tag == 1:
            size = struct.unpack_from(">H", content, place)[0]
            texts[index] = content[place + 2 : place + 2 + size].decode("utf-8", errors="replace")
            place += 2 + size
        elif tag == CLASS:
            entries[index] = (tag, struct.unpack_from(">H", content, place))
            place += 2
        elif tag in (FIELD, METHOD, INTERFACE_METHOD, NAME_AND_TYPE):
            entries[index] = (tag, struct.unpack_from(">HH", content, place))
            place += 4
        else:
            dynamic |= tag in DYNAMIC
            place += SIZES[tag]
        index += 2 if tag in (5, 6) else 1
    own = struct.unpack_from(">HH", content, place)[1]

    def name_of(index: int) -> str:
        return texts[entries[index][1][0]]

    made = Class(name_of(own), version, dynamic)
    for tag, operands in entries.values():
        if tag == CLASS:
            name = texts[operands[0]]
            made.uses.update(types(name) if name.startswith("[") else [name])
        elif tag != NAME_AND_TYPE:
            member, kind = entries[operands[1]][1]
            made.uses.add(f"{name_of(operands[0])}.{texts[member]}{':' if tag == FIELD else ''}{texts[kind]}")
    for text in texts.values():
        if text[:1] in ("(", "L", "[", "<"):
            made.uses.update(types(text))
    return made


def classes(jar: Path) -> list[Class]:
    with zipfile.ZipFile(jar) as packed:
        return [read(packed.read(name)) for name in packed.namelist() if name.endswith(".class")]


def of_java(uses: set[str]) -> set[str]:
    """Those of the JDK, without the methods that an array has."""
    return {name for name in uses if name.startswith(("java/", "javax/", "jdk/", "sun/", "com/sun/"))}


def levels() -> dict[str, int]:
    """The Android API level that each known name came with."""
    lines = [line.split() for line in LIST.read_text(encoding="utf-8").splitlines()]
    return {name: int(level) for level, name in (line for line in lines if line and line[0] != "#")}


def missing(found: list[Class], api: int, desktop: str) -> list[str]:
    """What is wrong with classes for Android of an API level; ``desktop`` is the class that it never loads."""
    wrong, used, known = [], set(), levels()
    for one in found:
        if one.version > NEWEST or one.dynamic:
            wrong.append(f"{one.name} is bytecode {one.version}{', with invokedynamic' if one.dynamic else ''}")
        if re.fullmatch(rf"{desktop}(\$.*)?", one.name):
            continue
        for name in sorted(of_java(one.uses)):
            used.add(name)
            if name not in known:
                wrong.append(f"{one.name} uses {name}, and {LIST.name} does not say since when Android has it")
            elif known[name] > api:
                wrong.append(f"{one.name} uses {name}, which Android has since API {known[name]}, not {api}")
    wrong += [f"{LIST.name} has {name}, and nothing uses it" for name in sorted(known.keys() - used)]
    return wrong
