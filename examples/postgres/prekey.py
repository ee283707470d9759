"""Own prekeys: made, published, and used once."""

from __future__ import annotations

from typing import NamedTuple, Optional

from database import Cursor
from seal import Seal

from callkey import Account, MessageInfo, Prekey, PrivateKey, SignedPrekey, prekey_generate


class Keys(NamedTuple):
    """The private keys that open the first message of a session."""

    prekey: Optional[PrivateKey] = None
    signed_prekey: Optional[PrivateKey] = None


def add(cursor: Cursor, seal: Seal, count: int) -> list[Prekey]:
    """Makes one-time prekeys. Publish them after the commit: a published one that is lost loses a call."""
    published = []
    for _ in range(count):
        id = _next(cursor, "prekey_id")
        public, private = prekey_generate(id)
        with private:
            cursor.execute("INSERT INTO prekey VALUES (%s, %s)", (id, seal.seal(f"prekey/{id}", private)))
        published.append(public)
    return published


def rotate(cursor: Cursor, seal: Seal, account: Account) -> SignedPrekey:
    """Makes a signed prekey, to publish after the commit. Once a month or more often. Those that were replaced 30 days
    ago go, with their base keys."""
    cursor.execute("UPDATE signed_prekey SET replaced = now() WHERE replaced IS NULL")
    cursor.execute("DELETE FROM signed_prekey WHERE replaced < now() - interval '30 days'")
    id = _next(cursor, "signed_prekey_id")
    public, private = account.signed_prekey(id)
    with private:
        cursor.execute("INSERT INTO signed_prekey VALUES (%s, %s)", (id, seal.seal(f"signed_prekey/{id}", private)))
    return public


def use(cursor: Cursor, seal: Seal, first: Optional[MessageInfo]) -> Keys:
    """The keys for a message that begins a session; they are used up if this transaction commits. None if they are
    gone, or if the session was begun before.

    A worker that wants the same prekey for another device waits here for the commit, and then finds none.
    """
    assert first
    signed, one = f"signed_prekey/{first.signed_prekey_id}", f"prekey/{first.prekey_id}"
    row = cursor.execute("SELECT private_key FROM signed_prekey WHERE id = %s", (first.signed_prekey_id,)).fetchone()
    if row is None:
        return Keys()
    signed_prekey = _private(seal, signed, row)
    remember = "INSERT INTO base_key VALUES (%s, %s) ON CONFLICT DO NOTHING"
    cursor.execute(remember, (first.signed_prekey_id, first.base_key))
    if cursor.rowcount == 0:
        return Keys()
    row = cursor.execute("DELETE FROM prekey WHERE id = %s RETURNING private_key", (first.prekey_id,)).fetchone()
    return Keys(_private(seal, one, row) if row else None, signed_prekey)


def _private(seal: Seal, name: str, row: tuple[bytes]) -> PrivateKey:
    return PrivateKey.from_bytes(seal.open(name, row[0]) or b"")


def _next(cursor: Cursor, sequence: str) -> int:
    row = cursor.execute("SELECT nextval(%s)", (sequence,)).fetchone()
    assert row
    return int(row[0])
