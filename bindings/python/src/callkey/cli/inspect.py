"""``callkey inspect``: a stanza, a Signal message or a plaintext, and its faults."""

from __future__ import annotations

import argparse
import json
import re
from typing import Any

import callkey

from . import message, peers, plaintext, source, stanza
from .exits import FAILED, OK, UsageError
from .page import Page, printable
from .view import View, Wrong

KINDS = ("stanza", "msg", "pkmsg", "plaintext")

_SHOWN = 16
"""Bytes of a content that are shown without --full."""
_NAME, _OFFSET, _SIZE = 20, 6, 5

_DESCRIPTION = """\
Shows a stanza (WhatsApp binary XML, flag byte first) as XML with the messages
in it, or a Signal message (msg or pkmsg) or a decrypted plaintext field by
field. It lists the faults that the library rejects, with their statuses, those
that a server or a peer would reject, and what other implementations make of a
whole <call> where they differ. Nothing is decrypted.

A plaintext contains the call key; its fingerprint is shown instead."""

_EPILOG = """\
exit status 1: it has a fault.

examples:
  callkey inspect offer.bin
  callkey inspect --as pkmsg enc.b64
  pbpaste | callkey inspect -
  callkey inspect --xml offer.bin"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "inspect",
        usage="callkey inspect [options] FILE",
        help="show a stanza or message field by field, with its faults",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("file", metavar="FILE", help="the file to show; - is standard input")
    parser.add_argument("--as", dest="kind", choices=KINDS, help="its kind (default: detected)")
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the file (default: detected)")
    parser.add_argument("--enc-version", type=int, choices=(2, 3), default=2, help="v of the plaintext's enc")
    parser.add_argument("--full", action="store_true", help="show byte contents in full")
    parser.add_argument("--xml", action="store_true", help="print only the XML of a stanza, in full")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--show-key", action="store_true", help="show the call key of a plaintext")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    read = source.read(arguments.file, arguments.read_as)
    try:
        kind = arguments.kind or _kind(read)
        if arguments.xml:
            if kind != "stanza":
                raise UsageError(f"--xml is for a stanza, but this is a {kind}")
            page.out.write(callkey.stanza_to_xml(read.data))
            return OK
        found = _stanza(page, read, arguments) if kind == "stanza" else _message(page, read, kind, arguments)
        return FAILED if found else OK
    finally:
        read.wipe()


def _kind(read: source.Source) -> str:
    """The kind, by the first bytes."""
    data = read.data
    second = data[1] if len(data) > 1 else -1
    if (data[0] < 16 and second in (0xF8, 0xF9, 0x78)) or data[0] in (0xF8, 0xF9):
        return "stanza"
    if data[0] >> 4 in (2, 3, 4) and second == 0x0A:  # field 1 of a msg is bytes, of a pkmsg a number
        return "msg"
    if data[0] >> 4 in (2, 3, 4) and second in (0x08, 0x12, 0x28):
        return "pkmsg"
    if data[0] == 0x52:  # field 10, bytes
        return "plaintext"
    raise UsageError(f"{read.name} (read as {read.form}) has an unknown start; name its kind with --as")


def _message(page: Page, read: source.Source, kind: str, arguments: argparse.Namespace) -> list[Wrong]:
    if kind == "plaintext":
        view = plaintext.read(read.data, arguments.enc_version, arguments.show_key)
    else:
        view = message.read(kind, read.data)
    if arguments.json:
        _json(page, {"kind": kind, "bytes": len(read.data), "read_as": read.form, **_fields(view)})
        return view.faults
    _origin(page, kind, read)
    page.line()
    _table(page, view, arguments.full or arguments.show_key)
    _verdict(
        page, view.faults, "parses" if kind == "plaintext" else "parses; only its session can tell if it is authentic"
    )
    return view.faults


def _stanza(page: Page, read: source.Source, arguments: argparse.Namespace) -> list[Wrong]:
    try:
        xml = callkey.stanza_to_xml(read.data)
    except callkey.CallKeyError as problem:
        text = str(problem)
        if read.data[0] in (0xF8, 0xF9):
            text += "; it looks like binary XML without its flag byte (00)"
        wrong = [Wrong(text, problem.name)]
        if arguments.json:
            _json(page, {"kind": "stanza", "bytes": len(read.data), "read_as": read.form, "wrong": _wrong(wrong)})
        else:
            _origin(page, "stanza", read)
            _verdict(page, wrong, "")
        return wrong
    found = stanza.read(read.data, xml)
    views = [_view(enc) for enc in found.encs]
    faults = found.wrong + [fault for view in views if view for fault in view.faults]
    if arguments.json:
        _json(page, _stanza_json(read, xml, found, views))
        return faults
    _origin(page, "stanza, compressed" if read.data[0] & 2 else "stanza", read)
    page.line()
    for line in xml.splitlines():
        _xml_line(page, line, arguments.full)
    _about(page, found)
    for enc, view in zip(found.encs, views):
        page.line()
        name = "enc" if enc.jid is None else f"enc for {enc.jid}"
        about = f", v={enc.version or '?'}, {view.title if view else enc.type or 'no type'}"
        page.line(page.style(name, "bold", "cyan") + page.style(about, "dim"))
        if view is not None:
            _table(page, view, arguments.full)
    _verdict(page, faults, "no fault; only their sessions can tell if the ciphertexts are authentic")
    _readings(page, found.elsewhere)
    return faults


def _view(enc: stanza.Enc) -> View | None:
    return (
        None if enc.ciphertext is None or enc.type not in ("msg", "pkmsg") else message.read(enc.type, enc.ciphertext)
    )


def _origin(page: Page, kind: str, read: source.Source) -> None:
    page.line(page.style(kind, "bold") + page.style(f" · {printable(read.told)}", "dim"))


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


def _table(page: Page, view: View, full: bool) -> None:
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


def _verdict(page: Page, faults: list[Wrong], good: str) -> None:
    page.line()
    if not faults:
        page.finding(True, good)
    for fault in faults:
        status = f" ({fault.status})" if fault.status else ""
        page.finding(False, fault.text + status)


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


def _json(page: Page, value: Any) -> None:
    page.out.write(json.dumps(value, indent=2) + "\n")


def _wrong(faults: list[Wrong]) -> list[dict[str, str]]:
    return [{"text": fault.text, "status": fault.status} for fault in faults]


def _fields(view: View) -> dict[str, Any]:
    rows = [
        {
            "offset": row.offset,
            "bytes": row.size,
            "depth": row.depth,
            "field": row.name,
            "value": row.value,
            **({"wrong": _wrong([row.wrong])[0]} if row.wrong else {}),
        }
        for row in view.rows
    ]
    return {"fields": rows, "wrong": _wrong(view.faults)}


def _stanza_json(read: source.Source, xml: str, found: stanza.Stanza, views: list[View | None]) -> dict[str, Any]:
    encs = [
        {
            "jid": enc.jid,
            "type": enc.type,
            "version": enc.version,
            "status": enc.status or "CALLKEY_OK",
            **(_fields(view) if view else {}),
        }
        for enc, view in zip(found.encs, views)
    ]
    info = found.info
    about = {} if info is None else {"call_id": info.call_id, "call_creator": info.call_creator, "sender": info.sender}
    return {
        "kind": "stanza",
        "bytes": len(read.data),
        "read_as": read.form,
        **about,
        "xml": xml,
        "encs": encs,
        "wrong": _wrong(found.wrong),
        "peers": [{"peer": reading.peer, "text": reading.text} for reading in found.elsewhere],
    }
