"""``callkey open``: decrypts a captured offer with a session or an identity."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import callkey
from callkey._memory import Use

from . import source, stanza
from .exits import OK, UsageError
from .page import Page, printable

_PRIVATE_KEY_BYTES = 32

_DESCRIPTION = """\
Decrypts the call key in a captured stanza (<call>, <offer>, <accept>,
<enc_rekey>, <destination> or <enc>) and prints its fingerprint.

For a msg pass the session with the sender: --session, a record in Signal's own
storage protobuf or the JSON of the Go Signal library. For a pkmsg pass this
device's identity and the prekeys that the message names ("callkey inspect"
shows their ids). All work is in memory and no file changes, so a session in use
elsewhere is not disturbed."""

_EPILOG = """\
examples:
  callkey open offer.bin --own 222222222222222:0@lid --session session.bin
  callkey open offer.bin --own 222222222222222:0@lid --identity identity.key \\
      --registration-id 4711 --signed-prekey 1=signed.key --prekey 9=prekey.key
  callkey open offer.bin --own 222222222222222:0@lid --session session.bin \\
      --write-key call.key && callkey derive --key call.key 222222222222222@lid"""


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
    parser.add_argument("--session", metavar="FILE", help="the session with the sender: secret")
    parser.add_argument("--identity", metavar="FILE", help="this device's private identity key, 32 bytes: secret")
    parser.add_argument("--registration-id", metavar="N", type=int, default=1, help="its registration id (default: 1)")
    for name in ("prekey", "signed-prekey"):
        parser.add_argument(
            f"--{name}",
            metavar="ID=FILE",
            action="append",
            default=[],
            help=f"private {name.replace('-', ' ')}, 32 bytes: secret; may be repeated",
        )
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the files (default: detected)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--show-key", action="store_true", help="print the call key itself, in hex")
    parser.add_argument("--write-key", metavar="FILE", help="write the call key to a new file that only you can read")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    files = [arguments.stanza, arguments.session, arguments.identity]
    files += [given.partition("=")[2] for given in (*arguments.prekey, *arguments.signed_prekey)]
    if files.count("-") > 1:
        raise UsageError("standard input can be only one of the files")
    if arguments.session is None and arguments.identity is None:
        raise UsageError("--session or --identity is needed to decrypt anything")
    captured = source.read(arguments.stanza, arguments.read_as, "stanza")
    with ExitStack() as wiped:
        store = wiped.enter_context(callkey.Store.open(identity=arguments.identity is None))
        if arguments.identity is not None:
            _import_identity(store, arguments, wiped)
        sender = _sender(captured.data, arguments.own, arguments.sender)
        if arguments.session is not None:
            _import_session(store, sender, arguments, wiped)
        try:
            key, info = store.open_offer(captured.data, own=arguments.own, sender=sender)
        except callkey.NoPrekeyError as problem:
            problem.args = (f"{problem}; give it with --prekey or --signed-prekey, by the id that inspect shows",)
            raise
        except callkey.NoSessionError as problem:
            problem.args = (f"{problem}: a msg needs the session with {printable(sender)}, see --session",)
            raise
        wiped.enter_context(key)
        if arguments.write_key:
            _write(arguments.write_key, key)
        if arguments.json:
            shown = {"key": key.reveal().hex()} if arguments.show_key else {}
            page.out.write(json.dumps({**_about(key, info, sender), **shown}, indent=2) + "\n")
            return OK
        _show(page, key, info, sender, captured)
        if arguments.show_key:
            _row(page, "call key", page.style(key.reveal().hex(), "yellow"))
        if arguments.write_key:
            _row(page, "written to", printable(arguments.write_key))
    return OK


def _import_identity(store: callkey.Store, arguments: argparse.Namespace, wiped: ExitStack) -> None:
    def private(path: str, what: str) -> bytearray:
        read = source.secret(path, what, size=_PRIVATE_KEY_BYTES, form=arguments.read_as)
        wiped.callback(read.wipe)
        return read.data

    store.import_identity(private(arguments.identity, "private identity key"), arguments.registration_id)
    for given in arguments.prekey:
        number, path = _numbered(given, "--prekey")
        store.import_prekey(number, private(path, "private prekey"))
    for given in arguments.signed_prekey:
        number, path = _numbered(given, "--signed-prekey")
        store.import_signed_prekey(number, private(path, "private signed prekey"))


def _numbered(given: str, option: str) -> tuple[int, str]:
    number, _, path = given.partition("=")
    if not number.isdecimal() or not path:
        raise UsageError(f"{option} takes ID=FILE: the prekey's id and the file with its private key")
    return int(number), path


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


def _import_session(store: callkey.Store, sender: str, arguments: argparse.Namespace, wiped: ExitStack) -> None:
    read = source.secret(arguments.session, "session", form=arguments.read_as)
    wiped.callback(read.wipe)
    try:
        store.session(sender).restore(read.data)
    except callkey.MalformedError as problem:
        problem.args = (f"the session in {read.name} (read as {read.form}) does not parse: {problem}",)
        raise


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


def _write(path: str, key: callkey.CallKey) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise UsageError(f"can't write {path}: {problem.strerror}") from None
    with os.fdopen(file, "wb", buffering=0) as out:
        with Use(key) as held:
            out.write(held)
