"""Drivers in C: FOLDER/driver.c with request.c, linked with a library that pkg-config knows."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

from tests.engines.engine import HERE, WORK
from tests.program import Compiler
from tools.script import expect, run, skip


def built(folder: str, library: str, package: str, *replaced: str) -> tuple[Path, str]:
    """The program, and the library's version. With an old and a new word, the program of a driver with that change."""
    if not shutil.which("pkg-config") or subprocess.run(["pkg-config", "--exists", library], check=False).returncode:
        skip(library, f"apt-get install pkg-config {package}")
    flags = shlex.split(run("pkg-config", "--cflags", "--libs", library))
    driver, name = HERE / folder / "driver.c", folder
    if replaced:
        old, new = replaced
        text = driver.read_text(encoding="utf-8")
        expect(old in text, f"{driver} has no {old}")
        name = f"{folder}-{new}"
        driver = WORK / f"{name}.c"
        driver.write_text(text.replace(old, new), encoding="utf-8")
    made = Compiler(WORK, "-std=c99", "-O1", f"-I{HERE / folder}")
    program = made.program(name, [HERE / "request.c", driver], None, *flags)
    return program, run("pkg-config", "--modversion", library).strip()
