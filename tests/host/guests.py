"""Hosts of tests/host/guest: two programs each, one that loads the library and one that is linked to it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from tests.host.noun import Noun
from tests.program import Ended
from tools.script import Word

# The ways to get the library into a host: see guest.h.
WAYS = ("linked", "early", "late", "thread", "blocked")
# `make test-full` starts ten.
EACH = int(os.environ.get("EACH", 3))


class Guest:
    def __init__(self, noun: Noun, source: str) -> None:
        self.noun = noun
        made = noun.compiler
        # One for each library.
        folder = f"guest/{noun.library.parent.name}"
        work = made.shared(f"{folder}/work", ["tests/host/guest/work.c", "tests/c/pair.c"], noun.library)
        sources = [f"tests/host/{source}", "tests/host/guest/guest.c"]
        # A handler that binds a symbol at its first call saves all vector registers, and those of a processor with AMX
        # alone are larger than a small alternate stack.
        flags = (f"-Wl,-rpath,{work.parent}", "-Wl,-z,now")
        self.loading = made.program(f"{noun.name}/{noun.name}", sources, None, *flags)
        self.linked = made.program(f"{noun.name}/linked", [*sources, work], None, "-Wl,--no-as-needed", *flags)

    def ended(self, way: str, *arguments: Word, limit: float = 120, env: Optional[dict[str, str]] = None) -> Ended:
        program = self.linked if way == "linked" else self.loading
        return self.noun.ended(program, way, *arguments, limit=limit, env=env)

    def repeat(
        self,
        *arguments: Word,
        ways: Sequence[str] = WAYS,
        each: int = EACH,
        limit: float = 120,
        env: Optional[dict[str, str]] = None,
    ) -> list[Ended]:
        """Run some hosts for each way. All must end with 0."""
        ends = []
        for way in ways:
            for _ in range(each):
                end = self.ended(way, *arguments, limit=limit, env=env)
                end.held()
                ends.append(end)
        return ends


def numbers(ends: list[Ended]) -> int:
    """The sum of the numbers that the hosts printed, one per line. Each host must print one."""
    return sum(int(line.split()[0]) for end in ends for line in end.told().splitlines())


@dataclass(frozen=True)
class Repeated:
    """A noun that repeats its host. Its line may contain {hosts} and {sum}, the sum of the printed numbers."""

    line: str
    arguments: Sequence[Sequence[str]] = ((),)
    ways: Sequence[str] = WAYS
    each: int = EACH
    limit: float = 120  # seconds for each host

    def __call__(self, noun: Noun) -> str:
        guest = Guest(noun, f"{noun.name}.c")
        ends = []
        with tempfile.TemporaryDirectory() as folder:
            for arguments in self.arguments:
                given = [folder if word == FOLDER else word for word in arguments]
                ends += guest.repeat(*given, ways=self.ways, each=self.each, limit=self.limit)
        return self.line.format(hosts=len(ends), sum=numbers(ends) if "{sum}" in self.line else 0)


# Among the arguments: an empty folder.
FOLDER = "FOLDER"

REPEATED = {
    # Calls give right answers however the library gets into the host: linked, loaded before and after the host's
    # setup, from a thread that ends, and with every signal blocked.
    "loading": Repeated(
        "{hosts} hosts, linked, loaded early, late, from a thread and with signals blocked: every answer is right"
    ),
    # pthread_cancel of threads inside calls: first the call ends, then the thread, and the library keeps working.
    "cancel": Repeated(
        "{hosts} hosts cancelled {sum} threads inside calls: each call ended first, the library works on",
        arguments=((FOLDER,),),
    ),
    # The library keeps no descriptor open. Hosts close all that they did not open, reuse the numbers, and keep calling.
    "descriptors": Repeated(
        "none is the library's in {hosts} hosts, and {sum} answers are right, before and after all were closed",
        arguments=((FOLDER,),),
    ),
    # Destructors of a thread's own keys, in all rounds, before and after the library has released the thread: its mask
    # and alternate stack are unchanged, and calls work.
    "ending": Repeated(
        "in {sum} destructors of ending threads, in every round, the thread is as before and calls work"
    ),
    # setresuid and setresgid, which signal every thread of the process, while calls run.
    "identity": Repeated(
        "{hosts} hosts changed their ids {sum} times while their threads called: every answer is right"
    ),
    # Hosts that block signals in all threads and wait for them get each one: SIGCHLD, SIGTERM, SIGRTMIN by sigwait and
    # signalfd, the ticks of a POSIX timer.
    "waiting": Repeated(
        "{hosts} hosts with sigwait, signalfd and POSIX timers got each signal, 1,000 of 1,000",
        arguments=(("sigwait",), ("signalfd",), ("timer",)),
    ),
    # Handlers without SA_ONSTACK at 5,000 Hz in each thread that calls the library: with 100 bytes and 64 KB of stack,
    # with backtrace(), and with calls of the library. None runs on a Go stack: every answer is right, and no host
    # dies.
    "storm": Repeated(
        "{hosts} hosts with plain handlers of 100 bytes, of 64 KB, with backtrace() and with calls, {sum} signals at"
        " 5,000 Hz a thread: every answer is right",
        arguments=(
            *((signal, size) for signal in ("PROF", "VTALRM", "ALRM") for size in ("100", "64000")),
            ("PROF", "backtrace"),
            ("ALRM", "call"),
        ),
    ),
    # Hosts that trap system calls and make them in a SIGSYS handler without SA_ONSTACK, installed before the library is
    # loaded: calls work, on the library's own threads and on the host's.
    "sandbox": Repeated(
        "{sum} system calls were trapped in {hosts} hosts, and every answer is right",
        ways=("early", "late", "thread"),
        each=17,
    ),
    # The library's own threads block every signal except their own faults, from start to end: read from /proc while
    # calls, offers to 300 devices, file stores and garbage collections run.
    "threads": Repeated(
        "{sum} threads of the library's in {hosts} processes, each blocks every signal but its own faults in every"
        " sample",
        arguments=((FOLDER,),),
        each=1,
        limit=300,
    ),
}
