"""Do the sanitizers find anything? faults.c has one fault per name, one of each kind that they should find; each tool
must end with an error for each of its own, and with none for no fault."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.program import Compiler, ended
from tests.sanitizers import asan, valgrind
from tools.script import BUILD, Word

SOURCE = "tests/sanitizers/faults.c"
# The text that each tool must print for each fault.
ASAN = {
    # Go checks a whole range, and the report does not name the memory behind it.
    "read": "AddressSanitizer: .* on address",
    "write": "heap-buffer-overflow",
    "leak": "detected memory leaks",
    "overflow": "signed integer overflow",
}
VALGRIND = {
    "read": "Invalid read",
    "write": "Invalid write",
    "leak": "definitely lost in",
    "unwritten": "uninitialised",
}


def found(runner: tuple[Word, ...], cc: tuple[str, ...], library: Path, faults: dict[str, str]) -> int:
    program = Compiler(BUILD / "faults" / library.parent.name, "-g", "-O0", cc=cc).program("faults", [SOURCE], library)
    ended(*runner, program, "none", limit=300).held()
    for fault, says in faults.items():
        end = ended(*runner, program, fault, limit=300)
        if end.status == 0 or not re.search(says, end.said):
            raise end.failure(f"not found: {says}")
    return len(faults)


def faults() -> str:
    total = found((), asan.CC, asan.LIBRARY, ASAN)
    if shutil.which("valgrind"):
        total += found(valgrind.MEMCHECK, ("gcc",), valgrind.LIBRARY, VALGRIND)
    return f"{total} faults made on purpose found"
