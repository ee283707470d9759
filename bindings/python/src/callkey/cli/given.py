"""A session or an identity that the options give, in a store in memory."""

from __future__ import annotations

import argparse
from contextlib import ExitStack

import callkey

from . import source, stored
from .exits import UsageError
from .page import printable

_PRIVATE_KEY_BYTES = 32

OPTIONS = ("--session", "--identity", "--registration-id", "--prekey", "--signed-prekey")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--session", metavar="FILE", help="the session with the sender: secret")
    parser.add_argument("--identity", metavar="FILE", help="this device's private identity key, 32 bytes: secret")
    parser.add_argument("--registration-id", metavar="N", type=int, help="its registration id (default: 1)")
    for name in ("prekey", "signed-prekey"):
        parser.add_argument(
            f"--{name}",
            metavar="ID=FILE",
            action="append",
            default=[],
            help=f"private {name.replace('-', ' ')}, 32 bytes: secret; may be repeated",
        )


def files(arguments: argparse.Namespace) -> list[str | None]:
    prekeys = [named.partition("=")[2] for named in (*arguments.prekey, *arguments.signed_prekey)]
    return [arguments.session, arguments.identity, *prekeys]


def store(arguments: argparse.Namespace, sender: str) -> callkey.Store:
    """A store in memory with what was given. Close it."""
    made = callkey.Store.open(identity=arguments.identity is None)
    try:
        with ExitStack() as wiped:
            if arguments.identity is not None:
                _import_identity(made, arguments, wiped)
            if arguments.session is not None:
                read = source.secret(arguments.session, "session", form=arguments.read_as)
                wiped.callback(read.wipe)
                stored.import_session(made, sender, read)
    except BaseException:
        made.close()
        raise
    return made


def opened(
    store: callkey.Store, wire: bytearray, own: list[str], sender: str
) -> tuple[callkey.CallKey, callkey.OfferInfo]:
    """The call key. An error says which option could help."""
    try:
        return store.open_offer(wire, own=own, sender=sender)
    except callkey.NoPrekeyError as problem:
        problem.args = (f"{problem}; give it with --prekey or --signed-prekey, by the id that inspect shows",)
        raise
    except callkey.NoSessionError as problem:
        problem.args = (f"{problem}: a msg needs the session with {printable(sender)}, see --session",)
        raise


def _import_identity(store: callkey.Store, arguments: argparse.Namespace, wiped: ExitStack) -> None:
    def private(path: str, what: str) -> bytearray:
        read = source.secret(path, what, size=_PRIVATE_KEY_BYTES, form=arguments.read_as)
        wiped.callback(read.wipe)
        return read.data

    number = 1 if arguments.registration_id is None else arguments.registration_id
    store.import_identity(private(arguments.identity, "private identity key"), number)
    for named in arguments.prekey:
        number, path = _numbered(named, "--prekey")
        store.import_prekey(number, private(path, "private prekey"))
    for named in arguments.signed_prekey:
        number, path = _numbered(named, "--signed-prekey")
        store.import_signed_prekey(number, private(path, "private signed prekey"))


def _numbered(named: str, option: str) -> tuple[int, str]:
    number, _, path = named.partition("=")
    if not number.isdecimal() or not path:
        raise UsageError(f"{option} takes ID=FILE: the prekey's id and the file with its private key")
    return int(number), path
