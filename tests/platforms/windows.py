"""Builds the library for Windows and runs the C tests with it under Wine. Debian 12's Wine lacks a function that Go
needs, so this uses Debian 13's, in a separate root.

Arguments are the C tests to run, or residue for the search for secrets, and nothing else; by default all, after the
checks of every library.
"""

from __future__ import annotations

import os
import re
import subprocess

from tests.platforms.library import build, judge, run_tests
from tools.script import BUILD, PYTHON, ROOT, expect, need, run, start

COMPILER = "x86_64-w64-mingw32-gcc"
BUILT = BUILD / "windows-amd64"
LIBRARY = BUILT / "callkey.dll"
WINE = ROOT / "tests" / "platforms" / "wine.sh"
# The DLLs that are part of every Windows, not of the compiler.
NEEDED = {"KERNEL32.dll", "msvcrt.dll"}
LACKING = 77
"""The exit status of tests.debian if it cannot make a root, after it has printed the reason."""


def main(names: list[str]) -> int:
    need(COMPILER, "gcc-mingw-w64-x86-64")
    need("llvm-dlltool", "llvm")
    root = subprocess.run((PYTHON, "-m", "tests.debian", "trixie", "install", "wine", "wine64"), cwd=ROOT, check=False)
    if root.returncode != 0:
        return 0 if root.returncode == LACKING else root.returncode

    build(LIBRARY, GOOS="windows", GOARCH="amd64", CC=COMPILER)
    os.environ["RUNNER"] = str(WINE)
    run(WINE, "wineboot", "--init", quiet=True)
    if names:
        run_tests(LIBRARY, *names)
        return 0
    judge(LIBRARY)
    needed = set(re.findall(r"DLL Name: (\S+)", run("x86_64-w64-mingw32-objdump", "-p", LIBRARY)))
    expect(needed == NEEDED, f"callkey.dll needs {sorted(needed)}")
    # The other import library, as far as Debian can link with it.
    program = BUILT / "first_call.exe"
    run(COMPILER, "-Iinclude", "examples/c/first_call.c", BUILT / "callkey.lib", "-o", program)
    run(WINE, program, quiet=True)
    print("callkey.lib: links, and the program runs", flush=True)
    run_tests(LIBRARY)
    return 0


if __name__ == "__main__":
    start(main)
