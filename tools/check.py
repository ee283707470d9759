"""make check: the checks that a reviewer would otherwise make by hand, two at a time. It prints one line per check; the
first failure ends the run. With CI=true a missing tool is a failure.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Optional

from tools import tree
from tools.script import GO, IN_CI, PYTHON, ROOT, Failed, Word, expect, go_run, run, start
from tools.version import DEBUG_LIBRARY, LIBRARY

TAGS = "sqlite_omit_load_extension"
# Go modules of their own.
MODULES = (ROOT / "tests" / "peers" / "go", ROOT / "tools" / "lanes")
LARGEST = 10_000_000
STATICCHECK = "go install honnef.co/go/tools/cmd/staticcheck@v0.8.2"
GOVULNCHECK = "go install golang.org/x/vuln/cmd/govulncheck@v1.9.0"

Check = Callable[[], Optional[str]]
"""Returns its line, or its lines; nothing if a tool is missing."""


def missing(command: str, get: str) -> bool:
    if shutil.which(command):
        return False
    expect(not IN_CI, f'needs {command}, get it with "{get}"')
    print(f'skipped: needs {command}, get it with "{get}"', file=sys.stderr)
    return True


def module(name: str, *arguments: Word) -> Check:
    """A check that is a module and prints its own line."""
    return lambda: told(name, run(PYTHON, "-m", name, *arguments))


def program(package: str, *arguments: Word) -> Check:
    """A check that is a Go program and prints its own line."""
    return lambda: told(package, go_run(package, *arguments))


def told(check: str, said: str) -> str:
    """The output of a check. A check without output may have checked nothing, so it fails."""
    expect(said.strip(), f"{check} says nothing")
    return said.rstrip("\n")


def formatting() -> str:
    untidy = run("gofmt", "-l", *tree.files("*.go")).split()
    expect(not untidy, f"not gofmt'ed: {' '.join(untidy)}")
    return "format: gofmt finds nothing"


def vet() -> str:
    run(GO, "vet", "-tags", TAGS, "./...", "./testdata/vectors")
    for folder in MODULES:
        run(GO, "vet", "-tags", TAGS, ".", cwd=folder)
    return "vet: nothing"


def staticcheck() -> Optional[str]:
    if missing("staticcheck", STATICCHECK):
        return None
    run("staticcheck", "-tags", TAGS, "./...", quiet=True)
    return "staticcheck: nothing"


def modules() -> str:
    for folder in (ROOT, *MODULES):
        run(GO, "mod", "tidy", "-diff", cwd=folder, quiet=True)
        run(GO, "mod", "verify", cwd=folder)
    return "modules: go.mod and go.sum are tidy, and what was downloaded has the hashes of go.sum"


def shellcheck() -> Optional[str]:
    if missing("shellcheck", "apt-get install shellcheck"):
        return None
    run("shellcheck", "--external-sources", *tree.files("*.sh"), ".ci/run", quiet=True)
    return "shellcheck: nothing"


def style() -> Optional[str]:
    """Nothing where ruff and mypy can't be had; it has said so."""
    return run(PYTHON, "-m", "tools.style").rstrip("\n") or None


def compilers() -> list[str]:
    return ["gcc"] if missing("clang", "apt-get install clang") else ["gcc", "clang"]


def header() -> str:
    strict = ("-pedantic", "-Wall", "-Wextra", "-Werror", "-Iinclude", "-fsyntax-only")
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder, "header.c")
        unit.write_text('#include "callkey.h"\nint main(void) { return callkey_status_name(CALLKEY_OK) == 0; }\n')
        for compiler in compilers():
            for standard in ("c89", "c99", "c11"):
                run(compiler, f"-std={standard}", *strict, unit)
            run(compiler, "-x", "c++", "-std=c++98", "-Wno-long-long", *strict, unit)
    return f"header: C89, C99, C11 and C++98, pedantic, with {' '.join(compilers())}"


def warnings() -> str:
    return run(PYTHON, "-m", "tools.c_warnings", *compilers()).rstrip("\n")


def ignored() -> str:
    return run(PYTHON, "-m", "tools.ignored", *compilers()).rstrip("\n")


def size() -> str:
    count = LIBRARY.stat().st_size
    expect(count <= LARGEST, f"{LIBRARY.name} has {count} bytes, more than 10 MB")
    return f"size: {count} bytes stripped"


def abi() -> Optional[str]:
    if missing("abidiff", "apt-get install abigail-tools"):
        return None
    return program("./tools/contract", "abi", DEBUG_LIBRARY.relative_to(ROOT))()


def vulnerabilities() -> Optional[str]:
    if missing("govulncheck", GOVULNCHECK):
        return None
    return run(PYTHON, "-m", "tools.vulnerabilities").rstrip("\n")


# What the boundary lets through and leaves behind.
BOUNDARY = ("residue", "output", "fork", "panic", "handles")
NAME = str(LIBRARY.relative_to(ROOT))
WITHOUT = str((LIBRARY.parent / "without-libsignal" / LIBRARY.name).relative_to(ROOT))

# In the order of their lines: first what takes seconds.
QUICK: list[Check] = [
    formatting,
    vet,
    staticcheck,
    modules,
    shellcheck,
    style,
    header,
    warnings,
    ignored,
    program("./tools/contract", "check"),
    program("./tools/contract", "exports", NAME),
    module("tools.glibc", NAME),
    module("tools.tls", NAME),
    module("tools.tls", DEBUG_LIBRARY.relative_to(ROOT)),
    size,
    abi,
    program("./tools/contract", "layout"),
    program("./tests/comparisons", "./core/..."),
    module("tools.assembly", "check"),
    module("tools.manifest", "check"),
    module("tools.terminal", "check"),
    module("tests.python.terminal"),
    module("tools.docs"),
    module("tools.sections"),
    lambda: told("faults", run(PYTHON, "tests/faults/run.py", "--places")),
    program("./supply", "check", NAME, WITHOUT, "THIRD_PARTY.md"),
    module("tools.sbom", NAME),
    module("tools.sbom", WITHOUT),
    vulnerabilities,
    module("tools.reproduce", NAME),
]


def tagged(name: str) -> Check:
    """A check of tagged memory, on arm64."""

    def check() -> Optional[str]:
        if missing("qemu-aarch64-static", "apt-get install qemu-user-static"):
            return None
        if missing("aarch64-linux-gnu-gcc", "apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"):
            return None
        return told(name, run(PYTHON, "-m", name)).splitlines()[-1]

    return check


# These take minutes. They begin when all the others have passed, because a failure waits for what runs beside it.
SLOW: list[Check] = [
    module("tests.sanitizers.run"),
    tagged("tests.mte.run"),
    tagged("tests.hwasan.run"),
    *(module(f"tests.boundary.{noun}") for noun in BOUNDARY),
]


def main(_: list[str]) -> int:
    passed = skipped = 0
    for checks in (QUICK, SLOW):
        pool = ThreadPoolExecutor(max_workers=2)
        try:
            for job in [pool.submit(check) for check in checks]:
                lines = job.result()
                if lines is None:
                    skipped += 1
                else:
                    print(lines, flush=True)
                    passed += len(lines.splitlines())
        except Failed as failure:
            # At once: the other check may still take a while.
            print(f"FAIL {failure}", file=sys.stderr, flush=True)
            return 1
        finally:
            pool.shutdown(cancel_futures=True)
    print(f"{passed} passed, 0 failed" + (f", {skipped} skipped" if skipped else ""))
    return 0


if __name__ == "__main__":
    start(main)
