"""The findings of inspect on a page, and as JSON."""

from __future__ import annotations

import re
from typing import Any

from .page import Page
from .view import View, Wrong

_NAME, _OFFSET, _SIZE = 20, 6, 5


def table(page: Page, view: View, full: bool) -> None:
    heads = [("offset", _OFFSET), ("bytes", _SIZE), ("field", _NAME), ("value", 0)]
    page.columns([(page.style(text, "dim"), width) for text, width in heads], indent=2)
    room = page.width - 2 - _OFFSET - _SIZE - _NAME - 3
    for row in view.rows:
        value = row.value if full else _cut(row.value, room)
        name = "  " * row.depth + row.name
        style = ["red"] if row.wrong else []
        cells = [(f"{row.offset:>{_OFFSET}}", _OFFSET), (f"{row.size:>{_SIZE}}", _SIZE)]
        cells += [(page.style(name, "bold", *style), _NAME), (page.style(value, *style), 0)]
        page.columns(cells, indent=2)
        if row.wrong:
            page.finding(False, row.wrong.text, indent=2 + _OFFSET + _SIZE + 2)


def _cut(value: str, room: int) -> str:
    """Hex digits, with or without a type byte, cut to the width at a whole byte; other values unchanged."""
    found = re.fullmatch(r"((?:[0-9a-f]{2} )?)((?:[0-9a-f]{2}){9,})", value)
    if found is None or len(value) <= room:
        return value
    return found.group(1) + found.group(2)[: (room - len(found.group(1)) - 1) // 2 * 2] + "…"


def verdict(page: Page, wrong: list[Wrong], good: str) -> None:
    page.line()
    if not wrong:
        page.finding(True, good)
    for fault in wrong:
        status = f" ({fault.status})" if fault.status else ""
        page.finding(False, fault.text + status)


def faults(wrong: list[Wrong]) -> list[dict[str, str]]:
    return [{"text": fault.text, "status": fault.status} for fault in wrong]


def fields(view: View) -> dict[str, Any]:
    rows = [
        {
            "offset": row.offset,
            "bytes": row.size,
            "depth": row.depth,
            "field": row.name,
            "value": row.value,
            **({"wrong": faults([row.wrong])[0]} if row.wrong else {}),
        }
        for row in view.rows
    ]
    return {"fields": rows, "wrong": faults(view.faults)}
