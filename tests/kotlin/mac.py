"""The libraries of the jar for macOS, as far as a machine that is no Mac can judge them.

No instruction of them is executed. Each is read, built a second time in another folder, and changed in one place at a
time, which the check must notice. A JVM of this system that says it is a Mac's must find it in the jar.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from platforms.apple import macho
from tests.platforms.library import show
from tests.platforms.macos import CHECK, TARGETS, Change, faults, in_a_page, in_command, in_the_trie, replace
from tests.platforms.macos import without_lld as refuses_without_lld
from tools import zig
from tools.script import GO, PYTHON, Tally, refused, run
from tools.version import DYLIB, JNI_DYLIB

# Each platform with what a JVM says of itself there in os.arch.
PLATFORMS = {"darwin-arm64": "aarch64", "darwin-amd64": "x86_64"}
# What is changed, what the check says, and the change: where it is another one than for libcallkey itself.
FAULTS: dict[str, tuple[str, Change]] = {
    "another install name": ("has the install name", replace(b"@rpath/libcall", b"/rpath//libcall"[1:])),
    "a newer macOS": ("asks for macOS 13.0", in_command(macho.BUILD_VERSION, 12, "<I", 13 << 16)),
    "a function under another name": (
        "Java_callkey_Native_abiVersiom is exported and not declared",
        replace(b"_Native_abiVersion\0", b"_Native_abiVersiom\0"),
    ),
    "an export that dyld finds under another name": (
        "_Java_callkey_Native_abiVersion is declared and not exported",
        in_the_trie(b"ava_callkey_", b"ava_calljey_"),
    ),
    "a name that no stub has": ("no stub has _memcpz", replace(b"\0_memcpy\0", b"\0_memcpz\0")),
    "one changed bit of code": ("1 pages are not as they were signed", in_a_page),
}


def another_library(library: Path, work: Path) -> None:
    other = work / DYLIB
    other.write_bytes(library.read_bytes())
    refused(f"has the install name @rpath/{JNI_DYLIB}", *CHECK, other)


def again(platform: str, library: Path) -> None:
    system, architecture = platform.split("-")
    target = {"GOOS": system, "GOARCH": architecture, "CC": zig.cc(TARGETS[architecture])}
    run(PYTHON, "-m", "tools.reproduce", library, run(GO, "env", "GOCACHE").strip(), env=target)


def found_in_the_jar(platform: str, path: Sequence[Path]) -> None:
    """This system's linker looks into the file, and sees that it is none of its own."""
    mac = ("-Dos.name=Mac OS X", f"-Dos.arch={PLATFORMS[platform]}")
    says = f"{JNI_DYLIB} cannot be loaded: invalid ELF header"
    refused(says, "java", *mac, "-cp", os.pathsep.join(map(str, path)), "Session")


def judge(tally: Tally, platform: str, library: Path, path: Sequence[Path], work: Path) -> None:
    """``library`` is what the jar has, ``path`` the class path of the README's session."""
    with tally.test(f"{platform}: it is what macOS asks for"):
        show(*CHECK, library)
    with tally.test(f"{platform}: it is not libcallkey itself"):
        another_library(library, work)
    with tally.test(f"{platform}: another folder gives the same bytes"):
        again(platform, library)
    with tally.test(f"{platform}: the package finds it in the jar"):
        found_in_the_jar(platform, path)
    faults(tally, library, work, FAULTS)


def without_lld(tally: Tally, work: Path) -> None:
    with tally.test("macOS: without lld the build says so before it compiles"):
        refuses_without_lld(work, JNI_DYLIB)
