"""One stanza on a page, and as JSON: its XML, its messages and their faults."""

from __future__ import annotations

import re
from typing import Any

import callkey

from . import message, peers, stanza, viewpage
from .page import Page, printable
from .view import View, Wrong

_SHOWN = 16
"""Bytes of a content that are shown without --full."""


_NOT_OF_CALL = "not of a call, so it is not judged"
_ROOTS = ("call", "destination", "enc", *stanza.ACTIONS)


class Inspected:
    """A stanza and everything that was found in it.

    logged: it is one of a log, which has others than those of calls: they are shown and not judged.
    """

    def __init__(self, wire: bytes | bytearray, *, logged: bool = False) -> None:
        self._bytes = len(wire)
        self._views: list[View | None] = []
        self._found: stanza.Stanza | None = None
        self.faults: list[Wrong] = []
        self.of_call = True
        self.kind = "stanza, compressed" if wire[0] & 2 else "stanza"
        try:
            self.xml = callkey.stanza_to_xml(wire)
        except callkey.CallKeyError as problem:
            text = str(problem)
            if wire[0] in (0xF8, 0xF9):
                text += "; it looks like binary XML without its flag byte (00)"
            self.xml, self.kind = "", "stanza"
            self.faults = [Wrong(text, problem.name)]
            return
        if logged and self.xml[1:].split(maxsplit=1)[0].strip("/>") not in _ROOTS:
            self.of_call = False
            return
        self._found = stanza.read(wire, self.xml)
        self._views = [_view(enc) for enc in self._found.encs]
        self.faults = self._found.wrong + [fault for view in self._views if view for fault in view.faults]

    def show(self, page: Page, full: bool) -> None:
        if self.xml:
            page.line()
        for line in self.xml.splitlines():
            _xml_line(page, line, full)
        found = self._found
        if found is None:
            viewpage.verdict(page, self.faults, _NOT_OF_CALL)
            return
        _about(page, found)
        for enc, view in zip(found.encs, self._views):
            page.line()
            name = "enc" if enc.jid is None else f"enc for {enc.jid}"
            about = f", v={enc.version or '?'}, {view.title if view else enc.type or 'no type'}"
            page.line(page.style(name, "bold", "cyan") + page.style(about, "dim"))
            if view is not None:
                viewpage.table(page, view, full)
        viewpage.verdict(page, self.faults, "no fault; only their sessions can tell if the ciphertexts are authentic")
        _readings(page, found.elsewhere)

    def told(self) -> dict[str, Any]:
        """For JSON."""
        told: dict[str, Any] = {"kind": "stanza", "bytes": self._bytes}
        found = self._found
        if found is None:
            return {**told, **({"xml": self.xml} if self.xml else {}), "wrong": viewpage.faults(self.faults)}
        encs = [
            {
                "jid": enc.jid,
                "type": enc.type,
                "version": enc.version,
                "status": enc.status or "CALLKEY_OK",
                **(viewpage.fields(view) if view else {}),
            }
            for enc, view in zip(found.encs, self._views)
        ]
        if found.info is not None:
            info = found.info
            told.update(call_id=info.call_id, call_creator=info.call_creator, sender=info.sender)
        return {
            **told,
            "xml": self.xml,
            "encs": encs,
            "wrong": viewpage.faults(found.wrong),
            "peers": [{"peer": reading.peer, "text": reading.text} for reading in found.elsewhere],
        }


def _view(enc: stanza.Enc) -> View | None:
    return (
        None if enc.ciphertext is None or enc.type not in ("msg", "pkmsg") else message.read(enc.type, enc.ciphertext)
    )


def _about(page: Page, found: stanza.Stanza) -> None:
    info = found.info
    if info is None or info.kind is callkey.StanzaKind.NONE:
        return
    kinds = [name for name in ("video", "group", "accept") if getattr(info, name)]
    rows = {
        "call id": printable(info.call_id),
        "call creator": printable(info.call_creator),
        "from": printable(info.from_),
        "sender": printable(info.sender),
        "keygen": str(info.keygen) if info.keygen else "",
        "transaction": str(info.transaction_id) if info.transaction_id else "",
        "kind": ", ".join(kinds),
    }
    page.line()
    for name, value in rows.items():
        if value:
            page.columns([(page.style(name, "dim"), 12), (value, 0)])


def _readings(page: Page, readings: list[peers.Reading]) -> None:
    if readings:
        page.line()
        page.line(page.style("other implementations", "bold"))
    for reading in readings:
        page.paragraph(f"{reading.peer} {printable(reading.text)}", indent=2, hang=2)


def _xml_line(page: Page, line: str, full: bool) -> None:
    """One line of a stanza, with attributes wrapped at the edge and long content cut."""
    margin = line[: len(line) - len(line.lstrip())]
    found = re.fullmatch(r"(<[/?]?[\w.-]+)(.*?)(/?>)(?:([^<]*)(</[\w.-]+>))?", line.strip())
    if found is None:
        page.line(line)
        return
    name, attributes, end, content, close = found.groups()
    used, out = len(margin) + len(name), margin + page.style(name, "blue")
    for key, value in re.findall(r'([\w.-]+)="([^"]*)"', attributes):
        size = len(key) + len(value) + 4
        if used + size + len(end) > page.width and used > len(margin) + len(name):
            page.line(out)
            used, out = len(margin) + len(name), margin + " " * len(name)
        out += f" {page.style(key, 'cyan')}={page.style(chr(34) + value + chr(34), 'green')}"
        used += size
    out += page.style(end, "blue")
    if content is None:
        page.line(out)
        return
    shown = content
    if not full and len(content) > 2 * _SHOWN and re.fullmatch("(?:[0-9a-f]{2})+", content):
        shown = f"{content[: 2 * _SHOWN]}… {len(content) // 2} bytes"
    if used + len(end) + len(shown) + len(close) <= page.width:
        page.line(out + page.style(shown, "yellow") + page.style(close, "blue"))
        return
    page.line(out)
    page.line(margin + "  " + page.style(shown, "yellow"))
    page.line(margin + page.style(close, "blue"))
