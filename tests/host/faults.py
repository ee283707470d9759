"""A nil pointer in the library's Go code gives INTERNAL on every thread of the host, with any alternate stack and any
handlers; a handler that the host installed later gets the signal. A fault in the host's own code reaches the host's
handler, or kills the process as without the library."""

from __future__ import annotations

import itertools
import signal
from dataclasses import replace
from typing import Optional

from tests import library
from tests.host.guests import Guest
from tests.host.noun import Noun

STACKS = ("0", "8", "64")  # KB of the host's alternate stack
# The host's handlers: installed before or after the library, one that calls the previous handler, with or without
# SA_ONSTACK.
BEFORE = ("before", "before-onstack")
AFTER = ("after", "after-onstack")
CHAINS = ("chain", "chain-onstack")
# The signals that kill a host without a handler.
DEATHS = {
    "read": signal.SIGSEGV,
    "bus": signal.SIGBUS,
    "divide": signal.SIGFPE,
    "illegal": signal.SIGILL,
    "overflow": signal.SIGSEGV,
    "raise": signal.SIGSEGV,
    "abort": signal.SIGABRT,
}


class Faults:
    def __init__(self, noun: Noun) -> None:
        self.guest = Guest(noun, "fault.c")
        self.hosts = 0

    def expect(self, status: int, what: str, handler: str, stack: str, env: Optional[dict[str, str]] = None) -> None:
        """On the first and on another thread, in the first and in a later call, with the library linked and loaded
        late. A host that dies prints nothing, as without the library."""
        for thread, when, way in itertools.product(("main", "other"), ("first", "later"), ("linked", "late")):
            # A handler cannot be installed before a linked library.
            if way == "linked" and handler in BEFORE:
                way = "blocked"
            end = self.guest.ended(way, what, handler, stack, thread, when, limit=60, env=env)
            if end.status != status or end.said:
                raise end.failure(f"status {end.status}, not {status}")
            self.hosts += 1

    def bugs(self) -> None:
        for provoked, stack in itertools.product(("nil", "depths"), STACKS):
            env = {"CALLKEY_PROVOKE": provoked}
            for handler in ("none", *BEFORE, *CHAINS):
                self.expect(0, "bug", handler, stack, env)
            for handler in AFTER:
                self.expect(70, "bug", handler, stack, env)

    def own(self) -> None:
        for stack in STACKS:
            for what, death in DEATHS.items():
                self.expect(-death, what, "none", stack)
            for handler in (*BEFORE, *AFTER):
                for what in ("read", "bus", "divide", "illegal", "raise"):
                    self.expect(71, what, handler, stack)
                self.expect(70, "abort", handler, stack)
            # After this fault a handler can only run on an alternate stack.
            if stack != "0":
                self.expect(71, "overflow", "before-onstack", stack)
                self.expect(71, "overflow", "after-onstack", stack)


def faults(noun: Noun) -> str:
    tried = Faults(replace(noun, library=library.beside(noun.library, "provoke")))
    tried.bugs()
    bugs = tried.hosts
    tried.own()
    return (
        f"{bugs} hosts with a nil pointer in Go code: INTERNAL, or the handler that came later;"
        f" {tried.hosts - bugs} with a fault of their own: as without the library"
    )
