"""``callkey frame``: an SFrame frame, and the participant with the key that opens it."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import ExitStack

import callkey

from . import participant, source
from .exits import NOT_GENUINE, OK, UsageError
from .page import Page, printable

_DESCRIPTION = """\
Tries the SFrame key of each CANDIDATE on one SFrame frame, and names the one
that opens it. Implementations disagree about the id for a direction, the
sender's or the peer's: pass both."""

_EPILOG = """\
exit status 3: none of them opens it.

example:
  callkey frame --key call.key frame.bin \\
      111111111111111:3@lid 222222222222222:0@lid"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "frame",
        usage="callkey frame --key FILE FRAME CANDIDATE …",
        help="find the participant with the SFrame key that opens a frame",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("frame", metavar="FRAME", help="file with the whole frame; - is standard input")
    parser.add_argument("candidates", metavar="CANDIDATE", nargs="+", help="JID of a participant to try")
    parser.add_argument("--key", metavar="FILE", required=True, help="the call key or epoch, 32 bytes: secret")
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the files (default: detected)")
    participant.option(parser)
    parser.add_argument("--write-payload", metavar="FILE", help="write the payload to a new file")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    if arguments.key == arguments.frame == "-":
        raise UsageError("standard input can be only one of the files")
    participant.check(arguments.candidates, "CANDIDATE", arguments.any_id)
    frame = source.read(arguments.frame, arguments.read_as, "frame")
    opened: callkey.SFrame | None = None
    found = ""
    with ExitStack() as wiped:
        read = source.secret(arguments.key, "call key", size=32, form=arguments.read_as)
        wiped.callback(read.wipe)
        key = wiped.enter_context(callkey.CallKey.from_bytes(read.data))
        fingerprint = key.fingerprint
        for found in arguments.candidates:
            with key.sframe_key(found) as sframe:
                try:
                    opened = sframe.open(frame.data)
                    break
                except callkey.AuthenticationError:
                    continue
    if opened is not None and arguments.write_payload:
        _write(arguments.write_payload, opened.payload)
    if arguments.json:
        told = {"counter": opened.counter, "key_id": opened.key_id} if opened else {}
        sender = callkey.participant_id(found) if opened else None
        page.out.write(json.dumps({"fingerprint": fingerprint, "participant": sender, **told}, indent=2) + "\n")
        return OK if opened else NOT_GENUINE
    page.columns([(page.style("call key", "dim"), 9), (page.style(fingerprint, "cyan"), 0)])
    page.columns([(page.style("frame", "dim"), 9), (printable(frame.told), 0)])
    page.line()
    if opened is None:
        page.finding(False, "No candidate's key opens it: " + ", ".join(map(printable, arguments.candidates)))
        return NOT_GENUINE
    page.finding(True, f"the sframe_key of {printable(found)} opens it")
    rows = {"counter": str(opened.counter), "key id": str(opened.key_id), "payload": f"{len(opened.payload)} bytes"}
    if arguments.write_payload:
        rows["written to"] = printable(arguments.write_payload)
    for name, value in rows.items():
        page.columns([(page.style(name, "dim"), 13), (value, 0)], indent=2)
    return OK


def _write(path: str, payload: bytes) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise UsageError(f"can't write {path}: {problem.strerror}") from None
    with os.fdopen(file, "wb") as out:
        out.write(payload)
