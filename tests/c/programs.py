"""The programs of the C tests, and the sources that each is linked with besides test.c."""

from __future__ import annotations

import re
from pathlib import Path

from tools.script import ROOT

HERE = Path("tests/c")

CALLS = ("pair.c", "folder.c")
EVERY = (*CALLS, "every.c")
TRIAL = (*CALLS, "every_tried.c", "trial.c", "attempt.c", "pages.c")

TESTS = {
    "sizes": CALLS,
    "initialisers": CALLS,
    "answers": ("functions.c", "value.c", "reader.c"),
    "trials": TRIAL,
    "lengths": CALLS,
    "ends": CALLS,
    "wiped": CALLS,
    "room": CALLS,
    "texts": CALLS,
    "options": CALLS,
    "info": CALLS,
    "growing": CALLS,
    "handles": EVERY,
    "delivery": CALLS,
    "messages": CALLS,
    "damage": CALLS,
    "accounts": CALLS,
    "prekeys": CALLS,
    "sessions": CALLS,
    "house": CALLS,
    "records": (),
    "epochs": CALLS,
    "concurrency": CALLS,
    "children": EVERY,
    "bug": EVERY,
}

# Programs that cannot run inside another host: they have initialisers before main, children, signals or their own
# library.
ALONE = {"initialisers", "ends", "children", "bug"}

# The argument of each program.
VECTORS = "testdata/vectors"


def sources(test: str) -> list[Path]:
    return [HERE / name for name in (f"{test}.c", "test.c", *TESTS[test])]


def every() -> list[str]:
    """The functions that every.c calls."""
    rows = re.findall(r"ROW\(([a-z0-9_]+),", (ROOT / HERE / "every.c").read_text())
    return [f"callkey_{name}" for name in rows if name != "name"]
