"""``make test``: every test target, side by side.

``python3 -m tools.test [TARGET...]`` runs these targets of the Makefile, by default all of them. Shared builds come
first, once each. It prints one line for each target, with the result and the target's last line; if a target fails, it
prints the whole output, and the others continue. At the end it lists everything that was skipped, with the reason, and
prints one line: N passed, N failed, N skipped. The logs are in build/test.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

from tools.jobs import Job, Result, in_memory, processors, side_by_side
from tools.script import BUILD, ROOT, Failed, start

MAKE = os.environ.get("MAKE") or "make"


def made(
    target: str,
    cores: int = 1,
    after: Sequence[str] = (),
    memory: bool = False,
    version: str = "",
    env: Optional[Mapping[str, str]] = None,
    limit: float = Job.limit,
) -> Job:
    """A target of the Makefile, or of its versions one. ALL tells it that it is one of many; the builds that it needs
    exist."""
    old = (word for need in ("wheel", "sdist") for word in ("-o", need) if target.startswith("test-"))
    chosen = [f"VERSIONS={version}"] if version else []
    command = (MAKE, "-s", "--no-print-directory", "ALL=yes", *chosen, *old, target)
    name = f"{target}-{version}" if version else target
    return Job(name, command, cores, after, {**(in_memory() if memory else {}), **(env or {})}, limit)


# The builds that more than one target needs, each in its own folder in build/. They wait for the first one, which
# compiles the packages that all of them link.
BUILDS = (
    made("lib"),
    made("provoke", after=("lib",)),
    made("wheel", after=("lib",)),
    made("sdist", after=("lib",)),
    made("archive", after=("lib",)),
)

# The longest first, so that the last ones are short, and early what waits: test-go for the disk. Two cores are for
# targets that run two programs side by side themselves, and for the threads of the hammer, which must meet as often as
# they can.
TARGETS = (
    made("test-go-hammer", cores=2, memory=True),
    made("test-host", cores=2, after=("lib", "provoke")),
    made("test-go", after=("lib",)),
    made("test-swift", after=("lib",)),
    made("test-kotlin", after=("archive",)),
    made("test-arm64"),
    made("test-go-race", memory=True),
    made("test-python", after=("lib",)),
    made("test-go-tools"),
    made("test-go-plain", after=("lib",), memory=True),
    made("test-musl", after=("lib",)),
    made("test-dist", after=("wheel", "sdist")),
    made("test-without-libsignal", after=("lib",)),
    made("test-archive", after=("archive",)),
    made("test-media", after=("lib",)),
    made("test-c", after=("lib", "provoke")),
    made("test-vectors"),
    made("test-install", after=("lib",)),
    made("test-libsrtp", after=("lib",)),
)

# The packages for other platforms, which test-full has: they are built from nothing, for several platforms each.
PACKAGES = (
    made("test-jar", after=("archive",)),
    made("test-macos"),
    # Behind the other wheel of this machine, which it replaces.
    made("test-wheels", after=("wheel",)),
)

FULL = {"FULL": "yes"}
# Other systems, processors and interpreters, at full length: test-full has them too. Of other processors only arm64, a
# phone's, is part of `make test`. The interpreters come behind the wheels, which replace the one that they install.
PLATFORMS = (
    *(
        made("test-pythons", after=("wheel", "test-wheels"), version=version, env={**FULL, "GET": "yes"}, limit=3600)
        for version in ("pypy", "3.9", "3.15")
    ),
    made("test-windows", env=FULL),
    made("test-386", env=FULL),
    made("test-platforms", env=FULL),
)

# Not part of `make test`: test-machine installs packages in another Debian, which says nothing of a change of the
# sources; test-peers compiles another implementation, which takes all cores for minutes, and runs what test-counterpart
# runs; test-engines fetches and compiles other engines; test-postgres is a minute of load on all cores; test-docs needs
# a browser and says nothing of the library; test-mte and test-hwasan are part of `make check`, beside the other checks
# of memory; test-release builds for every platform twice; test-full is tools/full.py.
ELSEWHERE = {
    *("test-machine", "test-peers", "test-engines", "test-postgres", "test-docs", "test-release"),
    *("test-counterpart", "test-full", "test-mte", "test-hwasan"),
    *(job.command[-1] for job in (*PACKAGES, *PLATFORMS)),
}


def jobs(chosen: Sequence[str]) -> list[Job]:
    """The targets, after the builds that they need."""
    known = {job.name: job for job in (*BUILDS, *TARGETS)}
    parts = {target: [job.name for job in TARGETS if job.command[-1] == target] for target in chosen}
    for name in chosen:
        if name not in known and not parts[name]:
            raise Failed(f"no target of tests is named {name}; they are {' '.join(job.name for job in TARGETS)}")
    declared = re.findall(r"^(test-[a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    lost = sorted(set(declared) - {job.command[-1] for job in TARGETS} - ELSEWHERE)
    if lost:
        raise Failed(f"make test does not run {' '.join(lost)}: add it to TARGETS in tools/test.py")
    names = {name for target in chosen for name in parts[target] or [target]} or {job.name for job in TARGETS}
    while more := {need for name in names for need in known[name].after} - names:
        names |= more
    return [job for job in known.values() if job.name in names]


def tell(result: Result) -> None:
    failed = result.state == "failed"
    times = f"{result.seconds:4.0f} s, {result.processor:4.0f} s of processor"
    print(f"{result.job.name:<17} {times}  {'FAIL: ' if failed else ''}{result.line or 'built'}", flush=True)
    if failed and result.log:
        print(result.log.read_text(encoding="utf-8", errors="replace"), flush=True)


def all_pass(chosen: Sequence[Job], logs: Path) -> bool:
    """Run these jobs with their logs in a folder, print the results, what was skipped, and the count."""
    began = time.monotonic()
    results = []
    # One more than fits, because a job also waits: for the disk, for locks and for processes that it stops.
    for result in side_by_side(chosen, logs, processors() + 1):
        tell(result)
        results.append(result)
    for result in results:
        for reason in result.reasons:
            print(f"skipped in {result.job.name}: {reason}")
    builds = {job.name for job in BUILDS}
    count = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for result in results:
        if result.state == "failed" or result.job.name not in builds:
            count[result.state] += 1
    failed = [result.job.name for result in results if result.state == "failed"]
    if failed:
        print(f"failed: {' '.join(failed)}")
    took, used = time.monotonic() - began, sum(result.processor for result in results)
    print(", ".join(f"{n} {state}" for state, n in count.items()) + f", in {took:.0f} s, {used:.0f} s of processor")
    return not failed


def main(arguments: list[str]) -> int:
    return 0 if all_pass(jobs(arguments), BUILD / "test") else 1


if __name__ == "__main__":
    start(main)
