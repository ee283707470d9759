"""The structs of the header as clang lays them out for a platform that this machine has no C library of."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.script import Tally, run


def lays_out(tally: Tally, target: str) -> None:
    with tempfile.TemporaryDirectory() as work, tally.test(f"{target}: the header's layout"):
        source = Path(work, "layout.c")
        source.write_text('#include "layout.h"\n')
        strict = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-ffreestanding")
        run("clang", "-target", target, *strict, "-Iinclude", "-Itests/c", "-fsyntax-only", source, quiet=True)
