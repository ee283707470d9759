"""A change of the tree as text: the edits that a developer would make by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.script import Failed


@dataclass(frozen=True)
class Edit:
    """One place: ``new`` is written behind the text ``after``, before ``before``, in the place of ``old``, or is a
    whole new file. Each anchor occurs in its file exactly once.
    """

    path: str
    new: str
    after: str = ""
    before: str = ""
    old: str = ""
    # The change itself, in the header: without it there is nothing to miss.
    source: bool = False

    def apply(self, root: Path) -> None:
        file = root / self.path
        anchor = self.after or self.before or self.old
        if not anchor:
            if file.exists():
                raise Failed(f"{self.path}: is there already")
            file.write_text(self.new)
            return
        text = file.read_text()
        if text.count(anchor) != 1:
            raise Failed(f"{self.path}: the anchor stands there {text.count(anchor)} times:\n{anchor}")
        if self.after:
            new = anchor + self.new
        elif self.before:
            new = self.new + anchor
        else:
            new = self.new
        file.write_text(text.replace(anchor, new))


@dataclass(frozen=True)
class Change:
    """A change with all its edits, the most files that it may touch, and the tests that it must pass."""

    name: str
    what: str
    limit: int
    edits: tuple[Edit, ...]
    tests: tuple[tuple[str, ...], ...]
    # The edits to omit together: one edit, or all edits of a file if only its tests would miss one of them.
    whole_files: bool = False
    # Whether the header declares it, so that a place that is left out can be told without running a test.
    declared: bool = True

    def omissions(self) -> list[tuple[Edit, ...]]:
        """The edits that a developer may forget. All of them are checked against the header."""
        edits = [edit for edit in self.edits if not edit.source]
        if not self.whole_files:
            return [(edit,) for edit in edits]
        paths = dict.fromkeys(edit.path for edit in edits)
        return [tuple(edit for edit in edits if edit.path == path) for path in paths]
