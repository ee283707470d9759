"""The state that no call may change: signal mask, alternate stack, floating point control and flags, errno,
cancellation, folder, umask and every signal's action. Each function as the first and as a later call of its thread;
then every call of the C tests."""

from __future__ import annotations

import re
from pathlib import Path

from tests import library
from tests.c.programs import ALONE, TESTS, VECTORS, every, sources
from tests.host.linked import EVERY
from tests.host.noun import Noun
from tools.script import ROOT, Failed

SIZE = re.compile(r"_(bytes|count|abi_version)$")
# The functions that first.c calls by name.
NAMED = re.compile(r"(callkey_(?:version|status_name|status_text|wipe|last_error|last_errno))\(")


def write_headers(folder: Path) -> None:
    """Write the files that first.c and watched.h include: each function is in one of the lists or has its own macro."""
    functions = sorted(library.functions())
    sizes = [name for name in functions if SIZE.search(name)]
    named = NAMED.findall((ROOT / "tests/host/first.c").read_text())
    tried = {*sizes, *named, *every()}
    if tried != set(functions):
        raise Failed(f"the lists are not the header's functions: {' '.join(sorted(tried ^ set(functions)))}")
    (folder / "first_sizes.h").write_text("".join(f"SIZE({name})\n" for name in sizes))
    watched = {name: f"WATCHED({name}, ##__VA_ARGS__)" for name in functions}
    watched["callkey_wipe"] = "WATCHED_WIPE(__VA_ARGS__)"
    (folder / "watched_names.h").write_text("".join(f"#define {name}(...) {call}\n" for name, call in watched.items()))


def state(noun: Noun) -> str:
    write_headers(noun.out)
    made = noun.compiler
    include = ("-Itests/host", f"-I{noun.out}")
    watch = [made.object(f"tests/host/{name}.c", *include) for name in ("state", "floats")]
    first = made.program("state/first", ["tests/host/first.c", *EVERY, *watch], noun.library, *include, "-lm")
    calls = noun.told(first, limit=300)
    noun.held(first, limit=300, env={"STATE_NO_HANDLERS": "1"})

    watch.append(made.object("tests/host/watched.c", *include))
    flags = (*include, "-D_GNU_SOURCE", "-include", "tests/host/watched.h")
    for test in TESTS:
        if test not in ALONE:
            program = made.program(f"state/{test}", [*sources(test), *watch], noun.library, *flags, "-lm")
            noun.held(program, VECTORS, limit=300)
    return (
        f"after {calls} calls, of each function as the first and as later ones of a thread, and after all that the C"
        " tests make, thread and process are as before"
    )
