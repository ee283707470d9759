"""The C tests and examples with AddressSanitizer in everything, Go's memory included, its search for leaks at the end,
UndefinedBehaviorSanitizer in all C code, SQLite's too, and Go's own check of the pointers that cross into C
(cgocheck2)."""

from __future__ import annotations

from tests import library
from tools.script import BUILD, PYTHON, run
from tools.version import SONAME

# Debian has gcc's sanitizers with gcc; clang's are separate packages.
CC = ("gcc", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")
LIBRARY = BUILD / "asan" / SONAME


def asan() -> str:
    library.current(LIBRARY, "asan", env={"CC": "gcc"})
    said = run(PYTHON, "-m", "tests.c.run", LIBRARY, env={"CC": " ".join(CC)}, quiet=True)
    passed, _, _ = said.splitlines()[-1].partition(",")
    return f"asan, ubsan: 0 errors, 0 leaks, {passed}"
