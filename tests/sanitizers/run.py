"""make sanitizers: one line of what memcheck, AddressSanitizer, UndefinedBehaviorSanitizer and Go's own checks of its
border to C found. The race detector is in `make test-go-race`.

At the end the checks are checked: faults made on purpose must be found.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor

from tests.sanitizers.asan import asan
from tests.sanitizers.faults import faults
from tests.sanitizers.valgrind import valgrind
from tools.script import GO, IN_CI, Failed, run, start

MISSING = 'skipped: needs valgrind, get it with "apt-get install valgrind"'
PACKAGES = ("./core/store", "./core/offer", "./capi")


def cgocheck() -> str:
    """Go's own check of the pointers that cross into C."""
    tags = ("-tags", "sqlite_omit_load_extension")
    said = run(GO, "test", *tags, *PACKAGES, env={"GOEXPERIMENT": "cgocheck2"}, quiet=True)
    return f"cgocheck2: {len(re.findall('^ok', said, re.MULTILINE))} packages"


def main(_: list[str]) -> None:
    installed = shutil.which("valgrind") is not None
    if not installed and IN_CI:
        raise Failed(MISSING)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(valgrind if installed else lambda: MISSING), pool.submit(asan)]
        lines = [one.result() for one in both]
    print(f"sanitizers: {'; '.join([*lines, cgocheck(), faults()])}")


if __name__ == "__main__":
    start(main)
