"""Stanzas that are committed and not sent yet."""

from __future__ import annotations

from database import Cursor
from server import Server

# Another worker's row is skipped, so two workers send two stanzas at a time.
TAKE = """
    DELETE FROM outbox WHERE id = (SELECT id FROM outbox ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING recipient, stanza
"""


def put(cursor: Cursor, recipient: str, stanza: bytes) -> None:
    """Commits a stanza together with the records that sealed it."""
    cursor.execute("INSERT INTO outbox (recipient, stanza) VALUES (%s, %s)", (recipient, stanza))


def release(cursor: Cursor, server: Server) -> bool:
    """Sends one, and returns whether there was one.

    The row goes with the commit after it was sent. A worker that is killed in between leaves it, and it is sent once
    more: the same ciphertext, which the peer refuses as a duplicate. A ciphertext is never made anew.
    """
    row = cursor.execute(TAKE).fetchone()
    if row is None:
        return False
    server.send(*row)
    return True
