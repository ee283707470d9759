"""Build every wheel of the Python package, in build/dist/: python3 -m tools.wheels [NAME...]

NAME is the platform in a wheel's name, by default all: manylinux_2_17_x86_64, manylinux_2_17_aarch64,
macosx_12_0_arm64, macosx_12_0_x86_64, win_amd64. Linux's are compiled for glibc 2.17 and macOS' for macOS 12 by the
compiler of tools/zig.py, Windows' by MinGW.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Callable, NamedTuple

from tools import dist, zig
from tools.build import MAC_LINKER
from tools.script import Failed, expect, run, start
from tools.version import DYLIB, SONAME

LINUX, MAC = f"callkey/{SONAME}", f"callkey/{DYLIB}"
MINGW = "x86_64-w64-mingw32-gcc"


def mingw() -> str:
    get = 'get it with "apt-get install gcc-mingw-w64-x86-64"'
    expect(shutil.which(MINGW), f"the wheel for Windows needs {MINGW}, {get}")
    return MINGW


def mac(target: str) -> str:
    get = 'get it with "apt-get install lld"'
    expect(shutil.which(MAC_LINKER[0]), f"the wheels for macOS need {MAC_LINKER[0]}, {get}")
    return zig.cc(target)


class Wheel(NamedTuple):
    tag: str
    platform: dist.Platform
    library: str
    compiler: Callable[[], str]

    @property
    def name(self) -> str:
        return f"callkey-{dist.VERSION}-py3-none-{self.tag}.whl"

    def settings(self) -> dict[str, str]:
        """What the environment must say to build it."""
        system, architecture = self.platform
        return {"GOOS": system, "GOARCH": architecture, "CC": self.compiler()}


WHEELS = (
    Wheel("manylinux_2_17_x86_64", ("linux", "amd64"), LINUX, lambda: zig.cc("x86_64-linux-gnu.2.17")),
    Wheel("manylinux_2_17_aarch64", ("linux", "arm64"), LINUX, lambda: zig.cc("aarch64-linux-gnu.2.17")),
    Wheel("macosx_12_0_arm64", ("darwin", "arm64"), MAC, lambda: mac("aarch64-macos.12.0")),
    Wheel("macosx_12_0_x86_64", ("darwin", "amd64"), MAC, lambda: mac("x86_64-macos.12.0")),
    Wheel("win_amd64", ("windows", "amd64"), "callkey/callkey.dll", mingw),
)


def main(tags: list[str]) -> None:
    known = {wheel.tag: wheel for wheel in WHEELS}
    for tag in tags:
        if tag not in known:
            raise Failed(f"there is no wheel for {tag}, only for {', '.join(known)}")
    for wheel in [known[tag] for tag in tags] or WHEELS:
        sys.stdout.write(run(sys.executable, "-m", "tools.dist", "wheel", env=wheel.settings()))
        if not (dist.DIST / wheel.name).is_file():
            raise Failed(f"the wheel is not {wheel.name}; build/dist has {', '.join(sorted(os.listdir(dist.DIST)))}")


if __name__ == "__main__":
    start(main)
