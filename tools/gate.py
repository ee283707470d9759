"""``make gate``: what CI runs beside ``make test`` and ``make check``, side by side.

``python3 -m tools.gate [NAME...]`` runs these jobs, by default all: those of ``make test-full``, the tests that are not
part of ``make test``, what changes cost, the checks on faults made on purpose, the bot, and every fuzz target for a
while. The logs are in build/gate.
"""

from __future__ import annotations

from tools import full
from tools.jobs import Job
from tools.script import start
from tools.test import MAKE, PACKAGES


def made(target: str, *settings: str, after: tuple[str, ...] = ("lib",), name: str = "") -> Job:
    return Job(name or target, (MAKE, "-s", "--no-print-directory", *settings, target), after=after, limit=3600)


# First the longest and what others wait for: the second half of the faults uses the crates that test-peers and
# test-engines compile, and a release has the packages.
JOBS = (
    made("faults", "PART=1/2", name="faults-1"),
    made("test-peers"),
    made("test-engines"),
    *PACKAGES,
    made("faults", "PART=2/2", after=("lib", "test-peers", "test-engines"), name="faults-2"),
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
