"""The table of CONTRIBUTING.md."""

from __future__ import annotations

from dataclasses import dataclass

from tools.cost.change import Change
from tools.script import ROOT, Failed

_PAGE = ROOT / "CONTRIBUTING.md"
_BEGIN = "<!-- python3 -m tools.cost --write -->\n"
_END = "<!-- end -->\n"


@dataclass(frozen=True)
class Row:
    change: Change
    files: int
    hunks: int


def _table(rows: list[Row]) -> str:
    lines = ["| change | files by hand | places in them | at most |", "|---|---|---|---|"]
    lines += [f"| {row.change.what} | {row.files} | {row.hunks} | {row.change.limit} files |" for row in rows]
    return "\n".join(lines) + "\n"


def _parts() -> tuple[str, str, str]:
    before, begin, rest = _PAGE.read_text().partition(_BEGIN)
    table, end, after = rest.partition(_END)
    if not begin or not end:
        raise Failed(f"{_PAGE.name} has no place for the table")
    return before + begin, table, end + after


def write(rows: list[Row]) -> None:
    before, _, after = _parts()
    _PAGE.write_text(before + _table(rows) + after)


def check(rows: list[Row]) -> None:
    """Whether the page has the measured numbers."""
    if _parts()[1] != _table(rows):
        raise Failed(f"{_PAGE.name} has other figures: python3 -m tools.cost --write")
