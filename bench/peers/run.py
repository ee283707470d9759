"""Measures the library beside other implementations, and prints one table:

python3 -m bench.peers.run [--markdown|--smoke]

--markdown  the section of docs/benchmarks.md
--smoke     no figures: each task runs once, unoptimised; compares what the programs compute and seal, and checks that
            every row is measured

All programs are built first. Every program runs once per round and the rounds alternate between them, on one
processor; two calls at once run on two. The table has the medians. It can be told ROUNDS (5), MILLISECONDS (40) per
task, BENCHTIME (50ms) per Go benchmark, LIBRARY (what `make lib` makes), GO, CC, CARGO_TARGET_DIR.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.peers import programs
from bench.peers.table import page, text, unmeasured
from bench.peers.tasks import TWO_CALLS
from bench.run import BENCHTIME, ROUNDS, first, load, say
from bench.table import Results
from tests.peers.rust.toolchain import toolchain
from tools.script import BUILD, expect, run, start, usage
from tools.version import LIBRARY, VERSION

MILLISECONDS = float(os.environ.get("MILLISECONDS") or 40)
TWO = TWO_CALLS[1].split("/")[0]


class Bench:
    def __init__(self, work: Path, library: Path, profiles: dict[str, str]) -> None:
        """``profiles``: Cargo's, by the name of the program."""
        self.work, self.results = work, work / "results"
        self.results.mkdir()
        (work / "stores").mkdir()
        cargo = toolchain()
        self.ours = programs.build_ours(work, library)
        self.rust = [programs.build_rust(name, cargo, profile, work) for name, profile in profiles.items()]
        self.libsignal = programs.build_libsignal(work)

    def record(self, source: str, printed: str) -> None:
        with (self.results / source).open("a", encoding="utf-8") as file:
            file.write(printed)

    def measure(self, milliseconds: float, processors: int, part: str = "") -> None:
        with programs.on_processors(processors):
            for program in (self.ours, *self.rust):
                self.record(program.name, program.measure(milliseconds, processors, part))
                for file in (self.work / "stores").iterdir():
                    file.unlink()

    def measure_libsignal(self, benchtime: str) -> None:
        with programs.on_processors(1):
            command = (self.libsignal, "-test.run", "^$", "-test.bench", "Seal|Open", "-test.benchtime", benchtime)
            self.record("libsignal", run(*command, env={"GOMAXPROCS": "1"}))

    def round(self) -> None:
        self.measure(MILLISECONDS, 1)
        self.measure_libsignal(BENCHTIME)
        self.measure(MILLISECONDS, 2, TWO)


def smoke(work: Path, library: Path) -> None:
    bench = Bench(work, library, {"rust": "dev"})
    compared = programs.verify(bench.ours, bench.rust)
    bench.measure(0.5, 1)
    bench.measure(0.5, 2, TWO)
    bench.measure_libsignal("1x")
    results = Results(bench.results)
    missing = unmeasured(results, "ours", "rust")
    expect(not missing, f"no figure of {', '.join(missing)}")
    rows = [line for line in page(results).splitlines() if line.startswith("| ")]
    print(f"bench.peers: {compared} comparisons, {len(rows) - 1} rows")


def measured(work: Path, library: Path, markdown: bool) -> str:
    say("building")
    bench = Bench(work, library, {"rust": "release", "lto": "lto"})
    say("comparing what the programs compute and seal")
    programs.verify(bench.ours, bench.rust)
    facts = [
        f"Library: libcallkey {VERSION}",
        f"Processor: {first('/proc/cpuinfo', '^model name[^:]*: *(.*)')}, one for this run",
        f"Rounds: {ROUNDS}, each of at least {MILLISECONDS:g} ms per task",
        f"Load average before: {load()}",
    ]
    for number in range(1, ROUNDS + 1):
        say(f"round {number} of {ROUNDS}")
        bench.round()
    facts.append(f"Load average after: {load()}, of which this run is about 1")
    results = Results(bench.results)
    return page(results) if markdown else text(results, facts)


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--markdown"], ["--smoke"]):
        usage(__doc__)
    library = Path(os.environ.get("LIBRARY") or LIBRARY).resolve()
    expect(library.is_file(), f"{library} is not there: make lib")
    BUILD.mkdir(exist_ok=True)
    # Below build/: /tmp is memory on many systems, and a commit to memory measures nothing.
    with tempfile.TemporaryDirectory(prefix="bench.", dir=BUILD) as folder:
        if arguments == ["--smoke"]:
            smoke(Path(folder), library)
        else:
            print(measured(Path(folder), library, bool(arguments)))


if __name__ == "__main__":
    start(main)
