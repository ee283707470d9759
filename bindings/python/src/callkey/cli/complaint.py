"""What the command says on standard error: its errors and warnings."""

from __future__ import annotations

import sys

from .page import Page, printable


def error(text: str, listing: tuple[str, ...] = ()) -> None:
    """The text in one line, and the lines of a list below it."""
    _tell("error", "red", text, listing)


def warn(text: str) -> None:
    _tell("warning", "yellow", text, ())


def _tell(kind: str, colour: str, text: str, listing: tuple[str, ...]) -> None:
    if sys.stderr is None:
        return
    if sys.stdout is not None:
        sys.stdout.flush()
    page = Page(sys.stderr)
    page.line(f"callkey: {page.style(kind, colour, 'bold')}: {printable(text)}")
    for line in listing:
        page.line(line)
