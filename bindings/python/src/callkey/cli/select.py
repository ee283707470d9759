"""``callkey select``: finds the device that answered from one of its packets."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack

import callkey

from . import participant, source
from .exits import NOT_GENUINE, OK, UsageError
from .page import Page, printable

_DESCRIPTION = """\
Finds which of several devices sent an SRTP packet: the one with the SRTP auth
key that gives the packet's tag.

The most common mistake is to derive keys for a device that did not answer:
nothing fails, but the audio is noise."""

_EPILOG = """\
exit status 3: none of them sent it, with this key, counter and tag length.

example:
  callkey select --key call.key --packet rtp.bin \\
      222222222222222:0@lid 222222222222222:7@lid 222222222222222:12@lid"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "select",
        usage="callkey select --key FILE --packet FILE CANDIDATE …",
        help="find the device that answered from one SRTP packet",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("candidates", metavar="CANDIDATE", nargs="+", help="JID of a device that may have sent it")
    parser.add_argument(
        "--key", metavar="FILE", required=True, help="the call key or epoch, 32 bytes; - is standard input"
    )
    parser.add_argument("--packet", metavar="FILE", required=True, help="the whole SRTP packet, header to tag")
    parser.add_argument("--roc", metavar="N", type=int, default=0, help="roll-over counter of its SSRC (default: 0)")
    parser.add_argument("--tag-bytes", type=int, choices=(4, 10), default=4, help="length of the tag (default: 4)")
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the files (default: detected)")
    participant.option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    if arguments.key == arguments.packet == "-":
        raise UsageError("standard input can be only one of the files")
    participant.check(arguments.candidates, "CANDIDATE", arguments.any_id)
    packet = source.read(arguments.packet, arguments.read_as, "packet")
    with ExitStack() as wiped:
        read = source.secret(arguments.key, "call key", size=32, form=arguments.read_as)
        wiped.callback(read.wipe)
        key = wiped.enter_context(callkey.CallKey.from_bytes(read.data))
        try:
            found: int | None = callkey.select_participant(
                key, arguments.candidates, packet.data, roc=arguments.roc, tag_len=arguments.tag_bytes
            )
        except callkey.AuthenticationError:
            found = None
        if arguments.json:
            sender = None if found is None else arguments.candidates[found]
            page.out.write(json.dumps({"fingerprint": key.fingerprint, "sender": sender}, indent=2) + "\n")
            return NOT_GENUINE if found is None else OK
        page.columns([(page.style("call key", "dim"), 9), (page.style(key.fingerprint, "cyan"), 0)])
    page.columns([(page.style("packet", "dim"), 9), (printable(packet.told), 0)])
    page.line()
    for number, candidate in enumerate(arguments.candidates):
        mark = page.mark(True) if number == found else page.style("·", "dim")
        told = "  sent it: derive SRTP, SRTCP and SFrame keys for this one" if number == found else ""
        page.line(f"{mark} {page.style(printable(candidate), *(['bold'] if told else ['dim']))}{told}")
    if found is None:
        page.line()
        page.finding(
            False,
            f"None of them sent it, with this key, roll-over counter {arguments.roc} and a tag of "
            f"{arguments.tag_bytes} bytes.",
        )
        return NOT_GENUINE
    return OK
