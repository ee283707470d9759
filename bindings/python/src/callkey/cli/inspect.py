"""``callkey inspect``: a stanza, a Signal message, a plaintext or a log of stanzas, and the faults in it."""

from __future__ import annotations

import argparse
import io
import json
import os
from collections.abc import Iterable

import callkey

from . import log, logpage, message, plaintext, source, viewpage
from .exits import FAILED, OK, UsageError
from .page import Page, printable
from .stanzapage import Inspected
from .view import Wrong

KINDS = ("stanza", "msg", "pkmsg", "plaintext", "log")

_DESCRIPTION = """\
Shows a stanza (WhatsApp binary XML, flag byte first) as XML with the messages
in it, or a Signal message (msg or pkmsg) or a decrypted plaintext field by
field. It lists the faults that the library rejects, with their statuses, those
that a server or a peer would reject, and what other implementations make of a
whole <call> where they differ. Nothing is decrypted.

Of a log it shows one stanza after the other, also after a bad one. A log has
lines of hex or base64, lines of JSON, or frames.

A plaintext contains the call key; its fingerprint is shown instead."""

_EPILOG = """\
A line of a log is "[TIME] [in|out] [SENDER] STANZA", or JSON with "stanza" and,
if known, "time", "direction" and "from". A frame is a stanza after its length,
3 bytes big endian. With --json a log gives a line for each stanza. --as log
reads standard input of any length. docs/capture.md has all forms of a log.

exit status 1: it has a fault.

examples:
  callkey inspect offer.bin
  callkey inspect --as pkmsg enc.b64
  callkey inspect stanzas.log
  pbpaste | callkey inspect -
  callkey inspect --xml offer.bin"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "inspect",
        usage="callkey inspect [options] FILE",
        help="show a stanza, message or log field by field, with its faults",
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
    if arguments.kind == "log" or (arguments.kind is None and _is_large(arguments.file)):
        if arguments.read_as is not None:
            raise UsageError("--read-as is for one message; each line of a log is hex or base64, as it comes")
        return _log(page, log.read(arguments.file), arguments.file, arguments)
    name, raw = source.undecoded(arguments.file)
    if arguments.kind is None and arguments.read_as is None and log.looks_like(raw):
        return _log(page, log.entries(io.BytesIO(raw)), name, arguments)
    read = source.decoded(name, raw, arguments.read_as)
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


def _is_large(path: str) -> bool:
    """Whether it is a file that is too large for one message."""
    return path != "-" and os.path.isfile(path) and os.path.getsize(path) > source.MOST


def _log(page: Page, entries: Iterable[log.Entry], name: str, arguments: argparse.Namespace) -> int:
    entries = logpage.some(entries, name)
    if arguments.xml:
        return logpage.write_xml(page, entries)
    if arguments.json:
        return logpage.write_json(page, entries)
    return logpage.show(page, entries, full=arguments.full)


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
