"""Variables that control a Go runtime or FIPS 140: the library ignores them and prints nothing."""

from __future__ import annotations

import tempfile

from tests.host.guests import Guest
from tests.host.noun import Noun

VARIABLES = (
    "GODEBUG=fips140=only",
    "GODEBUG=fips140=on",
    "GODEBUG=fips140=debug",
    "GODEBUG=gctrace=1,schedtrace=1,inittrace=1",
    "GODEBUG=asyncpreemptoff=0,gcshrinkstackoff=0,gcstoptheworld=2,cpu.all=off",
    "GODEBUG=nonsense=1,=,,fips140=maybe",
    "GOGC=off",
    "GOGC=1",
    "GOMEMLIMIT=1",
    "GOMEMLIMIT=nonsense",
    "GOMAXPROCS=1",
    "GOMAXPROCS=-1",
    "GOTRACEBACK=crash",
    "GOTRACEBACK=nonsense",
)


def environment(noun: Noun) -> str:
    guest = Guest(noun, "environment.c")
    hosts = 0
    with tempfile.TemporaryDirectory() as folder:
        for variable in VARIABLES:
            name, _, value = variable.partition("=")
            set_before = {"FOLDER": folder, name: value}
            for way, arguments, env in (
                ("linked", (), set_before),
                ("late", (), set_before),
                ("late", (variable,), {"FOLDER": folder}),  # the host sets it
            ):
                end = guest.ended(way, *arguments, env=env)
                end.held()
                if end.said.strip() != "1":
                    raise end.failure(f"with {variable} it wrote:")
                hosts += 1
    return (
        f"{hosts} hosts with {len(VARIABLES)} settings of Go's variables, in their environment or set by themselves:"
        " every answer is right, nothing is written"
    )
