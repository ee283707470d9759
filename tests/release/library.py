"""The archives of the library, used as somebody uses them who has a program in C: unpack, compile with pkg-config and
with CMake, run. Nothing of the tree's build takes part."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from tests.debian import Lacking, Root
from tests.platforms.linux import ARM64, I386, LOADER
from tests.platforms.macos import TARGETS
from tests.platforms.windows import WINE
from tests.release.place import fresh, runs_where_it_says, unpacked
from tools import zig
from tools.release.library import BILL
from tools.script import ROOT, Word, expect, run
from tools.version import DYLIB, SONAME, VERSION

EXAMPLE = ROOT / "examples/c/first_call.c"
CMAKE = """cmake_minimum_required(VERSION 3.13)
project(caller C)
find_package(callkey {version} REQUIRED)
add_executable(program program.c)
target_link_libraries(program PRIVATE callkey::callkey)
"""


@dataclass(frozen=True)
class Platform:
    """How a program for it is compiled and run here."""

    library: str
    """The library's file in the archive."""
    compiler: str
    runs: Optional[str] = ""
    """The command before the program, with {lib} for the library's folder; None if nothing here runs it."""
    cmake: tuple[str, ...] = ()
    """What CMake must know to compile for it."""
    needed: str = SONAME
    """What the program names as its library; "" if it is inside."""
    zig: str = ""
    """The target of tools/zig.py, which is the compiler then."""

    @property
    def windows(self) -> bool:
        return self.library.endswith(".dll")


SHARED, STATIC, MACS = f"lib/libcallkey.so.{VERSION}", "lib/libcallkey.a", f"lib/libcallkey.{VERSION}.dylib"
PLATFORMS = {
    "linux-amd64": Platform(SHARED, "cc"),
    "linux-amd64-static": Platform(STATIC, "cc", needed=""),
    "linux-arm64": Platform(
        SHARED,
        f"{ARM64}-gcc",
        f"qemu-aarch64-static -L /usr/{ARM64} -E LD_LIBRARY_PATH={{lib}}",
        ("Linux", "aarch64"),
    ),
    "linux-386": Platform(
        SHARED, f"{I386}-gcc", f"{LOADER}/ld-linux.so.2 --library-path {LOADER}:{{lib}}", ("Linux", "i686")
    ),
    **{
        f"darwin-{architecture}": Platform(MACS, "", None, needed=f"@rpath/{DYLIB}", zig=target)
        for architecture, target in TARGETS.items()
    },
    "windows-amd64": Platform(
        "bin/callkey.dll", "x86_64-w64-mingw32-gcc", str(WINE), ("Windows", "AMD64"), needed="callkey.dll"
    ),
}


class User:
    """Somebody with an unpacked archive and a program, in two folders that may stand anywhere."""

    def __init__(self, platform: Platform, prefix: Path, folder: Path) -> None:
        self.platform = platform
        self.prefix = prefix
        self.folder = folder
        self.lib = prefix / "lib"
        folder.mkdir()
        shutil.copy(EXAMPLE, folder / "program.c")
        (folder / "CMakeLists.txt").write_text(CMAKE.format(version=VERSION), encoding="utf-8")

    def run(self, program: Path) -> None:
        if self.platform.windows:
            shutil.copy(self.prefix / self.platform.library, program.parent)
        # {lib} has a space: it is put in when the words are apart.
        if self.platform.runs is None:
            self.asks(program, "llvm-objdump")
            return
        before = [word.replace("{lib}", str(self.lib)) for word in shlex.split(self.platform.runs)]
        run(*before, program, env={"LD_LIBRARY_PATH": str(self.lib)} if not before else None, quiet=True)
        self.asks(program)

    def asks(self, program: Path, objdump: str = "objdump") -> None:
        """Whether the program names the library, or has it inside."""
        dump = run(objdump, "-p", program)
        asked = re.findall(r"^\s*(?:NEEDED|DLL Name:|name) +(\S+)", dump, re.MULTILINE)
        expect(
            self.platform.needed in asked if self.platform.needed else not any("callkey" in name for name in asked),
            f"{program} asks for {asked}",
        )

    def pkg_config(self) -> None:
        # No other callkey.pc: not one that is installed on this machine.
        env = {"PKG_CONFIG_LIBDIR": str(self.lib / "pkgconfig"), "PKG_CONFIG_PATH": ""}
        version = run("pkg-config", "--modversion", "callkey", env=env).strip()
        expect(version == VERSION, f"pkg-config says {version}")
        flags = shlex.split(run("pkg-config", "--cflags", "--libs", "callkey", env=env))
        program = self.folder / self.name("by-pkg-config")
        compiler = shlex.split(zig.cc(self.platform.zig))[0] if self.platform.zig else self.platform.compiler
        run(compiler, "program.c", "-o", program, *flags, cwd=self.folder, quiet=True)
        self.run(program)

    def cmake(self) -> None:
        options: list[Word] = [f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_C_COMPILER={self.platform.compiler}"]
        if self.platform.cmake:
            system, processor = self.platform.cmake
            options += [f"-DCMAKE_SYSTEM_NAME={system}", f"-DCMAKE_SYSTEM_PROCESSOR={processor}"]
        built = self.folder / "by CMake"
        run("cmake", "-S", self.folder, "-B", built, *options, quiet=True)
        run("cmake", "--build", built, quiet=True)
        self.run(built / self.name("program"))

    def name(self, program: str) -> str:
        return f"{program}.exe" if self.platform.windows else program


def files(prefix: Path, platform: Platform) -> None:
    """What must be there beside the library."""
    wanted = ["include/callkey.h", platform.library, "lib/pkgconfig/callkey.pc"]
    wanted += ["lib/cmake/callkey/callkeyConfig.cmake", "share/doc/callkey/LICENSE"]
    wanted += ["share/doc/callkey/THIRD_PARTY.md", str(BILL)]
    lacking = [name for name in wanted if not (prefix / name).is_file()]
    expect(not lacking, f"{prefix.name} has no {' '.join(lacking)}")
    expect((prefix / "include/callkey.h").read_bytes() == (ROOT / "include/callkey.h").read_bytes(), "another header")
    bill = json.loads((prefix / BILL).read_text(encoding="utf-8"))
    [stated] = [each["content"] for each in bill["metadata"]["component"]["hashes"]]
    real = hashlib.sha256((prefix / platform.library).read_bytes()).hexdigest()
    expect(stated == real, f"{BILL}: it is of another library, with the SHA-256 {stated}")
    expect(len(bill["components"]) >= 5, f"{BILL}: {len(bill['components'])} components")


def emulator(platform: Platform) -> None:
    """What runs its programs here. Raises Lacking if it can't be had."""
    if platform.windows:
        Root("trixie").install("wine", "wine64")
    elif "qemu" in (platform.runs or "") and shutil.which("qemu-aarch64-static") is None:
        raise Lacking('qemu-aarch64-static, get it with "apt-get install qemu-user-static"')


def use(name: str, archive: Path) -> str:
    platform = PLATFORMS[name]
    emulator(platform)
    work = fresh(name)
    (work / "unpacked").mkdir()
    prefix = unpacked(archive, work / "unpacked")
    files(prefix, platform)
    if ".so" in platform.library:
        runs_where_it_says(name, prefix / platform.library)
    user = User(platform, prefix, work / "a program")
    user.pkg_config()
    if platform.runs is None:
        return "a program in C is built with pkg-config; nothing here runs it"
    user.cmake()
    return "a program in C is built with pkg-config and with CMake, and runs"
