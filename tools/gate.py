"""``make gate``: what CI runs beside ``make test`` and ``make check``, side by side.

``python3 -m tools.gate [NAME...]`` runs these jobs, by default all: those of ``make test-full``, the tests that are not
part of ``make test``, what changes cost, the checks on faults made on purpose, the bot, and every fuzz target for a
while. The logs are in build/gate.
"""

from __future__ import annotations

from tools import full
from tools.jobs import Job
from tools.script import run, start
from tools.test import MAKE, PACKAGES


def made(target: str, *settings: str, after: tuple[str, ...] = ("lib",)) -> Job:
    return Job(target, (MAKE, "-s", "--no-print-directory", *settings, target), after=after, limit=3600)


PARTS = 5


def part() -> int:
    """The part of the faults that is tried for this commit. `make faults` tries all, and `make check` looks whether
    each still has its place."""
    return int(run("git", "rev-parse", "HEAD")[:8], 16) % PARTS + 1


# First what others wait for: the last part of the faults uses the crates that the first two compile, and a release has
# the packages.
JOBS = (
    made("test-peers"),
    made("test-engines"),
    *PACKAGES,
    made("faults", f"PART={part()}/{PARTS}", after=("lib", "test-peers", "test-engines")),
    made("test-release", after=("lib", "wheel", "sdist", *(job.name for job in PACKAGES))),
    *(job for job in full.JOBS if job not in PACKAGES),
    made("cost"),
    # Both build the reference of the Kotlin package.
    made("test-docs", after=("lib", "test-release")),
    made("test-machine"),
    # What these find depends on chance and on how long they run.
    made("test-postgres", "SECONDS=40"),
    made("fuzz", "TIME=8s"),
    made("bot", "TIME=45s"),
)


def main(names: list[str]) -> int:
    return full.run("gate", JOBS, names)


if __name__ == "__main__":
    start(main)
