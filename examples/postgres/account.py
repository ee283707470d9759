"""The own account: the private identity key."""

from __future__ import annotations

from database import Cursor
from seal import Seal

from callkey import Account


def load(cursor: Cursor, seal: Seal) -> Account:
    """The account, made at the first call. Of two workers that make one, one finds the other's."""
    with Account.generate() as new:
        cursor.execute(
            "INSERT INTO account (registration_id, private_key) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (new.registration_id, seal.seal("account", new)),
        )
    row = cursor.execute("SELECT registration_id, private_key FROM account").fetchone()
    assert row
    return Account.from_bytes(seal.open("account", row[1]) or b"", row[0])
