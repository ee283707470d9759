"""The store that a subcommand uses: its options, and opening it."""

from __future__ import annotations

import argparse

import callkey

from . import source
from .exits import UsageError

_STORAGE_KEY_BYTES = 32


def options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--store", metavar="FILE", required=required, help="the store, which must exist")
    key = parser.add_mutually_exclusive_group()
    key.add_argument("--storage-key", metavar="FILE", help="its storage key, 32 bytes: secret")
    key.add_argument("--plaintext", action="store_true", help="it has no storage key")


def opened(arguments: argparse.Namespace, *, keep_opened: bool = False) -> callkey.Store:
    """The store, which is never made. Close it."""
    if arguments.storage_key is None:
        if not arguments.plaintext:
            raise UsageError("--storage-key is needed for the store, or --plaintext if it has none")
        return _opened(arguments.store, None, keep_opened)
    read = source.secret(arguments.storage_key, "storage key", size=_STORAGE_KEY_BYTES, form=arguments.read_as)
    try:
        return _opened(arguments.store, read.data, keep_opened)
    finally:
        read.wipe()


def _opened(path: str, key: bytearray | None, keep_opened: bool) -> callkey.Store:
    try:
        return callkey.Store.open(
            path,
            storage_key=key,
            plaintext=key is None,
            identity=False,
            must_exist=True,
            keep_opened=keep_opened,
        )
    except callkey.CallKeyError as problem:
        problem.args = (f"{path}: {problem}",)
        raise


def import_session(store: callkey.Store, jid: str, read: source.Source) -> None:
    """Imports the session with ``jid`` from a file that was read."""
    try:
        store.session(jid).restore(read.data)
    except (callkey.MalformedError, callkey.UnsupportedError, callkey.InvalidKeyError) as problem:
        does = "does not parse" if isinstance(problem, callkey.MalformedError) else "can't be imported"
        problem.args = (f"the session in {read.name} (read as {read.form}) {does}: {problem}",)
        raise
