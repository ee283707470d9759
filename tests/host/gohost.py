"""A host in Go, with a second Go library: three Go runtimes in one process, 3 times."""

from __future__ import annotations

from tests.host.noun import Noun
from tools.script import GO, run


def gohost(noun: Noun) -> str:
    second, program = noun.out / "second.so", noun.out / "gohost"
    linked = f"{noun.library} -Wl,-rpath,{noun.library.parent}"
    run(GO, "build", "-buildmode=c-shared", "-o", second, "./tests/host/gohost/second", quiet=True)
    run(GO, "build", "-o", program, "./tests/host/gohost", env={"CGO_LDFLAGS": linked}, quiet=True)
    lines = [noun.told(program, second) for _ in range(3)]
    return f"3 runs, the last: {lines[-1]}"
