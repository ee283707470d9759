"""``callkey session``: the sessions of a store."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

import callkey
from callkey._memory import Use

from . import source, stored
from .exits import FAILED, OK, UsageError
from .page import Page, printable
from .secretfile import SecretFile

_DESCRIPTION = """\
Lists, shows and moves the Signal sessions of a store, one for each device that
it exchanges call keys with. Only export writes a secret."""

_EPILOG = """\
examples:
  callkey session list --store calls.db --storage-key storage.key
  callkey session show --store calls.db --storage-key storage.key \\
      222222222222222:0@lid
  callkey session export --store calls.db --storage-key storage.key \\
      222222222222222:0@lid session.bin
  callkey session import --store other.db --storage-key other.key \\
      222222222222222:0@lid session.bin

"callkey session ACTION --help" has the options."""

_LIST = """\
Lists the devices that the store has a session with: of all users, or of USER
(user@server, without a device). A store with a storage key lists sessions that
version 0.2 wrote only for a USER, until they are written again."""

_SHOW = """\
Shows what the session with a device is like: whether it can seal, how many keys
of skipped messages it keeps, and the device's public identity key. Nothing
secret is shown."""

_EXPORT = """\
Writes the session with a device to FILE, a new file that only you can read, in
Signal's own storage protobuf. - is standard output, but no terminal.

The record is secret: with it anyone can read the peer's next messages. Two
programs that both use one session break it. To move it, stop the program that
uses the store, export, remove the session, then import it elsewhere."""

_IMPORT = """\
Imports the session with a device from FILE: Signal's own storage protobuf, or
the JSON of the Go Signal library; - is standard input.

Import only a session that was not used since it was copied: an old copy would
use message keys a second time."""

_REMOVE = """\
Removes the session with a device. The device's identity stays known. The next
call to it needs a new bundle, and messages that are under way do not open."""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "session",
        usage="callkey session ACTION --store FILE …",
        help="list, show, export, import or remove sessions of a store",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    actions = parser.add_subparsers(title="actions", metavar="", prog="callkey session", parser_class=type(parser))

    def action(name: str, run: Any, takes: str, about: str, description: str) -> argparse.ArgumentParser:
        parser = actions.add_parser(
            name,
            usage=f"callkey session {name} --store FILE {takes}",
            help=about,
            description=description,
        )
        stored.options(parser, required=True)
        parser.add_argument("--read-as", choices=source.FORMS, help="format of the files (default: detected)")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.set_defaults(run=run)
        return parser

    def device(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("jid", metavar="JID", help="the other device")

    listing = action("list", _list, "[options] [USER]", "list the devices with a session", _LIST)
    listing.add_argument("user", metavar="USER", nargs="?", help="only the devices of this user")
    device(action("show", _show, "[options] JID", "show what a session is like, without secrets", _SHOW))
    export = action("export", _export, "[options] JID FILE", "write a session to a file", _EXPORT)
    device(export)
    export.add_argument("file", metavar="FILE", help="the new file; - is standard output")
    export.add_argument("--show-record", action="store_true", help="with -: print it in base64, even at a terminal")
    importing = action("import", _import, "[options] JID FILE", "import a session from a file", _IMPORT)
    device(importing)
    importing.add_argument("file", metavar="FILE", help="the session: secret")
    importing.add_argument("--replace", action="store_true", help="replace the session that is there")
    device(action("remove", _remove, "[options] JID", "remove a session", _REMOVE))


def _list(arguments: argparse.Namespace, page: Page) -> int:
    whole = True
    listed: list[dict[str, Any]] = []
    with stored.opened(arguments) as store:
        for jid in store.sessions(arguments.user):
            try:
                listed.append(_told(jid, store.session_info(jid)))
            except callkey.NoSessionError:
                continue  # removed meanwhile
            except (callkey.StoreCorruptError, callkey.UnsupportedError) as problem:
                whole = False
                listed.append({"jid": jid, "error": str(problem), "status": problem.name})
    listed.sort(key=lambda told: str(told["jid"]))
    if arguments.json:
        page.out.write(json.dumps(listed, indent=2) + "\n")
        return OK if whole else FAILED
    width = max((len(printable(told["jid"])) for told in listed), default=0)
    for told in listed:
        jid = page.pad(printable(told["jid"]), width)
        if "error" in told:
            page.line(f"{jid}  {page.mark(False)} {printable(told['error'])} ({told['status']})")
        else:
            page.line(f"{jid}  {_state(told)}, {_count(told['kept_keys'], 'kept key')}")
    page.line(page.style(_count(len(listed), "session"), "dim"))
    return OK if whole else FAILED


def _show(arguments: argparse.Namespace, page: Page) -> int:
    with stored.opened(arguments) as store:
        try:
            told = _told(arguments.jid, store.session_info(arguments.jid))
        except callkey.NoSessionError as problem:
            raise _missing(problem, arguments.jid) from None
    if arguments.json:
        page.out.write(json.dumps(told, indent=2) + "\n")
        return OK
    begun = datetime.fromtimestamp(told["begun"], timezone.utc) if told["begun"] else None
    rows = {
        "session with": printable(told["jid"]),
        "state": _state(told),
        "begun": begun.strftime("%Y-%m-%d %H:%M UTC") if begun else "",
        "kept keys": f"{told['kept_keys']} of skipped messages",
        "earlier": f"{_count(told['archived'], 'session')} that still open messages" if told["archived"] else "",
        "identity": told["identity_key"],
        "registration": str(told["registration_id"]),
    }
    for name, value in rows.items():
        if value:
            page.columns([(page.style(name, "dim"), 13), (value, 0)])
    return OK


def _export(arguments: argparse.Namespace, page: Page) -> int:
    to_output = arguments.file == "-"
    if arguments.show_record and not to_output:
        raise UsageError("--show-record is for -, the standard output")
    if to_output and arguments.json:
        raise UsageError("--json does not go with -, because the record itself goes to standard output")
    if to_output and not arguments.show_record and sys.stdout.isatty():
        raise UsageError("the record is secret and standard output is a terminal: name a file, or add --show-record")
    with ExitStack() as ending:
        store = ending.enter_context(stored.opened(arguments))
        try:
            record = ending.enter_context(store.session(arguments.jid).export())
        except callkey.NoSessionError as problem:
            raise _missing(problem, arguments.jid) from None
        if arguments.show_record:
            page.line(base64.b64encode(record.reveal()).decode())
            return OK
        if to_output:
            page.out.flush()
            with Use(record) as held:
                sys.stdout.buffer.write(held)
            return OK
        ending.enter_context(SecretFile(arguments.file)).write(record)
        size = len(record)
    if arguments.json:
        told = {"jid": arguments.jid, "file": arguments.file, "bytes": size}
        page.out.write(json.dumps(told, indent=2) + "\n")
        return OK
    page.finding(True, f"{size} bytes written to {printable(arguments.file)}: secret, and only a copy")
    return OK


def _import(arguments: argparse.Namespace, page: Page) -> int:
    if arguments.file == arguments.storage_key == "-":
        raise UsageError("standard input can be only one of the files")
    with ExitStack() as ending:
        store = ending.enter_context(stored.opened(arguments))
        if not arguments.replace and _has(store, arguments.jid):
            raise UsageError(f"there is a session with {arguments.jid} already; --replace replaces it")
        read = source.secret(arguments.file, "session", form=arguments.read_as)
        ending.callback(read.wipe)
        stored.import_session(store, arguments.jid, read)
        told = _told(arguments.jid, store.session_info(arguments.jid))
    if arguments.json:
        page.out.write(json.dumps(told, indent=2) + "\n")
        return OK
    page.finding(True, f"imported the session with {printable(arguments.jid)}: {_state(told)}")
    return OK


def _remove(arguments: argparse.Namespace, page: Page) -> int:
    with stored.opened(arguments) as store:
        if not _has(store, arguments.jid):
            raise _missing(callkey.NoSessionError(), arguments.jid)
        store.session(arguments.jid).remove()
    if arguments.json:
        page.out.write(json.dumps({"jid": arguments.jid, "removed": True}, indent=2) + "\n")
        return OK
    page.finding(True, f"removed the session with {printable(arguments.jid)}")
    return OK


def _has(store: callkey.Store, jid: str) -> bool:
    """Whether there is a session, even one that can't be read."""
    try:
        store.session_info(jid)
    except callkey.NoSessionError:
        return False
    except (callkey.StoreCorruptError, callkey.UnsupportedError):
        return True
    return True


def _missing(problem: callkey.NoSessionError, jid: str) -> callkey.NoSessionError:
    problem.args = (f"the store has no session with {jid}",)
    return problem


def _told(jid: str, info: callkey.SessionInfo) -> dict[str, Any]:
    return {"jid": jid, **asdict(info), "identity_key": info.identity_key.hex()}


def _state(told: dict[str, Any]) -> str:
    if told["stale"]:
        return "from an old copy of the store: opens, seals none"
    if not told["can_seal"]:
        return "not answered within 30 days: opens, seals none"
    return "not answered yet: seals pkmsg" if told["unacknowledged"] else "opens and seals"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
