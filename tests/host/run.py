"""make test-host: sample hosts, each with the library inside.

run [NOUN...]    default: all nouns

A noun builds its programs in build/tests-host, runs them and prints one line with the result; or it prints
"skipped: needs ..." on stderr, which is a failure if CI=true. LIBRARY is the library to test (default
build/libcallkey.so.0), LIMIT the maximum seconds per noun (default 900), EACH the number of hosts for each way to load
the library (default 3).
"""

from __future__ import annotations

import os

from tests import library
from tests.host.environment import environment
from tests.host.faults import faults
from tests.host.gohost import gohost
from tests.host.guests import REPEATED
from tests.host.jvm import jvm
from tests.host.linked import children, handler, inherited, limits, stack
from tests.host.noun import Body, run_nouns
from tests.host.profiler import profiler
from tests.host.seccomp import seccomp
from tests.host.state import state
from tests.host.static_tls import static_tls
from tests.program import Compiler
from tools.script import BUILD, Failed, start

ALONE: tuple[Body, ...] = (
    jvm,
    faults,
    seccomp,
    state,
    environment,
    profiler,
    children,
    gohost,
    handler,
    inherited,
    limits,
    stack,
    static_tls,
)
NOUNS: dict[str, Body] = {**{body.__name__: body for body in ALONE}, **REPEATED}


def main(names: list[str]) -> int:
    for name in names:
        if name not in NOUNS:
            raise Failed(f"there is no noun {name} in tests/host")
    compiler = Compiler(
        BUILD / "tests-host", "-std=gnu11", "-g", "-O1", "-DCALLKEY_NO_NONNULL", "-Itests/c", "-Itests/host/guest"
    )
    nouns = {name: NOUNS[name] for name in names or NOUNS}
    return run_nouns(nouns, library.chosen(), compiler, float(os.environ.get("LIMIT", 900)))


if __name__ == "__main__":
    start(main)
