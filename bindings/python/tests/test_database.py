"""The code of docs/database.md, word by word: sessions in a database of the program's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import TREE
from kept import Device

import callkey
from callkey import Account, Ciphertext, PrekeyBundle


class Crash(Exception):
    pass


def code() -> dict[str, Any]:
    (text,) = re.findall(r"^```python\n(.*?)^```", (TREE / "docs/database.md").read_text(encoding="utf-8"), re.M | re.S)
    names: dict[str, Any] = {}
    exec(compile(text, "docs/database.md", "exec"), names)
    return names


CODE = code()


def seal(name: str, value: bytes) -> bytes:
    """In place of encryption: what matters here is that a value opens only under its row's name."""
    return name.encode() + b"\0" + value


def unseal(name: str, value: bytes) -> bytes:
    there, _, content = value.partition(b"\0")
    assert there == name.encode()
    return content


class Peer:
    """A program, its database, and what it made of its messages."""

    def __init__(self, folder: Path, name: str, server: dict[str, Peer]) -> None:
        self.account = Account.generate()
        self.name, self.server = name, server
        self.sessions = CODE["Sessions"](folder / f"{name}.db", self.account, seal, unseal)
        with self.sessions.transaction() as db:
            for statement in CODE["SCHEMA"].strip().split(";\n"):
                db.execute(statement)
            db.execute("CREATE TABLE inbox (text BLOB)")
        server[name] = self

    def publish(self, prekey_id: int = 0) -> PrekeyBundle:
        device = Device(self.account)
        bundle = device.publish(prekey_id)
        with self.sessions.transaction() as db:
            for table, keys, more in (("prekey", device.prekeys, ""), ("signed_prekey", device.signed_prekeys, ", 0")):
                for id, key in keys.items():
                    value = seal(f"{table} {id}", key.reveal())
                    db.execute(f"REPLACE INTO {table} VALUES (?, ?{more})", (id, value))
        return bundle

    def receive(self, sender: str, ciphertext: Ciphertext, crash: bool = False) -> None:
        def effect(db: Any, plaintext: callkey.Plaintext) -> None:
            db.execute("INSERT INTO inbox VALUES (?)", (plaintext.reveal(),))
            if crash:
                raise Crash

        self.sessions.open(sender, *ciphertext, effect)

    def inbox(self) -> list[bytes]:
        with self.sessions.transaction() as db:
            return [text for (text,) in db.execute("SELECT text FROM inbox ORDER BY rowid")]


Pairs = Callable[[int], tuple[Peer, Peer]]


@pytest.fixture
def met(tmp_path: Path) -> Pairs:
    def make(prekey_id: int = 5) -> tuple[Peer, Peer]:
        server: dict[str, Peer] = {}
        caller, callee = Peer(tmp_path, "caller", server), Peer(tmp_path, "callee", server)
        caller.sessions.begin("callee", callee.publish(prekey_id))
        return caller, callee

    return make


def test_both_directions_in_threads(met: Pairs) -> None:
    # A message key would be used twice, or a message would be lost.
    caller, callee = met(5)
    callee.receive("caller", caller.sessions.seal("callee", b"first"))
    caller.receive("callee", callee.sessions.seal("caller", b"first"))

    # Each way in turn: a message that waits for more than five turns of the ratchet opens no more.
    texts = [b"%d" % i for i in range(20)]
    with ThreadPoolExecutor(4) as pool:
        for one, other in ((caller, callee), (callee, caller)) * 3:
            sealed = list(pool.map(partial(one.sessions.seal, other.name), texts))
            list(pool.map(partial(other.receive, one.name), reversed(sealed)))
    for peer in (caller, callee):
        assert sorted(peer.inbox()) == sorted([b"first", *texts * 3])


@pytest.mark.parametrize("prekey_id", [0, 5])
def test_a_crash_at_every_step(met: Pairs, prekey_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A worker that is killed would lose a message for good, or let a prekey be used twice.
    caller, callee = met(prekey_id)
    first = caller.sessions.seal("callee", b"first")
    write = callee.sessions.write

    def written_then_killed(*arguments: Any) -> None:
        write(*arguments)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(callee.sessions, "write", written_then_killed)
        with pytest.raises(Crash):
            callee.receive("caller", first)
    with pytest.raises(Crash):
        callee.receive("caller", first, crash=True)
    assert callee.inbox() == []
    callee.receive("caller", first)
    with pytest.raises(callkey.DuplicateError):
        callee.receive("caller", first)

    with monkeypatch.context() as patch:
        patch.setattr(caller.sessions, "write", lambda *arguments: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            caller.sessions.seal("callee", b"never sent")
    caller.sessions.seal("callee", b"committed, and lost before it was sent")
    callee.receive("caller", caller.sessions.seal("callee", b"second"))
    assert callee.inbox() == [b"first", b"second"]


@pytest.mark.parametrize("prekey_id", [0, 5])
def test_a_first_message_begins_one_session(met: Pairs, prekey_id: int) -> None:
    # A replayed call would ring again.
    caller, callee = met(prekey_id)
    first, second = (caller.sessions.seal("callee", text) for text in (b"first", b"second"))
    callee.receive("caller", first)
    callee.receive("caller", second)  # in the session that the first one began
    with callee.sessions.transaction() as db:
        db.execute("DELETE FROM device")
    for name in ("caller", "another name"):
        with pytest.raises(callkey.NoPrekeyError if prekey_id else callkey.DuplicateError):
            callee.receive(name, first)
    assert callee.inbox() == [b"first", b"second"]


def test_a_message_of_a_known_session_uses_no_prekey_up(met: Pairs, tmp_path: Path) -> None:
    # The server could use up all prekeys, one with each message: no MAC covers the id that a pkmsg names.
    caller, callee = met(5)
    callee.receive("caller", caller.sessions.seal("callee", b"first"))
    stranger = Peer(tmp_path, "stranger", {})
    stranger.sessions.begin("callee", callee.publish(6))
    enc_type, honest = caller.sessions.seal("callee", b"second")
    start = bytes((0x33, 0x08))  # the version, and the field of the prekey's id
    assert honest.startswith(start + b"\x05")
    callee.receive("caller", Ciphertext(enc_type, start + b"\x06" + honest[3:]))
    callee.receive("stranger", stranger.sessions.seal("callee", b"first"))
    assert callee.inbox() == [b"first", b"second", b"first"]


def test_another_identity_is_not_trusted(met: Pairs, tmp_path: Path) -> None:
    # The server could put itself between the two.
    caller, callee = met(5)
    callee.receive("caller", caller.sessions.seal("callee", b"first"))
    stranger = Peer(tmp_path, "stranger", {})
    stranger.sessions.begin("callee", callee.publish())
    with pytest.raises(callkey.UntrustedIdentityError) as presented:
        callee.receive("caller", stranger.sessions.seal("callee", b"as if it were the caller"))
    assert presented.value.identity_key == stranger.account.identity.public_key
    callee.receive("caller", caller.sessions.seal("callee", b"second"))
