"""Profiles the fan-out of a call key to 100 devices over reused sessions, on one processor, in the memory store and in
SQLite: python3 -m bench.profile [NODES]

For each store NODES (20) lines of where the processor was, and as many of which functions it was there for. A profile
sees no waiting: what "Total samples" is below the duration went to the disk, or to other programs.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from bench.compile import compile_benchmarks
from tools.script import BUILD, GO, run, start, usage

FOR_WHAT = re.compile(r"flat%|libcallkey/core/|runtime\.mallocgc$|runtime\.cgocall$|runtime/secret\.Do$")
OF_THE_TEST = re.compile(r"offer_test|func[0-9]")


class Profile:
    """Of one store."""

    def __init__(self, store: str, work: Path, program: Path) -> None:
        self.program = program
        self.samples = work / store
        run(
            *(str(program), "-test.run", "^$", "-test.bench", f"SealReused/{store}/100$", "-test.benchtime", "3s"),
            *("-test.cpuprofile", str(self.samples)),
            env={"GOMAXPROCS": "1", "TMPDIR": str(work / "stores")},
            quiet=True,
        )

    def top(self, order: str, nodes: int) -> list[str]:
        """Only offer.Seal; the rest of the program makes the sessions first."""
        return run(
            *(GO, "tool", "pprof", "-top", f"-{order}", "-nodecount", str(nodes)),
            *("-focus", r"offer\.Seal$", str(self.program), str(self.samples)),
            quiet=True,
        ).splitlines()

    def functions(self, nodes: int) -> list[str]:
        return [line for line in self.top("flat", nodes) if "Total samples" in line or "%" in line]

    def callers(self, nodes: int) -> list[str]:
        lines = (line for line in self.top("cum", 1000) if FOR_WHAT.search(line) and not OF_THE_TEST.search(line))
        return [line for _, line in zip(range(nodes + 1), lines)]


def profile(nodes: int) -> str:
    BUILD.mkdir(exist_ok=True)
    lines: list[str] = []
    # Below build/: /tmp is memory on many systems, and a commit to memory measures nothing.
    with tempfile.TemporaryDirectory(prefix="profile.", dir=BUILD) as folder:
        work = Path(folder)
        (work / "stores").mkdir()
        compile_benchmarks("runtime", "./core/offer", work / "offer")
        for store in ("memory", "SQLite"):
            found = Profile(store, work, work / "offer")
            lines += [f"{store} store, by function", *found.functions(nodes), ""]
            lines += [
                f"{store} store, by function with what it calls: the library's own, and the runtime's share",
                *found.callers(nodes),
                "",
            ]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        usage(__doc__)
    print(profile(int(*arguments or ["20"])))


if __name__ == "__main__":
    start(main)
