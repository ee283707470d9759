"""Moves an account's sessions between Baileys' key files (useMultiFileAuthState) and a store.

    python3 move_baileys.py in  FOLDER calls.db storage.key
    python3 move_baileys.py out FOLDER calls.db storage.key

Stop the program that uses the folder first. docs/migrate.md has the order of steps and what does not move. The account
itself (creds.json) stays in the folder, so that Baileys can go on after ``out``.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any, Optional

from address import jid_of, name_of
from baileys_session import from_file, to_file
from move import Move, run, write
from record import RECORD, decode, encode


def go(move: Move, folder: Path, inwards: bool) -> None:
    creds = read(folder / "creds.json")
    identity, number, signed = creds["signedIdentityKey"], creds["registrationId"], creds["signedPreKey"]
    if not inwards:
        move.same_account(private(identity), number)
        out_of_store(move, folder)
        move.forget()
        return
    prekeys = {int(file.stem[len("pre-key-") :]): private(read(file)) for file in folder.glob("pre-key-*.json")}
    move.account(private(identity), number, {signed["keyId"]: private(signed["keyPair"])}, prekeys)
    own = (b"\x05" + b64decode(identity["public"]["data"]), number)
    for file in sorted(folder.glob("session-*.json")):
        try:
            jid = jid_of(file.stem[len("session-") :], ".")
            record = encode(from_file(read(file), *own), RECORD)
        except ValueError as problem:
            move.leave(file.name, str(problem))
            continue
        if move.into_store(jid, record):
            file.unlink()


def out_of_store(move: Move, folder: Path) -> None:
    def file(jid: str) -> Path:
        return folder / f"session-{name_of(jid, '.')}.json"

    for jid, record in move.records(lambda jid: file(jid).exists()):
        content = to_file(decode(record, RECORD))
        if content is None:
            move.leave(jid, "there is no session in it that Baileys can keep")
            continue
        write(file(jid), content)
        move.moved.append(jid)


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def private(pair: Any) -> bytes:
    return b64decode(pair["private"]["data"])


def main(arguments: Optional[list[str]] = None) -> int:
    assert __doc__
    return run(__doc__.splitlines()[0], "FOLDER", go, arguments)


if __name__ == "__main__":
    sys.exit(main())
