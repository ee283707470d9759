"""The results of run.py as one table.

They are in a folder with one file per source in the format of Go's benchmarks (runtime, portable, libsignal, cores, c),
each with several rounds. A figure is the median of its rounds; its spread is half the distance between the quartiles.
"""

import re
import statistics
from dataclasses import dataclass
from pathlib import Path

from bench.subjects import INTRODUCTION, PROFILE, SUBJECTS

MOST_COLUMNS = max(len(subject.columns) for subject in SUBJECTS)

RESULT = re.compile(r"^Benchmark(?P<name>\S+)\s+\d+\s+(?P<values>.*)$")


class Results:
    """The values of every round, by source, benchmark and unit."""

    def __init__(self, folder):
        self.values = {}
        for path in sorted(Path(folder).iterdir()):
            for line in path.read_text().splitlines():
                found = RESULT.match(line)
                if found:
                    fields = found["values"].split()
                    for value, unit in zip(fields[::2], fields[1::2]):
                        key = (path.name, found["name"], unit)
                        self.values.setdefault(key, []).append(float(value))

    def rounds(self, source, name, unit="ns/op"):
        return self.values.get((source, name, unit), [])


@dataclass
class Figure:
    median: float
    spread: float  # of the median; 0 when there was one round

    @classmethod
    def of(cls, rounds):
        if not rounds:
            return None
        median = statistics.median(rounds)
        if len(rounds) < 2 or median == 0:
            return cls(median, 0.0)
        low, _, high = statistics.quantiles(rounds, n=4, method="inclusive")
        return cls(median, (high - low) / 2 / median)

    def __str__(self):
        number = significant(self.median)
        percent = round(self.spread * 100)
        return f"{number} ±{percent}%" if self.spread else number


def significant(x):
    """x with three significant digits, and no exponent."""
    if x == 0:
        return "0"
    digits = 3
    while abs(x) >= 10**digits:
        digits += 1
    text = f"{x:.{digits}g}"
    return text if "e" not in text else f"{x:.6f}"


def figure(results, cell):
    """cell is (source, name, unit, divisor), or ("ratio", slow, fast) of two (source, name)."""
    if cell[0] == "ratio":
        return ratio(results, *cell[1:])
    source, name, unit, divisor = cell
    return Figure.of([value / divisor for value in results.rounds(source, name, unit)])


def ratio(results, slow, fast):
    """How many times faster the second is, round by round: both ran in the same minute."""
    pairs = zip(results.rounds(*slow), results.rounds(*fast))
    return Figure.of([a / b for a, b in pairs])


def cells(results, subject, row):
    return {c: figure(results, row.cells[c]) if c in row.cells else None for c in subject.columns}


def target(row):
    texts = []
    for t in row.targets:
        sign = "≥" if t.at_least else "≤"
        texts.append(f"{sign} {significant(t.limit)}" + (f" {t.name}" if t.name else ""))
    return ", ".join(texts)


def verdict(results, row, figures):
    """Met only if every figure of a target exists and is within it. If the machine itself is too slow for a
    target, the result says so, and it is neither met nor missed."""
    missed, judged, unmeasured = [], 0, False
    for t in row.targets:
        measured = [figures[c].median for c in t.columns if figures.get(c) is not None]
        if not measured:
            unmeasured = True
            continue
        judged += 1
        worst = min(measured) if t.at_least else max(measured)
        off = (t.limit - worst if t.at_least else worst - t.limit) / t.limit
        most = figure(results, t.most) if t.most else None
        if off > 0 and most is not None and most.median < t.limit:
            return f"? the machine gives {significant(most.median)}"
        if off > 0:
            missed.append(off)
    if missed:
        return f"✗ missed by {max(1, round(max(missed) * 100))}%"
    if unmeasured:
        return "not measured"
    return "✓ met" if judged else ""


def rows_of(results, subject):
    for row in subject.rows:
        figures = cells(results, subject, row)
        texts = [str(figures[c]) if figures[c] else "" for c in subject.columns]
        yield [row.label, *texts, target(row), verdict(results, row, figures)]


def text_table(results):
    """Each column is as wide as its widest text in all parts, so that it is one table."""
    lines = []  # of cells; a line of one cell is a title and has no say in the widths
    for subject in SUBJECTS:
        headings = list(subject.columns.values())
        empty = [""] * (MOST_COLUMNS - len(headings))
        lines += [[""], [f"{subject.title}, {subject.unit}"], ["", *headings, *empty, "target", ""]]
        for label, *figures, goal, met in rows_of(results, subject):
            lines.append([label, *figures, *empty, goal, met])
    widths = [max(len(line[i]) for line in lines if len(line) > 1) for i in range(MOST_COLUMNS + 3)]
    texts = []
    for line in lines:
        if len(line) == 1:
            texts.append(line[0])
            continue
        padded = [line[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(line[1:-2], widths[1:-2])]
        padded += [cell.ljust(width) for cell, width in zip(line[-2:], widths[-2:])]
        texts.append("  " + "  ".join(padded).rstrip())
    return texts


def markdown_table(results, subject):
    heads = ["", *subject.columns.values(), "target", ""]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "--:|" * len(subject.columns) + "---|---|"]
    for row in rows_of(results, subject):
        lines.append("| " + " | ".join(row) + " |")
    return lines


def text(results, facts):
    return "\n".join(facts + text_table(results))


def page(results, facts, profile):
    """docs/benchmarks.md."""
    lines = ["# Benchmarks", "", INTRODUCTION]
    for fact in facts:
        name, _, value = fact.partition(": ")
        lines.append(f"* {name}: {value}")
    for subject in SUBJECTS:
        lines += ["", f"## {subject.title}, {subject.unit}", "", *markdown_table(results, subject)]
        if subject.bound:
            lines += ["", subject.bound]
    lines += ["", "## A profile of the fan-out", "", PROFILE, "", "```", *profile.rstrip().splitlines(), "```"]
    return "\n".join(lines)
