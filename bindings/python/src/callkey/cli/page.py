"""The command's output: a terminal with colours and a width, or a plain file."""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from collections.abc import Sequence
from typing import TextIO

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
_ESCAPE = re.compile("\x1b\\[[0-9;]*m")
_PLAIN = str.maketrans("✓✗─│├└·…‖→≥–§", "+X-|+`-~|>>-S")
"""What stands for a sign where the output can't show it: as wide as the sign, so that columns stay."""

MOST_COLUMNS = 110


class Page:
    """Writes text to one stream. ``ascii`` and ``width`` override the stream's abilities."""

    def __init__(self, out: TextIO, *, ascii: bool = False, width: int | None = None) -> None:
        self.out = out
        terminal = out.isatty()
        self.colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        columns = shutil.get_terminal_size().columns if terminal else 80
        self.width = width or max(40, min(columns, MOST_COLUMNS))
        self.unicode = not ascii and _shows("✓├…", out.encoding)

    def style(self, text: str, *styles: str) -> str:
        if not self.colours or not styles or not text:
            return text
        return f"\x1b[{';'.join(_STYLES[s] for s in styles)}m{text}\x1b[0m"

    def mark(self, good: bool) -> str:
        return self.style("✓", "green", "bold") if good else self.style("✗", "red", "bold")

    def line(self, text: str = "") -> None:
        if not self.unicode:
            text = text.translate(_PLAIN)
        self.out.write(text.rstrip() + "\n")

    def pad(self, text: str, width: int) -> str:
        """``text`` and spaces up to ``width`` visible columns, not counting the escapes."""
        return text + " " * (width - len(_ESCAPE.sub("", text)))

    def columns(self, cells: Sequence[tuple[str, int]], indent: int = 0) -> None:
        self.line(" " * indent + " ".join(self.pad(text, width) for text, width in cells))

    def paragraph(self, text: str, *styles: str, indent: int = 0, hang: int = 0) -> None:
        """Text wrapped at the edge; from the second line on indented by ``hang`` more columns."""
        lines = textwrap.wrap(text, max(20, self.width - indent - hang), break_on_hyphens=False) or [""]
        for number, line in enumerate(lines):
            self.line(" " * (indent + (hang if number else 0)) + self.style(line, *styles))

    def finding(self, good: bool, text: str, indent: int = 0) -> None:
        """A sentence after its mark, wrapped at the edge."""
        lines = textwrap.wrap(text, max(20, self.width - indent - 2), break_on_hyphens=False) or [""]
        self.line(" " * indent + self.mark(good) + " " + lines[0])
        for line in lines[1:]:
            self.line(" " * (indent + 2) + line)


def printable(text: str) -> str:
    """A peer's text, safe on a terminal: what does not print becomes \\xNN of its UTF-8 bytes."""
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in text.replace("\\", "\\\\"))


def _escaped(sign: str) -> str:
    # Python has a byte of a file's name that is not UTF-8 as one surrogate; JSON may have any.
    errors = "surrogateescape" if "\udc80" <= sign <= "\udcff" else "surrogatepass"
    return "".join(f"\\x{byte:02x}" for byte in sign.encode("utf-8", errors))


def _shows(signs: str, encoding: str | None) -> bool:
    try:
        signs.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
