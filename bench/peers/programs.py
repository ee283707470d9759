"""Builds the programs of bench/peers, and runs them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.compile import compile_benchmarks
from tests.peers.rust.toolchain import Toolchain
from tools.script import ROOT, Failed, compiler, expect, run, words

HERE = Path(__file__).resolve().parent
SECONDS = 600  # for one run of one program, which takes a tenth of it


class Program:
    """One that measures, answers and talks: ours, or the Rust one in some profile."""

    def __init__(self, name: str, command: list[str], stores: str) -> None:
        self.name, self.command, self.stores = name, command, stores

    def measure(self, milliseconds: float, processors: int, part: str = "") -> str:
        arguments = ("measure", self.stores, f"{milliseconds:g}", *([part] if part else []))
        printed = run(*self.command, *arguments, env={"GOMAXPROCS": str(processors)}, timeout=SECONDS)
        return printed.replace(f"-{processors}\t", "\t")  # Go's mark, which Rust does not make

    def answers(self) -> dict[str, str]:
        """What its tasks compute, by name."""
        found = [line.split(maxsplit=2) for line in run(*self.command, "answers").splitlines()]
        return {name: answer for _, name, answer in found}

    def talk(self, role: str, reads: int, writes: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*self.command, "talk", role], stdin=reads, stdout=writes, cwd=ROOT)


def build_ours(work: Path, library: Path) -> Program:
    flags = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Iinclude")
    run(*compiler(), *flags, "-o", work / "ours", HERE / "ours.c", "-ldl", "-lpthread")
    return Program("ours", words(work / "ours", library), str(work / "stores"))


def build_rust(name: str, cargo: Toolchain, profile: str, work: Path) -> Program:
    cargo.build(HERE, profile)
    return Program(name, cargo.program("bench-peers", profile), str(cargo.inside(work / "stores")))


def build_libsignal(work: Path) -> Path:
    compile_benchmarks("portable", "./bench/libsignal", work / "libsignal")
    return work / "libsignal"


@contextmanager
def on_processors(count: int) -> Iterator[None]:
    """What is started inside has so many processors."""
    all_of_them = os.sched_getaffinity(0)
    expect(count <= len(all_of_them), f"needs {count} processors")
    os.sched_setaffinity(0, sorted(all_of_them)[-count:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def converse(caller: Program, callee: Program) -> None:
    """Each opens what the other sealed."""
    ends = [*os.pipe(), *os.pipe()]
    try:
        sides = [caller.talk("caller", ends[0], ends[3]), callee.talk("callee", ends[2], ends[1])]
    finally:
        for end in ends:
            os.close(end)
    try:
        for side, program in zip(sides, (caller, callee)):
            expect(side.wait(60) == 0, f"{caller.name} calls {callee.name}: {program.name} failed")
    except subprocess.TimeoutExpired:
        raise Failed(f"{caller.name} calls {callee.name}: no end after 60 s") from None
    finally:
        for side in sides:
            side.kill()


def verify(ours: Program, others: list[Program]) -> int:
    """All compute the same, and each opens what the other sealed. Returns how much was compared."""
    expected, compared = ours.answers(), 0
    expect(expected, "ours: no answers")
    for other in others:
        answers = other.answers()
        for name in sorted(expected.keys() | answers.keys()):
            mine, theirs = expected.get(name), answers.get(name)
            expect(mine == theirs, f"{name}: ours computes {mine}, {other.name} {theirs}")
            compared += 1
        converse(ours, other)
        converse(other, ours)
        compared += 2
    return compared
