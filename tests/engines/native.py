"""Drivers in C: FOLDER/driver.c with request.c, linked with a library that pkg-config knows."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

from tests.engines.engine import HERE, WORK
from tests.program import Compiler
from tools.script import run, skip


def built(folder: str, library: str, package: str) -> tuple[Path, str]:
    """The program, and the library's version."""
    if not shutil.which("pkg-config") or subprocess.run(["pkg-config", "--exists", library], check=False).returncode:
        skip(library, f"apt-get install pkg-config {package}")
    flags = shlex.split(run("pkg-config", "--cflags", "--libs", library))
    made = Compiler(WORK, "-std=c99", "-O1")
    program = made.program(folder, [HERE / "request.c", HERE / folder / "driver.c"], None, *flags)
    return program, run("pkg-config", "--modversion", library).strip()
