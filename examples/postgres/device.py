"""A device of a peer: its sessions, and the identity that we trust for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from database import Cursor
from seal import Seal

from callkey import NoSessionError, Record

# A row that does not exist cannot be locked, and two workers that both find none would both begin. Of two INSERTs one
# waits until the other's transaction has ended. It could also be an advisory lock; but that is a number of 64 bits,
# which two devices may share, and nothing says which lock belongs to which row.
ADD = """
    INSERT INTO device (jid) SELECT jid FROM unnest(%s::text[]) AS wanted (jid) ORDER BY jid COLLATE "C"
    ON CONFLICT DO NOTHING
"""
# Always in this order: two workers with two devices in common would otherwise wait for each other.
LOCK = "SELECT jid, identity, record FROM device WHERE jid = ANY(%s) ORDER BY jid FOR UPDATE"
LOOK = "SELECT jid, identity, record FROM device WHERE jid = ANY(%s)"
STORE = "UPDATE device SET identity = %s, record = %s WHERE jid = %s"


@dataclass
class Device:
    jid: str
    identity: Optional[bytes]
    record: Record

    @property
    def can_seal(self) -> bool:
        try:
            return self.record.info(identity=self.identity).can_seal
        except NoSessionError:
            return False

    def store(self, cursor: Cursor, seal: Seal) -> None:
        identity = None if self.identity is None else seal.seal(f"device/{self.jid}/identity", self.identity)
        cursor.execute(STORE, (identity, seal.seal(f"device/{self.jid}/record", self.record), self.jid))


def lock(cursor: Cursor, seal: Seal, jids: Sequence[str]) -> list[Device]:
    """The devices, which are ours alone until the transaction ends. A transaction locks its devices once, all together.

    Read nothing of a device before: another worker may advance it while this one waits for the lock.
    """
    cursor.execute(ADD, (list(jids),))
    return [_read(seal, *row) for row in cursor.execute(LOCK, (list(jids),))]


def strangers(cursor: Cursor, seal: Seal, jids: Sequence[str]) -> list[str]:
    """The devices that we have no session with, at a first look without a lock."""
    known = [_read(seal, *row) for row in cursor.execute(LOOK, (list(jids),))]
    return [jid for jid in jids if jid not in {device.jid for device in known if device.can_seal}]


def _read(seal: Seal, jid: str, identity: Optional[bytes], record: Optional[bytes]) -> Device:
    data = seal.open(f"device/{jid}/record", record)
    return Device(jid, seal.open(f"device/{jid}/identity", identity), Record.from_bytes(data or b""))
