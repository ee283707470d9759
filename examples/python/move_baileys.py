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
    if inwards:
        prekeys = {int(file.stem[len("pre-key-") :]): private(read(file)) for file in folder.glob("pre-key-*.json")}
        move.account(private(identity), number, {signed["keyId"]: private(signed["keyPair"])}, prekeys)
        into_store(move, folder, (b"\x05" + data(identity["public"]), number))
    else:
        move.same_account(private(identity), number)
        out_of_store(move, folder)
        move.forget()


def into_store(move: Move, folder: Path, own: tuple[bytes, int]) -> None:
    for file in sorted(folder.glob("identity-key-*.json")) + sorted(folder.glob("session-*.json")):
        kind, _, name = file.stem.rpartition("-")
        try:
            jid, content = jid_of(name, "."), read(file)
            if kind == "identity-key":
                move.identity(jid, data(content)[1:])
                continue
            record = encode(from_file(content, *own), RECORD)
        except (KeyError, TypeError, ValueError) as problem:
            move.leave(file.name, f"{problem}")
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


def data(buffer: Any) -> bytes:
    return b64decode(buffer["data"])


def private(pair: Any) -> bytes:
    return data(pair["private"])


def main(arguments: Optional[list[str]] = None) -> int:
    assert __doc__
    return run(__doc__.splitlines()[0], "FOLDER", go, arguments)


if __name__ == "__main__":
    sys.exit(main())
