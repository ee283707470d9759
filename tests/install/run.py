"""Installs the library below a path with spaces, moves it, and builds programs outside this tree: in C with pkg-config
and with CMake, in C++17 with CMake. Ends with one line: N passed, N failed."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from pathlib import Path

from tools.script import PYTHON, ROOT, Tally, compiler, expect, need, refused, run, start, words
from tools.version import ABI_MAJOR, SONAME, VERSION

WANTED = [
    "include/callkey.h",
    "lib/cmake/callkey/callkeyConfig.cmake",
    "lib/cmake/callkey/callkeyConfigVersion.cmake",
    "lib/libcallkey.so",
    f"lib/{SONAME}",
    f"lib/libcallkey.so.{VERSION}",
    "lib/pkgconfig/callkey.pc",
    "share/doc/callkey/LICENSE",
    "share/doc/callkey/THIRD_PARTY.md",
]
CONFIG_VERSION = "lib/cmake/callkey/callkeyConfigVersion.cmake"


def look_at(staging: Path, installed: Path) -> None:
    found = sorted(str(file.relative_to(installed)) for file in installed.rglob("*") if not file.is_dir())
    expect(found == WANTED, f"installed are {found}")
    expect(os.listdir(staging) == ["opt"], f"beside it are {os.listdir(staging)}")


def look_for_paths(staging: Path) -> None:
    for file in staging.rglob("*"):
        if file.is_file():
            for path in (b"two words", b"staging area"):
                expect(path not in file.read_bytes(), f"{file} knows {path.decode()!r}")


class Outside:
    """A folder with only two programs, which must find the moved library."""

    def __init__(self, folder: Path, prefix: Path) -> None:
        self.folder = folder
        self.prefix = prefix
        folder.mkdir()
        shutil.copy(ROOT / "examples/c/first_call.c", folder / "program.c")
        for file in ("CMakeLists.txt", "program.cpp"):
            shutil.copy(ROOT / "tests/install" / file, folder)
        os.environ.update(PKG_CONFIG_PATH=f"{prefix}/lib/pkgconfig", CMAKE_PREFIX_PATH=str(prefix))

    def pkg_config(self) -> None:
        version = run("pkg-config", "--modversion", "callkey").strip()
        expect(version == VERSION, f"pkg-config says {version}")
        flags = shlex.split(run("pkg-config", "--cflags", "--libs", "callkey"))
        run(*compiler(), "program.c", "-o", "program", *flags, cwd=self.folder, quiet=True)
        program = self.folder / "program"
        expect(f"[{SONAME}]" in run("readelf", "-d", program), f"the program does not ask for {SONAME}")
        expect("Name: CALLKEY_" in run("readelf", "-VW", program), "the program asks for no version node")
        run(program, env={"LD_LIBRARY_PATH": f"{self.prefix}/lib"}, quiet=True)

    def configuration(self, folder: str, wanted: str) -> list[str]:
        """The command that looks for a version of the library."""
        return words("cmake", "-S", self.folder, "-B", self.folder / folder, f"-DWANTED={wanted}")

    def cmake(self, wanted: str) -> None:
        shutil.rmtree(self.folder / "built", ignore_errors=True)
        run(*self.configuration("built", wanted), quiet=True)
        run("cmake", "--build", "built", cwd=self.folder, quiet=True)
        for program in ("program", "program++"):
            run(self.folder / "built" / program, quiet=True)

    def is_not(self, folder: str, wanted: str) -> None:
        refused(f'compatible with requested version "{wanted}"', *self.configuration(folder, wanted))


def of_another_width(prefix: Path, work: Path) -> None:
    """The second library is the head of a 32-bit one."""
    narrow = work / SONAME
    narrow.write_bytes(b"\x7fELF\1\1\1" + bytes(45))
    run(PYTHON, "-m", "platforms.install.install", narrow, env={"PREFIX": "/narrow", "DESTDIR": str(work)})
    for folder, bytes_of_a_pointer in ((prefix, 8), (work / "narrow", 4)):
        text = (folder / CONFIG_VERSION).read_text()
        expect(f"SIZEOF_VOID_P EQUAL {bytes_of_a_pointer}" in text, text)


def main(_: list[str]) -> int:
    need("pkg-config", "pkg-config")
    need("cmake", "cmake")
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        staging = work / "staging area"
        run("make", "--no-print-directory", "install", "PREFIX=/opt/two words", f"DESTDIR={staging}")
        installed = staging / "opt" / "two words"
        with tally.test("these files are installed and no others"):
            look_at(staging, installed)
        with tally.test("a text knows neither PREFIX nor DESTDIR"):
            look_for_paths(staging)
        prefix = work / "moved to"
        installed.rename(prefix)
        outside = Outside(work / "outside", prefix)
        with tally.test("pkg-config: a program builds and runs"):
            outside.pkg_config()
        with tally.test("CMake: a program in C and one in C++17 build and run"):
            outside.cmake("")
        with tally.test(f"CMake: it is found as version {VERSION}"):
            outside.cmake(VERSION)
        earlier = VERSION.rpartition(".")[0]
        with tally.test(f"CMake: it is found as version {earlier}"):
            run(*outside.configuration("earlier", earlier), quiet=True)
        with tally.test("CMake: it is not a later version"):
            outside.is_not("later", f"{VERSION}.1")
        with tally.test("CMake: it is not another major version"):
            outside.is_not("major", f"{int(ABI_MAJOR) + 1}.0")
        with tally.test("CMake: a library is for programs of its own width"):
            of_another_width(prefix, work)
    return tally.end()


if __name__ == "__main__":
    start(main)
