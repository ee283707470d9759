"""Moves an account's sessions between whatsmeow's SQLite database and a store.

    python3 move_whatsmeow.py in  whatsmeow.db calls.db storage.key
    python3 move_whatsmeow.py out whatsmeow.db calls.db storage.key

Stop the program that uses the database first. docs/migrate.md has the order of steps and what does not move. The
database must have one device; its account stays there, so that whatsmeow can go on after ``out``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Optional

from address import jid_of, name_of
from move import Move, run
from record import RECORD, decode
from whatsmeow_row import row


def go(move: Move, old: Path, inwards: bool) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as database:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as problem:
            raise SystemExit(f"{old}: {problem}") from None
        devices = database.execute(
            "SELECT jid, identity_key, registration_id, signed_pre_key_id, signed_pre_key FROM whatsmeow_device"
        ).fetchall()
        if len(devices) != 1:
            raise SystemExit(f"{old} has {len(devices)} devices; a store is one device's")
        own, identity, number, signed_id, signed = devices[0]
        if inwards:
            uploaded = "SELECT key_id, key FROM whatsmeow_pre_keys WHERE jid = ? AND uploaded"
            move.account(identity, number, {signed_id: signed}, dict(database.execute(uploaded, (own,))))
            try:
                into_store(move, database, own)
            finally:  # whatever ended it: what is in the store must go here
                database.execute("COMMIT")
        else:
            move.same_account(identity, number)
            out_of_store(move, database, own)
            database.execute("COMMIT")
            move.forget()


def into_store(move: Move, database: sqlite3.Connection, own: str) -> None:
    for table, column in (("identity_keys", "identity"), ("sessions", "session")):
        rows = database.execute(
            f"SELECT their_id, {column} FROM whatsmeow_{table} WHERE our_jid = ?", (own,)
        ).fetchall()
        for name, value in rows:
            try:
                jid = jid_of(name, ":")
            except ValueError as problem:
                move.leave(name, str(problem))
                continue
            if table == "identity_keys":
                move.identity(jid, value)
            elif value is not None and move.into_store(jid, value):  # JSON, which the store reads
                database.execute("DELETE FROM whatsmeow_sessions WHERE our_jid = ? AND their_id = ?", (own, name))


def out_of_store(move: Move, database: sqlite3.Connection, own: str) -> None:
    def has(jid: str) -> bool:
        query = "SELECT 1 FROM whatsmeow_sessions WHERE our_jid = ? AND their_id = ?"
        return database.execute(query, (own, name_of(jid, ":"))).fetchone() is not None

    for jid, record in move.records(has):
        fields = decode(record, RECORD)
        if "current" not in fields:
            move.leave(jid, "only earlier sessions are left of it")
            continue
        at = (own, name_of(jid, ":"))
        database.execute("INSERT INTO whatsmeow_sessions VALUES (?, ?, ?)", (*at, json.dumps(row(fields)).encode()))
        identity = fields["current"]["remote_identity"][1:]
        database.execute("REPLACE INTO whatsmeow_identity_keys VALUES (?, ?, ?)", (*at, identity))
        move.moved.append(jid)


def main(arguments: Optional[list[str]] = None) -> int:
    assert __doc__
    return run(__doc__.splitlines()[0], "DATABASE", go, arguments)


if __name__ == "__main__":
    sys.exit(main())
