"""The C tests and examples under valgrind's memcheck: no invalid access, no use of uninitialised memory, no leak, apart
from what valgrind.supp explains. Erasing by the runtime is off here: memcheck takes it for invalid writes."""

from __future__ import annotations

import re
import shlex
import shutil
import sys

from tests import library
from tools.script import BUILD, PYTHON, ROOT, Failed, run
from tools.version import SONAME

LIBRARY = BUILD / "valgrind" / SONAME
LOGS = LIBRARY.parent / "logs"
MEMCHECK = (
    "valgrind",
    "--error-exitcode=9",
    "--leak-check=full",
    "--errors-for-leak-kinds=definite",
    "--show-leak-kinds=definite",
    # It takes other functions of Go for inlined ones, and which ones changes with every build.
    "--read-inline-info=no",
    f"--suppressions={ROOT}/tests/sanitizers/valgrind.supp",
)
ERROR = re.compile(r"Invalid|Conditional|Use of|Syscall|Mismatched|definitely lost in")


def valgrind() -> str:
    library.current(LIBRARY, "valgrind")
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir()
    # Memcheck is some 30 times slower.
    env = {"LIMIT": "1800", "RUNNER": shlex.join([*MEMCHECK, f"--log-file={LOGS}/%p.log"])}
    try:
        said = run(PYTHON, "-m", "tests.c.run", LIBRARY, env=env, quiet=True)
    except Failed:
        print("\n".join(errors()[:60]), file=sys.stderr)
        raise
    sound = sum("ERROR SUMMARY: 0 errors" in log.read_text() for log in LOGS.iterdir())
    passed, _, _ = said.splitlines()[-1].partition(",")
    return f"valgrind: 0 errors, 0 leaks in {sound} processes, {passed}"


def errors() -> list[str]:
    """memcheck's report of each error, with its stack."""
    found = []
    for log in LOGS.iterdir():
        lines = log.read_text().splitlines()
        for at, line in enumerate(lines):
            if ERROR.search(line):
                found += lines[at : at + 13]
    return found
