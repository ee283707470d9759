"""``callkey open``: decrypts a captured offer with a session, an identity or a store."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import callkey

from . import given, source, stanza, stored
from .exits import OK, UsageError
from .page import Page, printable
from .secretfile import SecretFile

_DESCRIPTION = """\
Decrypts the call key in a captured stanza (<call>, <offer>, <accept>,
<enc_rekey>, <destination> or <enc>) and prints its fingerprint.

For a msg pass the session with the sender: --session, a record in Signal's own
storage protobuf or the JSON of the Go Signal library. For a pkmsg pass this
device's identity and the prekeys that the message names ("callkey inspect"
shows their ids). All work is in memory and no file changes, so a session in use
elsewhere is not disturbed.

To open a sequence of stanzas, write the session as it is afterwards with
--write-session and pass it to the next, or pass a store. A --store does change:
it then counts the message as opened, also for an app that has it in use."""

_EPILOG = """\
examples:
  callkey open offer.bin --own 222222222222222:0@lid --session session.bin
  callkey open offer.bin --own 222222222222222:0@lid --identity identity.key \\
      --registration-id 4711 --signed-prekey 1=signed.key --prekey 9=prekey.key
  callkey open offer.bin --own 222222222222222:0@lid --session session.bin \\
      --write-key call.key && callkey derive --key call.key 222222222222222@lid
  callkey open 2.bin --own 222222222222222:0@lid --session session.bin \\
      --write-session session.bin
  callkey open 3.bin --own 222222222222222:0@lid --store calls.db \\
      --storage-key storage.key
"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "open",
        usage="callkey open STANZA [options]",
        help="decrypt the call key of a captured offer",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("stanza", metavar="STANZA", help="file with the binary XML; - is standard input")
    parser.add_argument("--own", metavar="JID", action="append", default=[], help="JID of this device; may be repeated")
    parser.add_argument("--sender", metavar="JID", help="the sending device (default: from the stanza)")
    given.options(parser)
    stored.options(parser, required=False)
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the files (default: detected)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--show-key", action="store_true", help="print the call key itself, in hex")
    parser.add_argument("--write-key", metavar="FILE", help="write the call key to a new file that only you can read")
    parser.add_argument(
        "--write-session",
        metavar="FILE",
        help="write the session with the sender, after the message, to a new file that only you can read, or over the "
        "file of --session",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    _check(arguments)
    captured = source.read(arguments.stanza, arguments.read_as, "stanza")
    with ExitStack() as ending:
        outputs = _outputs(arguments, ending)
        sender = _sender(captured.data, arguments.own, arguments.sender)
        if arguments.store is not None:
            # The message stays openable until its key is written or shown, so an interruption loses no key.
            store = ending.enter_context(stored.opened(arguments, keep_opened=True))
            key, info = store.open_offer(captured.data, own=arguments.own, sender=arguments.sender)
            sender = info.sender
        else:
            store = ending.enter_context(given.store(arguments, sender))
            key, info = given.opened(store, captured.data, arguments.own, sender)
        ending.enter_context(key)
        if "key" in outputs:
            outputs["key"].write(key)
        _tell(page, arguments, key, info, sender, captured)
        page.out.flush()
        # As long as the session is as it was, the message opens again.
        if "session" in outputs:
            outputs["session"].write(ending.enter_context(store.session(sender).export()))
            if not arguments.json:
                _row(page, "session in", printable(arguments.write_session))
        if arguments.store is not None:
            ciphertext, _ = callkey.offer_parse(captured.data, own=arguments.own)
            store.message_done(sender, ciphertext)
    return OK


def _check(arguments: argparse.Namespace) -> None:
    if [arguments.stanza, arguments.storage_key, *given.files(arguments)].count("-") > 1:
        raise UsageError("standard input can be only one of the files")
    if arguments.store is None:
        if arguments.session is None and arguments.identity is None:
            raise UsageError("--session, --identity or --store is needed to decrypt anything")
        if arguments.storage_key is not None or arguments.plaintext:
            raise UsageError("--storage-key and --plaintext are for a --store")
        return
    for option in (*given.OPTIONS, "--write-session"):
        if getattr(arguments, option[2:].replace("-", "_")) not in (None, []):
            raise UsageError(f"{option} does not go with --store, which has sessions and prekeys of its own")


def _outputs(arguments: argparse.Namespace, ending: ExitStack) -> dict[str, SecretFile]:
    """The files to write, by what they get."""
    outputs: dict[str, SecretFile] = {}
    if arguments.write_key:
        outputs["key"] = ending.enter_context(SecretFile(arguments.write_key))
    if arguments.write_session:
        replaces = arguments.session is not None and _same(arguments.session, arguments.write_session)
        outputs["session"] = ending.enter_context(SecretFile(arguments.write_session, replaces=replaces))
    return outputs


def _same(one: str, other: str) -> bool:
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def _sender(wire: bytearray, own: list[str], named: str | None) -> str:
    try:
        _, info = callkey.offer_parse(wire, own=own)
    except callkey.NotForThisDeviceError as problem:
        found = stanza.read(wire, callkey.stanza_to_xml(wire)).encs
        devices = ", ".join(enc.jid for enc in found if enc.jid)
        problem.args = (f"{problem}; it is for {devices}, see --own" if devices else str(problem),)
        raise
    if not (named or info.sender):
        raise UsageError("the stanza names no sender: --sender is needed")
    return named or info.sender


def _tell(
    page: Page,
    arguments: argparse.Namespace,
    key: callkey.CallKey,
    info: callkey.OfferInfo,
    sender: str,
    captured: source.Source,
) -> None:
    if arguments.json:
        shown = {"key": key.reveal().hex()} if arguments.show_key else {}
        page.out.write(json.dumps({**_about(key, info, sender), **shown}, indent=2) + "\n")
        return
    _show(page, key, info, sender, captured)
    if arguments.show_key:
        _row(page, "call key", page.style(key.reveal().hex(), "yellow"))
    if arguments.write_key:
        _row(page, "written to", printable(arguments.write_key))


def _about(key: callkey.CallKey, info: callkey.OfferInfo, sender: str) -> dict[str, Any]:
    """The opened stanza; the call key only as its fingerprint."""
    about = asdict(info)
    about.update(kind=str(info.kind), enc_type=str(info.enc_type), sender=sender, fingerprint=key.fingerprint)
    about["from"] = about.pop("from_")
    about["sender_identity"] = info.sender_identity.hex() if info.sender_identity else None
    return about


def _show(page: Page, key: callkey.CallKey, info: callkey.OfferInfo, sender: str, captured: source.Source) -> None:
    page.line(page.mark(True) + " " + page.style("opened", "bold"))
    _row(page, "stanza", printable(captured.told))
    _row(page, "sender", printable(sender))
    if info.from_:
        _row(page, "from", printable(info.from_))
    if info.call_id:
        _row(page, "call id", printable(info.call_id))
    if info.call_creator:
        _row(page, "call creator", printable(info.call_creator))
    _row(page, "enc", f"{info.enc_type}, version {info.enc_version}")
    kinds = [name for name in ("video", "group", "accept") if getattr(info, name)]
    if kinds:
        _row(page, "kind", ", ".join(kinds))
    if info.keygen:
        _row(page, "keygen", str(info.keygen))
    if info.transaction_id:
        _row(page, "transaction", str(info.transaction_id))
    _row(page, "fingerprint", page.style(key.fingerprint, "cyan", "bold"))


def _row(page: Page, name: str, value: str) -> None:
    page.columns([(page.style(name, "dim"), 13), (value, 0)], indent=2)
