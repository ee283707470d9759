"""``callkey select``: finds the device that answered from its packets."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack

import callkey

from . import packets, participant, source, streampage
from .exits import FAILED, NOT_GENUINE, OK, UsageError
from .packets import Packet
from .page import Page
from .streams import Streams

_DESCRIPTION = """\
Finds which of several devices sent an SRTP packet: the one with the SRTP auth
key that gives the packet's tag. Of many packets it says so for each one, for
each SSRC and in all.

The most common mistake is to derive keys for a device that did not answer:
nothing fails, but the audio is noise."""

_EPILOG = """\
--packets has lines of hex or base64, or is a pcap or pcapng (for that: pip
install 'callkey[capture]'). With --call-id each stream is named by its SSRC.

exit status 3: none of them sent the packets of an SSRC, with this key, counter
and tag length. 1: a packet is not RTP, or not of the sender of its SSRC.

examples:
  callkey select --key call.key --packet rtp.bin \\
      222222222222222:0@lid 222222222222222:7@lid 222222222222222:12@lid
  callkey select --key call.key --packets call.pcap --call-id 0AB1C2 \\
      111111111111111:3@lid 222222222222222:0@lid 222222222222222:7@lid"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "select",
        usage="callkey select --key FILE --packet FILE … CANDIDATE …",
        help="find the device that answered from its SRTP packets",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("candidates", metavar="CANDIDATE", nargs="+", help="JID of a device that may have sent them")
    parser.add_argument(
        "--key", metavar="FILE", required=True, help="the call key or epoch, 32 bytes; - is standard input"
    )
    parser.add_argument(
        "--packet",
        metavar="FILE",
        action="append",
        default=[],
        help="a whole SRTP packet, header to tag; may be repeated",
    )
    parser.add_argument("--packets", metavar="FILE", action="append", default=[], help="many packets; may be repeated")
    parser.add_argument("--call-id", metavar="ID", help="call id as in the stanza; names the streams")
    parser.add_argument("--roc", metavar="N", type=int, default=0, help="roll-over counter of the first (default: 0)")
    parser.add_argument("--tag-bytes", type=int, choices=(4, 10), default=4, help="length of the tag (default: 4)")
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the files (default: detected)")
    participant.option(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    _check(arguments)
    with ExitStack() as wiped:
        read = source.secret(arguments.key, "call key", size=32, form=arguments.read_as)
        wiped.callback(read.wipe)
        key = wiped.enter_context(callkey.CallKey.from_bytes(read.data))
        streams = Streams(key, arguments.candidates, roc=arguments.roc, tag_len=arguments.tag_bytes)
        named = _named(arguments)
        told = _told(arguments, streams)
        if arguments.json:
            whole = streampage.write_json(page, key.fingerprint, told, streams, named)
        else:
            page.columns([(page.style("call key", "dim"), 9), (page.style(key.fingerprint, "cyan"), 0)])
            page.line()
            whole = streampage.show(page, told, streams, named)
    return _status(streams, whole)


def _check(arguments: argparse.Namespace) -> None:
    if not arguments.packet and not arguments.packets:
        raise UsageError("--packet or --packets is needed")
    if [arguments.key, *arguments.packet, *arguments.packets].count("-") > 1:
        raise UsageError("standard input can be only one of the files")
    participant.check(arguments.candidates, "CANDIDATE", arguments.any_id)


def _given(arguments: argparse.Namespace) -> Iterator[Packet]:
    for path in arguments.packet:
        yield packets.one(path, arguments.read_as)
    for path in arguments.packets:
        yield from packets.many(path)


def _told(arguments: argparse.Namespace, streams: Streams) -> Iterator[streampage.Told]:
    for packet in _given(arguments):
        if packet.wrong:
            yield packet, None, packet.wrong
            continue
        try:
            yield packet, streams.sender(packet), ""
        except callkey.MalformedError as problem:
            yield packet, None, f"{problem} ({problem.name})"


def _status(streams: Streams, whole: bool) -> int:
    """whole: every packet is RTP."""
    found = streams.by_ssrc.values()
    if any(not stream.senders for stream in found):
        return NOT_GENUINE
    return OK if whole and all(stream.senders[stream.sender or 0] == stream.packets for stream in found) else FAILED


def _named(arguments: argparse.Namespace) -> streampage.Named:
    """The candidate and stream of each SSRC that the call id gives."""
    if arguments.call_id is None:
        return {}
    return {
        ssrc: (index, name)
        for index, jid in enumerate(arguments.candidates)
        for name, ssrc in callkey.ssrcs(arguments.call_id, jid)._asdict().items()
    }
