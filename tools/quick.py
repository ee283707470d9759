"""``make quick``: the checks after each change. With a warm cache it takes seconds.

``python3 -m tools.quick [STEP...]`` runs steps side by side if possible, and prints one line for each: the result and
the time; for a step that fails, its whole output. The logs are in build/quick.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from typing import Callable

from tools.jobs import Job, in_memory, processors, side_by_side
from tools.script import BUILD, ROOT, Failed, run, start, words
from tools.style import installed

TAGS = ("-tags", "sqlite_omit_load_extension")
PACKAGE = ROOT / "bindings" / "python"
# Of the files with its tests.
HALVES = {"python-1": slice(0, None, 2), "python-2": slice(1, None, 2)}


def steps() -> list[Job]:
    """The steps, the longest first."""
    python = sys.executable
    make = os.environ.get("MAKE") or "make"
    go = os.environ.get("GO") or "go"
    return [
        Job("tools", (python, "-m", "tools.quick", "tools")),
        Job("library", (make, "-s", "--no-print-directory", "build/libcallkey.so.0")),
        *(
            Job(half, (python, "-m", "tools.quick", half), after=("library", "tools"), env=in_memory())
            for half in HALVES
        ),
        Job(
            "go",
            (
                python,
                "-m",
                "tools.gotest",
                "-short",
                "-vet=off",
                *TAGS,
                "./core/...",
                "./capi/...",
                "./tools/...",
                "./tests/mutants",
            ),
            env=in_memory(),
        ),
        Job("c", (make, "--no-print-directory", "test-c"), after=("library",)),
        Job("style", (python, "-m", "tools.style"), after=("tools",)),
        Job("contract", (go, "run", "./tools/contract", "check")),
        Job("vet", (go, "vet", *TAGS, "./...", "./testdata/vectors")),
        Job("format", (python, "-m", "tools.quick", "gofmt")),
    ]


def gofmt() -> None:
    folders = [folder for folder in ROOT.iterdir() if folder.is_dir() and folder.name not in ("build", ".git")]
    untidy = run("gofmt", "-l", *folders)
    if untidy:
        raise Failed(f"not as gofmt has it: {' '.join(untidy.split())}")
    print("gofmt: nothing")


def pytest(part: slice = slice(None)) -> None:
    """The tests of the Python package that are not marked as slow, without a build of the package."""
    files = sorted(file.relative_to(PACKAGE) for file in PACKAGE.glob("tests/test_*.py"))[part]
    os.environ["PYTHONPATH"] = str(PACKAGE / "src")
    os.chdir(PACKAGE)
    python = str(installed() / "python")
    os.execv(python, words(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *files))


def main(arguments: list[str]) -> int:
    # The steps that are not separate programs.
    own: dict[str, Callable[[], object]] = {"tools": installed, "gofmt": gofmt, "pytest": pytest}
    own.update({half: partial(pytest, part) for half, part in HALVES.items()})
    if len(arguments) == 1 and arguments[0] in own:
        own[arguments[0]]()
        return 0
    chosen = [step for step in steps() if not arguments or step.name in arguments]
    unknown = set(arguments) - {step.name for step in chosen}
    if unknown:
        raise Failed(
            f"no step is named {', '.join(sorted(unknown))}; the steps are {', '.join(s.name for s in steps())}"
        )
    began = time.monotonic()
    count = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for result in side_by_side(chosen, BUILD / "quick", processors()):
        count[result.state] += 1
        failed = result.state == "failed"
        print(
            f"{result.job.name:<9} {result.seconds:5.1f} s  {'FAIL: ' if failed else ''}{result.line or 'done'}",
            flush=True,
        )
        if failed and result.log:
            print(result.log.read_text(encoding="utf-8", errors="replace"), flush=True)
    line = ", ".join(f"{n} {state}" for state, n in count.items() if n or state != "skipped")
    print(f"{line}, in {time.monotonic() - began:.1f} s")
    return 1 if count["failed"] else 0


if __name__ == "__main__":
    start(main)
