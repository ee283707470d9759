"""Our stub of libSystem, judged by Apple's headers, which Zig has: each name must be older than what we promise.

Otherwise the library would not load on the oldest macOS that its file names, or fail there at the first call.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from platforms.apple import stubs
from platforms.apple.macho import Image
from tools import zig
from tools.script import Tally, Word, expect, refused, run

# The stub's name of a target, and Zig's with the oldest version. Not the simulator on Intel: Go calls fstat64 and its
# like there, which the headers deny to iOS.
TARGETS = {
    "arm64-macos": "aarch64-macos.12.0",
    "x86_64-macos": "x86_64-macos.12.0",
    "arm64-ios": "aarch64-ios.13.0",
}
DECLARED_IN = """\
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gethostuuid.h>
#include <mach/mach_time.h>
#include <malloc/malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/event.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <xpc/xpc.h>
"""
# What compilers and the linker ask for, and Go on Intel, which no header declares; and what <notify.h> declares, which
# Zig lacks: Go calls it on every macOS that it supports.
NOWHERE = {
    *("___bzero", "___memcpy_chk", "___memset_chk", "___strcpy_chk", "___strlcat_chk", "___strlcpy_chk"),
    *("_fstatat64", "__tlv_bootstrap", "dyld_stub_binder", "_notify_is_valid_token"),
}


def headers() -> Path:
    return zig.zig().parent / "lib" / "libc" / "include" / "any-darwin-any"


def in_apples_own() -> None:
    """Each name is in the list of all names that Zig links with."""
    listed = (zig.zig().parent / "lib" / "libc" / "darwin" / "libSystem.tbd").read_text(encoding="utf-8")
    known = set(re.findall(r"[\w$]+", listed))
    for path, names in stubs.names().items():
        expect(names <= known, f"{path} has no {', '.join(sorted(names - known))}")


def uses_all(image: Image, stub: str) -> None:
    """What nothing uses would hide a name that is used by mistake. A linker with other fixups needs no binder."""
    [listed] = stubs.names(stub).values()
    unused = listed - {symbol.name for symbol in image.symbols if symbol.imported} - {"dyld_stub_binder"}
    expect(not unused, f"{image.file} does not use {', '.join(sorted(unused))}")


def taking(work: Path, stub: str, target: str, more: str = "") -> list[Word]:
    """The command that compiles a program for the oldest version, which takes the address of each name."""
    [listed] = stubs.names(stub).values()
    # $INODE64 is what the headers make of a plain name on Intel.
    names = sorted({name.split("$")[0][1:] for name in (listed | set(more.split())) - NOWHERE})
    source = work / "names.c"
    lines = "".join(f"#undef {name}\n\ttaken = &{name};\n" for name in names)
    source.write_text(f"{DECLARED_IN}void take(void)\n{{\n\tconst volatile void *volatile taken;\n{lines}}}\n")
    warnings = ("-Wno-deprecated-declarations", "-Wno-unused-but-set-variable", "-Werror=unguarded-availability")
    return [*shlex.split(zig.cc(target)), f"-isystem{headers()}", *warnings, "-c", source, "-o", work / "names.o"]


def judge(tally: Tally, work: Path) -> None:
    with tally.test("the stub has no name that libSystem lacks"):
        in_apples_own()
    for stub, target in TARGETS.items():
        with tally.test(f"{target}: each name of the stub was there"):
            run(*taking(work, stub, target), quiet=True)
    with tally.test("noticed: a name of macOS 15.4 in the stub"):
        refused(
            "'strchrnul' is only available on macOS 15.4",
            *taking(work, "arm64-macos", TARGETS["arm64-macos"], more="_strchrnul"),
        )
