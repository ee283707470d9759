"""``callkey capture``: solves a captured call."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import callkey

from . import given, log, outputs, participant, source, stored, termination
from .capturepage import CapturePage
from .exits import FAILED, NOT_GENUINE, OK, UsageError
from .page import Page
from .progress import Progress

if TYPE_CHECKING:
    from ..capture.result import Result

_MIB = 1 << 20

_DESCRIPTION = """\
Solves a captured call. Opens the keys in a log of its stanzas, finds the
sender, secret and roll-over counter of each stream, checks the tag of every
SRTP and SRTCP packet, and says what was refused and why. On request it writes
the packets in the clear, the audio, a picture and a report.

FILE is pcap or pcapng: Ethernet (with VLAN), Linux cooked, raw IP, loopback or
PPP; IPv4 or IPv6; also inside TURN.

The log has the stanzas in their order: lines of hex or base64, each after its
time, direction and sender if known; JSON lines with "stanza", and if known
"time", "direction" ("in" or "out") and "from"; or frames, each stanza after its
length in 3 bytes, big-endian. docs/capture.md has the details.

No file that is read changes: a --store is copied, so messages stay openable for
the app that has it in use."""

_EPILOG = """\
exit status 1: something is missing, and is said; 3: there are secrets, but no
packet is authentic under any of them.

It needs packages: pip install 'callkey[capture]'

examples:
  callkey capture call.pcap --log frames.jsonl --own 222222222222222:0@lid \\
      --identity identity.key --signed-prekey 1=signed.key --prekey 9=prekey.key
  callkey capture call.pcapng --log frames.jsonl --own 222222222222222:0@lid \\
      --store calls.db --storage-key storage.key --report report
  callkey capture call.pcap --log frames.txt --own 222222222222222:0@lid \\
      --session 111111111111111:3@lid=session.bin --json
  callkey capture call.pcap --own 111111111111111:3@lid --key call.key \\
      --call-id 0AB1C2 --participant 222222222222222:0@lid"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "capture",
        usage="callkey capture FILE --log LOG --own JID [options]",
        help="solve a captured call: streams, keys, losses, plain packets",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("file", metavar="FILE", help="the capture, pcap or pcapng")
    parser.add_argument("--log", metavar="LOG", help="the stanzas of the call, in their order")
    parser.add_argument("--own", metavar="JID", action="append", default=[], help="JID of the device; may be repeated")
    parser.add_argument(
        "--participant", metavar="JID", action="append", default=[], help="another device; may be repeated"
    )
    parser.add_argument("--call-id", metavar="ID", help="the call (default: the first in the log)")
    parser.add_argument("--key", metavar="FILE", help="the call key, 32 bytes: secret")
    parser.add_argument("--identity", metavar="FILE", help="the device's private identity key, 32 bytes: secret")
    parser.add_argument("--registration-id", metavar="N", type=int, help="its registration id (default: 1)")
    for name in ("prekey", "signed-prekey"):
        parser.add_argument(
            f"--{name}",
            metavar="ID=FILE",
            action="append",
            default=[],
            help=f"private {name.replace('-', ' ')}, 32 bytes: secret; may be repeated",
        )
    parser.add_argument(
        "--session",
        metavar="JID=FILE",
        action="append",
        default=[],
        help="the session with a device before the call: secret; may be repeated",
    )
    stored.options(parser, required=False)
    participant.option(parser)
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the secret files (default: detected)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    outputs.options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    _check(arguments)
    try:
        with termination.unwinding():
            result, made = _solved(arguments)
    except ImportError as problem:
        from ..capture.needed import MissingPackageError

        if isinstance(problem, MissingPackageError):
            raise UsageError(str(problem)) from None
        raise
    if arguments.json:
        from ..capture.jsontext import as_json

        page.out.write(as_json(result))
    else:
        CapturePage(page, result).show()
        made.show(page)
    if not result.streams and result.secrets and _looked_like_srtp(result):
        return NOT_GENUINE
    return FAILED if result.missing or not result.streams else OK


def _check(arguments: argparse.Namespace) -> None:
    if not arguments.own:
        raise UsageError("--own is needed: the JID of the device that the log is of")
    if arguments.log is None and arguments.key is None:
        raise UsageError("--log or --key is needed to know any secret")
    participant.check(arguments.own, "JID of --own", arguments.any_id)
    participant.check(arguments.participant, "participant", arguments.any_id)
    sources = [arguments.store, arguments.identity, arguments.session or None]
    if arguments.log is not None and arguments.key is None and not any(each is not None for each in sources):
        raise UsageError("--store, --identity or --session is needed to open the stanzas, or --key")
    sessions = [named.partition("=")[2] for named in arguments.session]
    prekeys = given.files(argparse.Namespace(**{**vars(arguments), "session": None}))
    if [arguments.key, arguments.storage_key, *sessions, *prekeys].count("-") > 1:
        raise UsageError("standard input can be only one of the files")
    if arguments.store is None and (arguments.storage_key is not None or arguments.plaintext):
        raise UsageError("--storage-key and --plaintext are for a --store")
    if arguments.store is not None and any(each is not None for each in sources[1:]):
        raise UsageError("--identity and --session do not go with --store, which has sessions and prekeys of its own")


def _solved(arguments: argparse.Namespace) -> tuple[Result, outputs.Outputs]:
    from ..capture.needed import needed

    for module in ("dpkt", "cryptography"):
        needed(module)
    from ..capture.records import NotACaptureError, Records
    from ..capture.secrets import CallSecrets
    from ..capture.solver import Solver

    with ExitStack() as ending:
        try:
            file = ending.enter_context(open(arguments.file, "rb", buffering=_MIB))
            progress = ending.enter_context(Progress(os.fstat(file.fileno()).st_size // _MIB))
            records = Records(arguments.file, file, lambda position: progress.at(position // _MIB, "MiB"))
        except OSError as problem:
            raise UsageError(f"can't read {arguments.file}: {problem.strerror}") from None
        except NotACaptureError as problem:
            raise UsageError(str(problem)) from None
        call = ending.enter_context(
            CallSecrets(arguments.own, call_id=arguments.call_id or "", participants=arguments.participant)
        )
        if arguments.key is not None:
            read = source.secret(arguments.key, "call key", size=32, form=arguments.read_as)
            ending.callback(read.wipe)
            call.give(callkey.CallKey.from_bytes(read.data), "--key")
        if arguments.log is not None:
            with _store(arguments) as store:
                call.read(log.read(arguments.log), store)
        made = outputs.Outputs(arguments, ending)
        solver = ending.enter_context(closing(Solver(records, call, decrypt=made.decrypt)))
        for packet, carrier in solver.packets():
            made.write(packet, carrier)
        result = solver.told()
        made.finish(result)
        return result, made


@contextmanager
def _store(arguments: argparse.Namespace) -> Iterator[callkey.Store | None]:
    """The store that the stanzas open in: a copy, or one in memory; None without identity and sessions."""
    if arguments.store is not None:
        with _copied(arguments) as store:
            yield store
        return
    if arguments.identity is None and not arguments.session:
        yield None
        return
    sessions = [_session(named) for named in arguments.session]
    alone = argparse.Namespace(**{**vars(arguments), "session": None})
    with given.store(alone, "") as store:
        for jid, path in sessions:
            read = source.secret(path, "session", form=arguments.read_as)
            try:
                stored.import_session(store, jid, read)
            finally:
                read.wipe()
        yield store


def _session(named: str) -> tuple[str, str]:
    jid, _, path = named.partition("=")
    if "@" not in jid or not path:
        raise UsageError("--session takes JID=FILE: the other device and the file with the session")
    return jid, path


@contextmanager
def _copied(arguments: argparse.Namespace) -> Iterator[callkey.Store]:
    """A copy of the store, gone at the end: what is opened in it stays unopened in the original."""
    memory = "/dev/shm"
    folder = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="callkey-", dir=folder) as temporary:
        path = os.path.join(temporary, "store.db")
        with stored.opened(arguments) as original:
            original.copy(path)
        with stored.opened(argparse.Namespace(**{**vars(arguments), "store": path})) as copy:
            yield copy


def _looked_like_srtp(result: Result) -> bool:
    return any(group.ssrc is not None for group in result.refused)
