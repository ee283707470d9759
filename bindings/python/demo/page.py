"""The demo's output: a terminal with colours and a width, or a plain file."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TextIO

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_ESCAPE = re.compile("\x1b\\[[0-9;]*m")
_PLAIN = {"✓": "+", "✗": "X", "─": "-", "–": "-", "→": ">", "·": "-", "…": "~", "‖": "|"}
"""Replacements for signs that the output can't show, of the same width, so that columns stay."""
_INDENT = "  "
_SHOWN = 8
"""Number of ciphertext bytes shown: up to the first difference between two of one session."""


class Page:
    def __init__(self, out: TextIO | None = None) -> None:
        self.out = sys.stdout if out is None else out
        self.colours = self.out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.width = max(60, min(shutil.get_terminal_size().columns, 110)) if self.out.isatty() else 80
        try:
            "".join(_PLAIN).encode(self.out.encoding or "ascii")
            self.unicode = True
        except UnicodeEncodeError:
            self.unicode = False

    def style(self, text: str, *styles: str) -> str:
        if not self.colours or not styles:
            return text
        return f"\x1b[{';'.join(_STYLES[s] for s in styles)}m{text}\x1b[0m"

    def mark(self, good: bool) -> str:
        return self.style("✓", "green", "bold") if good else self.style("✗", "red", "bold")

    def line(self, text: str = "") -> None:
        if not self.unicode:
            for sign, plain in _PLAIN.items():
                text = text.replace(sign, plain)
        print(text.rstrip(), file=self.out, flush=True)

    def title(self, text: str, remark: str) -> None:
        self.line(self.style(text, "bold") + self.style(f" · {remark}", "dim"))

    def section(self, text: str, remark: str = "") -> None:
        """A rule across the page with a bold title and a dim remark."""
        used = 3 + len(text) + 1 + (len(remark) + 2 if remark else 0)
        rule = self.style("─" * max(3, self.width - used), "dim")
        tail = " " + self.style(remark, "dim") if remark else ""
        self.line()
        self.line(self.style("──", "dim") + " " + self.style(text, "bold", "cyan") + " " + rule + tail)

    def step(self, text: str, remark: str = "") -> None:
        self.line()
        self.line(_INDENT + self.style(text, "bold") + (self.style(f"  {remark}", "dim") if remark else ""))

    def paragraph(self, text: str) -> None:
        self.line()
        for line in textwrap.wrap(text, self.width - 4):
            self.line(_INDENT + self.style(line, "dim"))

    def row(self, cells: Sequence[tuple[str, int]], indent: int = 2) -> None:
        """Cells padded to their widths, which do not count escapes."""
        padded = [text + " " * (width - len(_ESCAPE.sub("", text))) for text, width in cells]
        self.line(_INDENT * indent + " ".join(padded))

    def xml(self, text: str) -> None:
        """A stanza in colours, its attributes wrapped at the page's edge, its byte contents shortened."""
        for line in text.splitlines():
            if line.strip():
                self._xml_line(line)

    def _xml_line(self, line: str) -> None:
        margin = _INDENT * 2 + line[: len(line) - len(line.lstrip())]
        found = re.match(r"(<[/?]?[\w-]+)(.*?)(/?>)(?:([^<]*)(</[\w-]+>))?$", line.strip())
        if found is None:
            self.line(margin + line.strip())
            return
        name, attributes, end, content, close = found.groups()
        used, out = len(margin) + len(name), margin + self.style(name, "blue")
        for key, value in re.findall(r'([\w-]+)="([^"]*)"', attributes):
            size = len(key) + len(value) + 4
            if used + size + len(end) > self.width:
                self.line(out)
                used, out = len(margin) + len(name), margin + " " * len(name)
            out += f" {self.style(key, 'cyan')}={self.style(chr(34) + value + chr(34), 'green')}"
            used += size
        out += self.style(end, "blue")
        if content is None:
            self.line(out)
            return
        shown, room = _shortened(content), self.width - used - len(end) - len(close)
        if len(shown) <= room:
            self.line(out + self.style(shown, "yellow") + self.style(close, "blue"))
        else:
            self.line(out)
            self.line(margin + _INDENT + self.style(shown, "yellow"))
            self.line(margin + self.style(close, "blue"))


def _shortened(digits: str) -> str:
    """Hex digits cut after the first bytes, with the number of bytes."""
    if len(digits) <= 2 * _SHOWN:
        return digits
    return f"{digits[: 2 * _SHOWN]}… {len(digits) // 2} bytes"
