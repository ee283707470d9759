"""``make test-full``: what ``make test`` leaves out, and what it shortens at full length, side by side.

``python3 -m tools.full [NAME...]`` runs these jobs, by default all. It needs what ``make test`` needs. Each job has the
name of a target; CONTRIBUTING.md has the table. The logs are in build/test-full.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Optional

from tests.host.guests import REPEATED
from tools.jobs import Job, in_memory
from tools.script import BUILD, Failed, start
from tools.test import BUILDS, FULL, PACKAGES, PLATFORMS, all_pass


def go(name: str, *arguments: str, env: Optional[Mapping[str, str]] = None, cores: int = 1) -> Job:
    tests = ("-tags", "sqlite_omit_load_extension", "-vet=off", "-timeout", "0")
    command = (sys.executable, "-m", "tools.gotest", *tests, *arguments)
    return Job(name, command, cores, env={**in_memory(), **(env or {})})


def script(name: str, module: str, *arguments: str, env: Mapping[str, str], after: Sequence[str] = ()) -> Job:
    return Job(name, (sys.executable, "-m", module, *arguments), after=after, env=env)


# The longest first.
JOBS = (
    *PACKAGES,
    *PLATFORMS,
    go("test-go-hammer", "-race", "-run", "^TestThreads$", "./core/offer", "-hammer", "60s", cores=2),
    # Every read of a long log fails in turn, not one in 32.
    go("test-go-disk", "-run", "^TestDiskErrors$", "./core/offer", "-every-operation"),
    # Without -short. The race detector need not see a process for each instant, which is test-go's.
    go(
        "test-go-race",
        *("-race", "-skip", "^(TestStoppedAtAnyInstant|TestDiskErrors|TestThreads)$"),
        *(f"./core/{name}" for name in ("session", "signal", "store", "derive", "offer")),
        env={"GORACE": "atexit_sleep_ms=50"},
    ),
    # As on platforms where the runtime does not erase secrets, but core/secret does.
    go("test-go-portable", "-skip", "^TestDiskErrors$", "./core/...", "./capi/..."),
    go(
        "test-go-lanes",
        *("-run", "^(TestRandom|TestCheckAllIsValidateAndVerify|TestAgreeAllIsAgree)$"),
        *("./core/curve", "./core/curve/lanes", "-inputs", "200000"),
    ),
    script(
        "test-host",
        "tests.host.run",
        "jvm",
        "profiler",
        *REPEATED,
        env={"CALLS": "1000000", "EACH": "10"},
        after=("lib",),
    ),
    # Every bit of an offer and a bundle is flipped, not one of nearly every byte, and inputs have every length.
    script("test-mte", "tests.mte.run", "damage", "trials", env=FULL),
    # And secrets are looked for in 24 dumps, not in six.
    script("test-arm64", "tests.platforms.linux", "arm64", "damage", "trials", "residue", env=FULL),
    # 51 processes with signals, and a capture of 512 MiB.
    script(
        "test-python",
        "tests.python.run",
        *("--full", "tests/test_signals.py", "tests/test_capture_size.py"),
        env={},
        after=("lib",),
    ),
)


def run(target: str, jobs: Sequence[Job], names: Sequence[str]) -> int:
    """Run these of a target's jobs, by default all, after the builds that they need."""
    known = {job.name: job for job in jobs}
    for name in names:
        if name not in known:
            raise Failed(f"make {target} has no job {name}; its jobs are {' '.join(known)}")
    chosen = [known[name] for name in names] or list(jobs)
    needed = {need for job in chosen for need in job.after}
    needed |= {need for build in BUILDS if build.name in needed for need in build.after}
    return 0 if all_pass([*(build for build in BUILDS if build.name in needed), *chosen], BUILD / target) else 1


def main(names: list[str]) -> int:
    return run("test-full", JOBS, names)


if __name__ == "__main__":
    start(main)
