"""The demo's page: what a terminal gets and what a file gets."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from conftest import TREE


class Terminal(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        self.flush()
        self.seek(0)
        return self.read()


STANZA = """\
<offer call-id="0AB1C2D3E4F5061728394A5B6C7D8E9F" call-creator="111111111111111:3@lid">
  <enc v="2">{}</enc>
</offer>
"""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.syspath_prepend(str(TREE / "bindings" / "python" / "demo"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal()


def test_colours(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A terminal would be grey, or a log full of escapes.
    from page import Page

    assert "\x1b[" in Page(terminal).mark(True)
    with (tmp_path / "log").open("w") as log:
        assert Page(log).mark(True) == "✓"
    monkeypatch.setenv("NO_COLOR", "1")
    assert Page(terminal).mark(False) == "✗"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert Page(terminal).mark(False) == "✗"


def test_xml(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    # An offer would run over the edge, or a whole ciphertext would fill the screen.
    from page import Page

    monkeypatch.setenv("NO_COLOR", "1")
    Page(terminal).xml(STANZA.format("ab" * 178))
    assert terminal.shown().splitlines() == [
        '    <offer call-id="0AB1C2D3E4F5061728394A5B6C7D8E9F"',
        '           call-creator="111111111111111:3@lid">',
        '      <enc v="2">abababababababab… 178 bytes</enc>',
        "    </offer>",
    ]


def test_columns(terminal: Terminal) -> None:
    # Colours would push the columns apart.
    from page import Page

    page = Page(terminal)
    page.row([(page.mark(True), 4), (page.style("a", "red"), 6), ("b", 0)])
    page.colours = False
    page.row([(page.mark(True), 4), (page.style("a", "red"), 6), ("b", 0)])
    coloured, plain = terminal.shown().splitlines()
    assert plain == "    ✓    a      b"
    assert coloured != plain
    import re

    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain
