"""Measures the library and prints one table: python3 -m bench.run [--markdown]

--markdown  the page docs/benchmarks.md, with what bounds each figure

Every program runs once per round and the rounds alternate between them, so that a busy minute of the machine falls on
all alike; the table has the medians. A missed target never fails the run. It can be told ROUNDS (5), BENCHTIME (50ms)
per Go benchmark, LIBRARY and DEBUG_LIBRARY (what `make lib` makes), GO, CC.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.compile import EXPERIMENTS, compile_benchmarks
from bench.profile import profile
from bench.table import Results, page, text
from tools.script import BUILD, GO, compiler, expect, run, start, usage
from tools.version import DEBUG_LIBRARY, LIBRARY, SONAME, VERSION

ROUNDS = int(os.environ.get("ROUNDS") or 5)
BENCHTIME = os.environ.get("BENCHTIME") or "50ms"
ROOMS = {
    "derive": r"Keys$|Key$|Batch$/^participants=32$|SelectParticipant$/^candidates=100$|SSRCs$|KeysRaw$|ID$",
    "sframe": ".",
    "curve": ".",
    "offer": ".",
    "signal": ".",
}


def say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


class Bench:
    """The programs, and the folder that everything goes into, the SQLite stores too. It is below build/: /tmp is memory
    on many systems, and a commit to memory measures nothing."""

    def __init__(self, work: Path, library: Path) -> None:
        self.work = work
        self.library = work / SONAME
        self.results = work / "results"
        self.stores = work / "stores"
        self.results.mkdir()
        self.stores.mkdir()
        shutil.copyfile(library, self.library)

    def compile(self) -> None:
        flags = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Iinclude")
        run(*compiler(), *flags, "-o", self.work / "callkey_bench", "bench/callkey_bench.c", "-ldl")
        run(*compiler(), *flags, "-o", self.work / "waiting", "bench/waiting.c", "-ldl", "-pthread")
        for mode in EXPERIMENTS:
            for room in ROOMS:
                compile_benchmarks(mode, f"./core/{room}", self.work / f"{room}.{mode}")
        compile_benchmarks("portable", "./bench/libsignal", self.work / "libsignal")

    def record(self, source: str, text: str) -> None:
        with (self.results / source).open("a") as file:
            file.write(text)

    def environment(self, processors: int) -> dict[str, str]:
        """GOMAXPROCS, not -test.cpu: a b.Loop benchmark runs before that takes effect."""
        return {"GOMAXPROCS": str(processors), "TMPDIR": str(self.stores)}

    def go(self, source: str, program: str, pattern: str, *processors: int) -> None:
        """One round into the results of that source."""
        command = (self.work / program, "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", BENCHTIME)
        for count in processors or (1,):
            self.record(source, run(*command, env=self.environment(count)))

    def c(self, part: str, processors: int = 1) -> None:
        """One round in a fresh process."""
        program = (self.work / "callkey_bench", self.library, self.stores, part)
        self.record("c", run(*program, env=self.environment(processors)))
        for file in self.stores.glob("c-*"):
            file.unlink()

    def waiting(self) -> None:
        """One round of calls beside a fan-out that has both processors."""
        self.record("waiting", run(self.work / "waiting", self.library, self.stores, env=self.environment(2)))
        for file in self.stores.glob("c-*"):
            file.unlink()

    def round(self) -> None:
        for mode in EXPERIMENTS:
            for room, pattern in ROOMS.items():
                self.go(mode, f"{room}.{mode}", pattern)
        self.go("libsignal", "libsignal", ".")
        self.go("cores", "offer.runtime", "SealReused/.*/100$|BeginAndSeal$", 1, 2)
        self.go("cores", "derive.runtime", "Parallel", 1, 2)
        self.c("")
        self.c("E2EKeysBatch1024", 2)
        self.waiting()
        for _ in range(4):
            self.c("Load")
            self.c("WholeCall")


def first(file: str, pattern: str) -> str:
    found = re.search(pattern, Path(file).read_text(), re.MULTILINE)
    return found[1] if found else "?"


def load() -> str:
    return " ".join(Path("/proc/loadavg").read_text().split()[:3])


def machine(work: Path) -> list[str]:
    kernel = platform.release().split("-")[0]
    return [
        f"Date: {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}",
        f"Library: libcallkey {VERSION}",
        f"Processor: {first('/proc/cpuinfo', '^model name[^:]*: *(.*)')}, {len(os.sched_getaffinity(0))} for this run",
        f"Memory: {int(first('/proc/meminfo', '^MemTotal: *([0-9]+)')) / 1e6:.1f} GB",
        f"Kernel: {platform.system()} {kernel} {platform.machine()}",
        f"Disk: {run('df', '-PT', work).splitlines()[1].split()[1]} under build/",
        f"Go: {run(GO, 'env', 'GOVERSION').strip()}",
        f"C compiler: {run(*compiler(), '--version').splitlines()[0]}",
        f"Rounds: {ROUNDS}, each of at least {BENCHTIME} per Go benchmark and 40 ms per C one",
        f"Load average before: {load()}",
    ]


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--markdown"]):
        usage(__doc__)
    library, debug = Path(os.environ.get("LIBRARY") or LIBRARY), Path(os.environ.get("DEBUG_LIBRARY") or DEBUG_LIBRARY)
    for file in (library, debug):
        expect(file.is_file(), f"{file} is not there: make lib")
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench.", dir=BUILD) as folder:
        work = Path(folder)
        bench = Bench(work, library)
        say("building")
        bench.compile()
        facts = machine(work)
        sizes = f"{library.stat().st_size} stripped-B\t{debug.stat().st_size} debug-B"
        bench.record("c", f"BenchmarkLibrarySize\t1\t{sizes}\n")
        for number in range(1, ROUNDS + 1):
            say(f"round {number} of {ROUNDS}")
            bench.round()
        facts.append(f"Load average after: {load()}, of which this run is about 1")
        if float(load().split()[0]) > 1.5:
            facts.append("Note: other programs were running, so the figures are too high")
        results = Results(bench.results)
        if arguments:
            say("profiling")
            print(page(results, facts, profile(20)))
        else:
            print(text(results, facts))


if __name__ == "__main__":
    start(main)
