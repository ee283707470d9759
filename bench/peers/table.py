"""The results of the programs of bench/peers as one table.

They are in a folder with one file per program in the format of Go's benchmarks: ours, rust, lto, libsignal. A figure is
the median of the rounds, a ratio the median of the rounds' ratios: the programs of a round ran in the same minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from bench.peers.tasks import BOUNDS, NOTES, TASKS, TWO_CALLS, TWO_CALLS_AIM, TWO_CALLS_NOTES, US, Task
from bench.table import Figure, Results, figure, ratio, significant

RATIOS = ("ours/Rust", "ours/lto", "aim", "")
HEADS = ("µs per device or call", "ours", "Rust", "Rust, lto", *RATIOS, "libsignal", "stored", "")
LEFT = {0, 6, 7, 10}  # columns of text

INTRODUCTION = """\
`make bench PEERS=1` measures the same tasks in other implementations, on one processor and in alternating rounds:
**ours** through the C interface; **Rust**, wacore and wacore-libsignal 0.7.0 with Cargo's release profile, and with
`lto = true`; **libsignal**, go.mau.fi/libsignal with its records as Go values, and **stored**, with its records as
bytes, as in whatsmeow. First it compares keys, frames and stanzas, and each program opens what the other sealed. A
letter points to what differs in the work."""


@dataclass
class Row:
    label: str
    ours: Optional[Figure]
    rust: Optional[Figure]
    lto: Optional[Figure]
    to_rust: Optional[Figure]
    to_lto: Optional[Figure]
    aim: str
    met: str
    libsignal: Optional[Figure]
    stored: Optional[Figure]
    notes: str

    def cells(self) -> list[str]:
        figures = [self.ours, self.rust, self.lto, self.to_rust, self.to_lto]
        texts = [significant(f.median) if f else "" for f in figures]
        alternatives = [significant(f.median) if f else "" for f in (self.libsignal, self.stored)]
        return [self.label, *texts, self.aim, self.met, *alternatives, " ".join(self.notes)]


def judged(ratios: list[Optional[Figure]], aim: float) -> str:
    """Whether the worst of the ratios is within the aim."""
    measured = [r.median for r in ratios if r]
    if not aim or not measured:
        return ""
    return "✓" if max(measured) <= aim else "✗"


def row(results: Results, task: Task) -> Row:
    theirs = task.theirs or task.name

    def micros(source: str, name: str) -> Optional[Figure]:
        return figure(results, (source, name, "ns/op", US * task.devices)) if name else None

    ratios = [ratio(results, ("ours", task.name), (source, theirs)) for source in ("rust", "lto")]
    return Row(
        task.label,
        micros("ours", task.name),
        micros("rust", theirs),
        micros("lto", theirs),
        *ratios,
        f"≤ {significant(task.aim)}" if task.aim else "",
        judged(ratios, task.aim),
        micros("libsignal", task.libsignal.format("pointers")),
        micros("libsignal", task.libsignal.format("serialized")),
        task.notes,
    )


def two_calls(results: Results) -> Row:
    label, one, two = TWO_CALLS
    ours, rust, lto = (ratio(results, (source, one), (source, two)) for source in ("ours", "rust", "lto"))
    met = "" if not ours else "✓" if ours.median >= TWO_CALLS_AIM else "✗"
    return Row(label, ours, rust, lto, None, None, f"≥ {significant(TWO_CALLS_AIM)}", met, None, None, TWO_CALLS_NOTES)


def rows(results: Results) -> Iterator[Row]:
    for task in TASKS:
        yield row(results, task)
    yield two_calls(results)


def unmeasured(results: Results, *sources: str) -> list[str]:
    """The benchmarks that one of these programs did not print."""
    missing = set()
    for source in sources:
        tasks = (task.name if source == "ours" else task.theirs or task.name for task in TASKS)
        missing |= {f"{source}: {name}" for name in (*tasks, *TWO_CALLS[1:]) if not results.rounds(source, name)}
    return sorted(missing)


def text(results: Results, facts: list[str]) -> str:
    lines = [list(HEADS), *(row.cells() for row in rows(results))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADS))]
    table = []
    for line in lines:
        columns = enumerate(zip(line, widths))
        table.append("  ".join(cell.ljust(w) if i in LEFT else cell.rjust(w) for i, (cell, w) in columns).rstrip())
    return "\n".join([*facts, "", *table, "", *(f"{letter}  {note}" for letter, note in NOTES.items())])


def page(results: Results) -> str:
    """A section of docs/benchmarks.md."""
    lines = ["## Beside other implementations", "", INTRODUCTION, "", "| " + " | ".join(HEADS) + " |"]
    lines.append("|" + "|".join("---" if i in LEFT else "--:" for i in range(len(HEADS))) + "|")
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows(results)]
    return "\n".join([*lines, "", *(f"* {letter}: {note}" for letter, note in NOTES.items()), "", BOUNDS])
