"""Moves an account's sessions between a file of Signal's own records and a store.

    python3 move_records.py in  account.json calls.db storage.key
    python3 move_records.py out account.json calls.db storage.key

Signal's client library and zapo-js keep sessions in Signal's storage protobuf, in a storage that the program brings. So
the program writes the file and reads it again, as docs/migrate.md shows; bytes are in base64:

    {"registration_id": 4711, "identity": PRIVATE KEY,
     "signed_prekeys": {"1": PRIVATE KEY, …}, "prekeys": {"9": PRIVATE KEY, …},
     "sessions": {"222222222222222:5@lid": RECORD, …}}

The last of the signed prekeys is the one in use. Stop the program first. The file has every secret of the account:
remove it afterwards.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Optional

from move import Move, run, write


def go(move: Move, file: Path, inwards: bool) -> None:
    account = json.loads(file.read_text(encoding="utf-8"))
    sessions: dict[str, str] = account["sessions"]
    identity, number = b64decode(account["identity"]), account["registration_id"]
    if inwards:
        move.account(identity, number, keys(account["signed_prekeys"]), keys(account["prekeys"]))
        try:
            into_store(move, sessions)
        finally:  # whatever ended it: what is in the store must go here
            write(file, account)
    else:
        move.same_account(identity, number)
        for jid, exported in move.records(lambda jid: jid in sessions):
            sessions[jid] = b64encode(exported).decode()
            move.moved.append(jid)
        write(file, account)
        move.forget()


def into_store(move: Move, sessions: dict[str, str]) -> None:
    for jid, text in sorted(sessions.items()):
        try:
            record = b64decode(text, validate=True)
        except ValueError:
            move.leave(jid, "its record is not base64")
            continue
        if move.into_store(jid, record):
            del sessions[jid]


def keys(given: dict[str, str]) -> dict[int, bytes]:
    return {int(number): b64decode(key) for number, key in given.items()}


def main(arguments: Optional[list[str]] = None) -> int:
    assert __doc__
    return run(__doc__.splitlines()[0], "FILE", go, arguments)


if __name__ == "__main__":
    sys.exit(main())
