"""A log of stanzas on a page, one after the other, and their sum."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from . import viewpage
from .exits import FAILED, OK, UsageError
from .log import Entry
from .page import Page, printable
from .stanzapage import Inspected
from .view import Wrong

_MOST_NAMED = 12
"""Stanzas that the sum names by their index."""


def show(page: Page, entries: Iterable[Entry], *, full: bool) -> int:
    """Every stanza with its faults, and what the log has in all. Returns the exit status."""
    count, others = 0, 0
    faulty: list[int] = []
    unreadable: list[int] = []
    for entry in entries:
        count += 1
        if entry.index > 1:
            page.line()
        if entry.wrong:
            unreadable.append(entry.index)
            _head(page, entry, "")
            page.finding(False, entry.wrong)
            continue
        found = Inspected(entry.stanza, logged=True)
        _head(page, entry, f"{found.kind}, {len(entry.stanza)} bytes")
        found.show(page, full)
        others += not found.of_call
        if found.faults:
            faulty.append(entry.index)
    page.line()
    parts = [f"{count} stanza{'' if count == 1 else 's'}", *([f"{others} not of a call"] if others else [])]
    parts.append(_named(faulty, "with a fault"))
    parts += [_named(unreadable, "not read")] if unreadable else []
    page.line(page.style(", ".join(parts), "bold", "red" if faulty or unreadable else "green"))
    return FAILED if faulty or unreadable else OK


def write_json(page: Page, entries: Iterable[Entry]) -> int:
    """A line of JSON for each stanza."""
    status = OK
    for entry in entries:
        about: dict[str, Any] = {"index": entry.index, "place": entry.place}
        if entry.wrong:
            told, bad = {"wrong": viewpage.faults([Wrong(entry.wrong)])}, True
        else:
            found = Inspected(entry.stanza, logged=True)
            about.update(time=entry.time, direction=entry.direction)
            about["from"] = entry.sender
            told, bad = found.told(), bool(found.faults)
        status = FAILED if bad else status
        page.out.write(json.dumps({**about, **told}) + "\n")
    return status


def write_xml(page: Page, entries: Iterable[Entry]) -> int:
    """The XML of each stanza, below a comment with its place."""
    status = OK
    for entry in entries:
        found = None if entry.wrong else Inspected(entry.stanza, logged=True)
        wrong = entry.wrong if found is None else "" if found.xml else found.faults[0].text
        status = FAILED if wrong else status
        page.out.write(f"<!-- {entry.index}, {entry.place}{': ' if wrong else ''}{printable(wrong)} -->\n")
        page.out.write(found.xml if found else "")
    return status


def some(entries: Iterable[Entry], name: str) -> Iterable[Entry]:
    """The entries; raises UsageError at the end if there was none."""
    none = True
    for entry in entries:
        none = False
        yield entry
    if none:
        raise UsageError(f"{name} has no stanza")


def _head(page: Page, entry: Entry, kind: str) -> None:
    time = ""
    if entry.time is not None:
        time = datetime.fromtimestamp(entry.time, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
    sender = f"from {printable(entry.sender)}" if entry.sender else ""
    about = " · ".join(part for part in (entry.place, time, entry.direction, sender, kind) if part)
    page.line(page.style(f"{entry.index}", "bold", "cyan") + page.style(f" · {about}", "dim"))


def _named(indexes: list[int], what: str) -> str:
    shown = ", ".join(map(str, indexes[:_MOST_NAMED])) + (", …" if len(indexes) > _MOST_NAMED else "")
    return f"{len(indexes)} {what}" + (f" ({shown})" if shown else "")
