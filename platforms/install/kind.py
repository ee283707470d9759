"""The kinds of library that are installed: where their files go, and how a program links them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.script import Failed, expect
from tools.version import ABI_MAJOR, SONAME, VERSION


@dataclass(frozen=True)
class Kind:
    files: Mapping[str, str]
    """The place of each file that is built, by its name; that of the library comes first."""
    cmake: str
    """The type of CMake's target."""
    properties: Mapping[str, str]
    """The target's, besides the place of the library."""
    links: Mapping[str, str]
    flags: str = ""
    """What a program is linked with besides the library."""
    before: str = ""
    """What CMake does before it makes the target."""
    optional: Collection[str] = ()
    """The files that not every machine can build."""


SHARED = Kind(
    {SONAME: f"lib/libcallkey.so.{VERSION}"},
    "SHARED",
    {"IMPORTED_SONAME": SONAME},
    {f"lib/{SONAME}": f"libcallkey.so.{VERSION}", "lib/libcallkey.so": SONAME},
)
STATIC = Kind(
    {"libcallkey.a": "lib/libcallkey.a"},
    "STATIC",
    {"INTERFACE_LINK_LIBRARIES": "-pthread"},
    {},
    flags="-pthread",
)
INSTALL_NAME = f"libcallkey.{ABI_MAJOR}.dylib"
DYLIB = Kind(
    {INSTALL_NAME: f"lib/libcallkey.{VERSION}.dylib"},
    "SHARED",
    {"IMPORTED_SONAME": f"@rpath/{INSTALL_NAME}"},
    {f"lib/{INSTALL_NAME}": f"libcallkey.{VERSION}.dylib", "lib/libcallkey.dylib": INSTALL_NAME},
)
# MinGW links the one import library, Microsoft's linker the other.
DLL = Kind(
    {
        "callkey.dll": "bin/callkey.dll",
        "libcallkey.dll.a": "lib/libcallkey.dll.a",
        "callkey.lib": "lib/callkey.lib",
        "callkey.def": "lib/callkey.def",
    },
    "SHARED",
    {"IMPORTED_IMPLIB": "${_callkey_prefix}/lib/${_callkey_implib}"},
    {},
    before="""
  set(_callkey_implib libcallkey.dll.a)
  if(MSVC)
    set(_callkey_implib callkey.lib)
  endif()""",
    optional=("callkey.lib",),
)
KINDS = (SHARED, STATIC, DYLIB, DLL)


def kind(library: Path) -> Kind:
    for one in KINDS:
        if library.name in one.files:
            return one
    names = ", ".join(next(iter(one.files)) for one in KINDS)
    raise Failed(f"{library} is not installed this way, only {names}; docs/platforms.md says where others go")


# The machines of Windows' files that programs have, with the size of a pointer.
WINDOWS = {0x8664: 8, 0xAA64: 8, 0x014C: 4}


def pointer_bytes(library: Path) -> int:
    """The size of the pointers in a library, or in an archive of Linux."""
    content = library.read_bytes()
    if content[:4] == b"\xcf\xfa\xed\xfe":  # Mach-O of 64 bits; macOS has no other
        return 8
    if content[:2] == b"MZ":
        header = int.from_bytes(content[0x3C:0x40], "little")
        machine = int.from_bytes(content[header + 4 : header + 6], "little")
        expect(content[header : header + 4] == b"PE\0\0" and machine in WINDOWS, f"{library} is not a DLL for a PC")
        return WINDOWS[machine]
    # In an archive there is an index before the first object.
    start = content.find(b"\x7fELF") if content[:8] == b"!<arch>\n" else 0
    head = content[max(start, 0) :][:5]
    expect(head[:4] == b"\x7fELF" and len(head) == 5, f"{library} is not a library")
    return 8 if head[4] == 2 else 4
