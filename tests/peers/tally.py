"""Counts what a peer and we make equal, by subject. A difference prints its inputs and fails the run.

A difference by design is declared by its name, which stands in bold as the first cell of a row in "Disputed points" of
docs/protocol.md. Once it is gone the run fails too, so that the row goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tools.script import ROOT, expect

PAGE = ROOT / "docs" / "protocol.md"
SHOWN = 3  # differences of one subject that are printed


def by_design() -> set[str]:
    """The names of the differences in docs/protocol.md."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## 10. ")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| \*\*(.+?)\*\* \|", section, re.MULTILINE))


@dataclass
class Row:
    """One subject: n of m equal, and the names of the differences by design among the rest."""

    equal: int = 0
    of: int = 0
    wrong: int = 0
    differences: dict[str, int] = field(default_factory=dict)


class Tally:
    """The rows of one peer, by subject, in the order of their first comparison."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self.rows: dict[str, Row] = {}
        self._declared = by_design()

    def equal(self, what: str, ours: object, theirs: object, **inputs: object) -> bool:
        """Counts a comparison, and returns whether it held."""
        row = self.rows.setdefault(what, Row())
        row.of += 1
        if ours == theirs:
            row.equal += 1
            return True
        self._wrong(what, row, "differs", ours, theirs, inputs)
        return False

    def differs(self, what: str, name: str, ours: object, theirs: object, **inputs: object) -> bool:
        """Counts a difference by design, which must be there."""
        expect(name in self._declared, f"{self.peer}: no row of docs/protocol.md, section 10, is named {name!r}")
        row = self.rows.setdefault(what, Row())
        row.of += 1
        row.differences[name] = row.differences.get(name, 0) + 1
        if ours != theirs:
            return True
        self._wrong(what, row, f"no longer differs: {name}", ours, theirs, inputs)
        return False

    def _wrong(self, what: str, row: Row, wrong: str, ours: object, theirs: object, inputs: dict[str, Any]) -> None:
        row.wrong += 1
        if row.wrong <= SHOWN:
            print(f"FAIL {self.peer}: {what}: {wrong}\n  ours:   {text(ours)}\n  theirs: {text(theirs)}")
            for name, value in inputs.items():
                print(f"  {name}: {text(value)}", flush=True)

    @property
    def failed(self) -> bool:
        return not self.rows or any(row.wrong for row in self.rows.values())

    def lines(self, version: str) -> Iterable[str]:
        """The rows of the table in docs/interop.md."""
        for what, row in self.rows.items():
            design = "; ".join(f"{n}: {name}" for name, n in row.differences.items())
            yield f"| {self.peer} | {version} | {what} | {row.equal} of {row.of} | {design} |"


def text(value: object) -> str:
    """A value in a message: bytes in hexadecimal."""
    return bytes(value).hex() if isinstance(value, (bytes, bytearray)) else str(value)
