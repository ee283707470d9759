"""``callkey tree``: the key schedule as a picture, in the terminal and as SVG."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import replace
from pathlib import Path

import callkey

from . import svg
from .exits import OK, UsageError
from .page import Page, printable
from .schedule import KEY, PUBLIC, SECRET, STEP, Node, schedule

_SIZE = len("20 bytes")
_STYLES = {SECRET: ("yellow", "bold"), STEP: (), KEY: ("green", "bold"), PUBLIC: ("blue", "bold")}

_DESCRIPTION = """\
Shows what is derived from what, and how: from the call key and what stands
beside it to every key that media is protected with. No key goes in or out."""

_EPILOG = """\
examples:
  callkey tree
  callkey tree --participant 222222222222222@lid
  callkey tree --svg keys.svg
  callkey tree --ascii --width 60"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "tree",
        usage="callkey tree [options]",
        help="draw the key schedule in the terminal or as SVG",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("--participant", metavar="JID", help="write this participant's id into the picture")
    parser.add_argument("--svg", metavar="FILE", help="write an SVG file; - is standard output")
    parser.add_argument("--ascii", action="store_true", help="draw without Unicode")
    parser.add_argument("--width", metavar="N", type=_width, help="columns (default: the terminal's)")
    parser.set_defaults(run=run)


def _width(text: str) -> int:
    if not text.isdecimal() or not 40 <= int(text) <= 400:
        raise argparse.ArgumentTypeError("from 40 to 400 columns")
    return int(text)


def run(arguments: argparse.Namespace, page: Page) -> int:
    jid = arguments.participant
    trees = schedule() if jid is None else schedule(printable(callkey.participant_id(jid)))
    if arguments.svg is None:
        for number, node in enumerate(trees):
            if number:
                page.line()
            _draw(page, node, "", "")
        return OK
    picture = svg.draw(trees, "From the call key to the media keys", _SUBTITLE)
    if arguments.svg == "-":
        page.out.flush()
        page.out.buffer.write(picture.encode())
        return OK
    try:
        Path(arguments.svg).write_text(picture, encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"can't write {arguments.svg}: {problem.strerror}") from None
    return OK


_SUBTITLE = "A stream's keys come from the id of the device that sends it: the device that answered, not another one."


def _draw(page: Page, node: Node, first: str, rest: str, width: int = 0) -> None:
    """Draws one node after ``first``, and its children after ``rest``: the branches so far. ``width`` aligns
    siblings."""
    name = f"[{node.name}]" if node.kind == STEP else node.name
    size = f"  {node.size:<{_SIZE if width else 0}}" if node.size else ""
    notes = "  " + ", ".join(node.notes) if len(node.notes) == 1 else ""
    fits = len(first) + max(width, len(name)) + len(size) + len(notes) <= page.width
    if len(first) + max(width, len(name)) + len(size) > page.width:
        notes, size, node = "", "", replace(node, notes=(node.size, *node.notes))
    padding = " " * (width - len(name))
    head = page.style(name, *_STYLES[node.kind]) + padding + page.style(size + (notes if fits else ""), "dim")
    page.line(page.style(first, "dim") + head)
    below = rest + ("│  " if node.children else "   ")
    if not (notes and fits):
        for note in node.notes:
            lines = textwrap.wrap(note, max(20, page.width - len(below) - 2), break_on_hyphens=False)
            for number, line in enumerate(lines):
                page.line(page.style(below + ("  " if number else "") + line, "dim"))
    if node.children and len(node.notes) > 1:
        page.line(page.style(rest + "│", "dim"))
    leaves = all(not child.children for child in node.children)
    width = max((len(child.name) for child in node.children), default=0) if leaves else 0
    for number, child in enumerate(node.children):
        if number and not leaves:
            page.line(page.style(rest + "│", "dim"))
        last = number == len(node.children) - 1
        _draw(page, child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), width)
