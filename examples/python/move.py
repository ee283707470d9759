"""A move between another library's storage and a store: the command line, the account, and session by session.

A session is moved, not copied, and never over another one: two programs with one session seal with the same keys, and
an old copy does the same. What can't be moved stays where it is, with the reason on standard output.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Optional

import callkey

# A record that can't be imported, in contrast to a store that can't be written.
_REJECTED = (
    callkey.ArgumentError,
    callkey.MalformedError,
    callkey.UnsupportedError,
    callkey.InvalidKeyError,
    callkey.UntrustedIdentityError,
)


class Move:
    def __init__(self, store: callkey.Store) -> None:
        self.store = store
        self.moved: list[str] = []
        self.left = 0

    def account(
        self, identity: bytes, registration_id: int, signed_prekeys: dict[int, bytes], prekeys: dict[int, bytes]
    ) -> None:
        """Imports the private keys, once: a prekey that was used here must not come back. The last signed prekey is the
        one in use."""
        self.store.import_identity(identity, registration_id)  # ConflictError if the store is another account's
        try:
            self.store.signed_prekey()
        except callkey.NotFoundError:
            for number, private in prekeys.items():
                self.store.import_prekey(number, private)
            for number, private in signed_prekeys.items():
                self.store.import_signed_prekey(number, private)

    def same_account(self, identity: bytes, registration_id: int) -> None:
        """Raises NoIdentityError or ConflictError unless it is the store's account."""
        _ = self.store.identity
        self.store.import_identity(identity, registration_id)

    def identity(self, jid: str, public_key: bytes) -> None:
        """Makes a device's identity known, unless the store knows one: the user may have accepted a newer one here."""
        try:
            self.store.identity_of(jid)
        except callkey.NotFoundError:
            try:
                self.store.trust(jid, public_key)
            except _REJECTED as problem:
                self.leave(jid, str(problem))

    def into_store(self, jid: str, record: bytes) -> bool:
        """Returns whether the session is in the store now, so that the other side must forget it."""
        try:
            self.store.session_info(jid)
            return self.leave(jid, "the store has a session with it")
        except callkey.NoSessionError:
            pass
        except _REJECTED as problem:
            return self.leave(jid, str(problem))
        try:
            self.store.session(jid).restore(record)
        except _REJECTED as problem:
            return self.leave(jid, str(problem))
        self.moved.append(jid)
        return True

    def records(self, has: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        """The sessions to move out of the store: those that the other side has not. It can raise ValueError."""
        for jid in list(self.store.sessions()):
            try:
                there = has(jid)
            except ValueError as problem:
                self.leave(jid, str(problem))
                continue
            if there:
                self.leave(jid, "the other side has a session with it")
            elif self.store.session_info(jid).stale:
                self.leave(jid, "it is from an old copy of the store and must not seal")
            else:
                with self.store.session(jid).export() as record:
                    yield jid, record.reveal()

    def leave(self, name: str, reason: str) -> bool:
        print(f"{name}: not moved: {reason}")
        self.left += 1
        return False

    def forget(self) -> None:
        """After the other side has committed the sessions that moved out."""
        for jid in self.moved:
            self.store.session(jid).remove()


def write(file: Path, value: Any) -> None:
    """Writes a file of JSON as a whole, in place of the one that is there. Only its owner can read it."""
    new = file.with_suffix(".new")
    with suppress(FileNotFoundError):
        new.unlink()  # a part, of a run that was interrupted
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(value, out)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
    if os.name == "posix":  # a power failure must not undo it: then the session goes from the store
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def run(about: str, old: str, go: Callable[[Move, Path, bool], None], arguments: Optional[list[str]]) -> int:
    """``go(move, old, inwards)`` moves. Returns the exit status: 1 if something was left."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("direction", choices=("in", "out"), help="into the store, or out of it again")
    parser.add_argument("old", metavar=old, type=Path)
    parser.add_argument("store", help="the store's file; made by in if it is not there")
    parser.add_argument("storage_key", type=Path, help="a file with its 32-byte storage key")
    given = parser.parse_args(arguments)
    inwards = given.direction == "in"
    if not given.old.exists():
        parser.error(f"there is no {given.old}")
    key = given.storage_key.read_bytes()
    try:
        with callkey.Store.open(given.store, storage_key=key, identity=False, must_exist=not inwards) as store:
            move = Move(store)
            go(move, given.old, inwards)
    except callkey.CallKeyError as problem:
        parser.exit(2, f"{given.store}: {problem}\n")
    except (KeyError, TypeError, ValueError) as problem:
        parser.exit(2, f"{given.old}: not an account of this kind: {type(problem).__name__}: {problem}\n")
    print(f"{len(move.moved)} sessions moved, {move.left} left")
    return 1 if move.left else 0
