"""``callkey inspect``: a stanza, a Signal message or a plaintext, and its faults."""

from __future__ import annotations

import argparse
import json

import callkey

from . import message, plaintext, source, viewpage
from .exits import FAILED, OK, UsageError
from .page import Page, printable
from .stanzapage import Inspected
from .view import Wrong

KINDS = ("stanza", "msg", "pkmsg", "plaintext")

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
        _json(page, {"kind": kind, "bytes": len(read.data), "read_as": read.form, **viewpage.fields(view)})
        return view.faults
    _origin(page, kind, read)
    page.line()
    viewpage.table(page, view, arguments.full or arguments.show_key)
    viewpage.verdict(
        page, view.faults, "parses" if kind == "plaintext" else "parses; only its session can tell if it is authentic"
    )
    return view.faults


def _stanza(page: Page, read: source.Source, arguments: argparse.Namespace) -> list[Wrong]:
    found = Inspected(read.data)
    if arguments.json:
        _json(page, {**found.told(), "read_as": read.form})
    else:
        _origin(page, found.kind, read)
        found.show(page, arguments.full)
    return found.faults


def _origin(page: Page, kind: str, read: source.Source) -> None:
    page.line(page.style(kind, "bold") + page.style(f" · {printable(read.told)}", "dim"))


def _json(page: Page, value: object) -> None:
    page.out.write(json.dumps(value, indent=2) + "\n")
