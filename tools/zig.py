"""A C compiler for another system, or for an older one: python3 -m tools.zig TARGET

It prints the compiler, a file in build/, for CC:

    make lib GOOS=linux GOARCH=arm64 CC="$(python3 -m tools.zig aarch64-linux-gnu.2.17)"

TARGET is a processor and a system, with the oldest version that the program must run on: x86_64-linux-gnu.2.17 is
Linux with glibc 2.17, aarch64-macos.12.0 is macOS 12. The compiler is ``zig cc``: clang, with the headers and the
symbols of every version of a C library. Zig comes from PyPI into build/, as tools/machine/zig.txt pins it.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from tools.lock import locked
from tools.machine import pypi
from tools.script import BUILD, Failed, expect, run, start, usage

PINS = Path(__file__).parent / "machine" / "zig.txt"

# It finds Zig beside its own folder, so that the tree may move. In a build without -O, Zig would add a sanitizer. When
# it is asked for its version, or with -### what it would execute, Zig leaves an empty object in the current folder.
FRONT = """#!/bin/sh
zig=${0%/*}/../zig
export ZIG_GLOBAL_CACHE_DIR="$zig-cache" ZIG_LOCAL_CACHE_DIR="$zig-cache"
case " $* " in *" -### "* | *" --version "*) mkdir -p "$zig-cache" && cd "$zig-cache" ;; esac
exec "$zig" cc -target TARGET -fno-sanitize=undefined "$@"
"""


def zig() -> Path:
    """The program; it is fetched if it is not there."""
    place = BUILD / f"zig-{pypi.pinned(PINS, 'ziglang')}"
    with locked(place.with_name(f"{place.name}.lock")):
        if not place.exists():
            pypi.fetch(PINS, "ziglang", place)
    return place / "zig"


def cc(target: str) -> str:
    """The value of CC for a target."""
    expect(re.fullmatch(r"[a-z0-9_]+-[a-z]+[a-z0-9.-]*", target), f"{target!r} is not a target of zig cc")
    front = zig().parent / "cc" / target
    text = FRONT.replace("TARGET", target)
    if not front.is_file() or front.read_text(encoding="utf-8") != text:
        front.parent.mkdir(exist_ok=True)
        new = front.with_name(f"{target}.{os.getpid()}")
        new.write_text(text, encoding="utf-8")
        new.chmod(0o755)
        try:
            run(new, "-E", "-x", "c", os.devnull, quiet=True)
        except Failed:
            new.unlink()
            raise Failed(f"zig cc has no target {target}; what it said is above") from None
        new.replace(front)
    return shlex.quote(str(front))


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    print(cc(arguments[0]))


if __name__ == "__main__":
    start(main)
