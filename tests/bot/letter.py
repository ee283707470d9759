"""What one device sends to one other through the server, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from tests.bot.stanza import Node


@dataclass
class Sealed:
    """The session of a ciphertext, as its sender told it."""

    base_key: str
    sender_identity: str
    receiver_identity: str


@dataclass
class Letter:
    name: str  # the same on every run of a seed
    kind: str  # offer, accept, enc_rekey; or what has no stanza: message, retry, roster, packet
    call: str
    sender: str
    receiver: str
    body: dict[str, Any] = field(default_factory=dict)
    stanza: Optional[Node] = None
    sealed: Optional[Sealed] = None  # None: nothing is encrypted
    opened: bool = False  # and reported
    kept: bool = False  # by a store with keep_opened, until its app has committed it
    committing: bool = False  # an app with keep_opened calls message_done
    committed: bool = False  # it has returned
    undone: bool = False  # the receiver went back to an older copy of its store while the letter was on its way
    orphaned: bool = False  # the receiver was killed while it had the letter


@dataclass
class Delivery:
    """One of the times that a letter comes, and its form."""

    letter: Letter
    due: int
    again: bool
    late: bool
    compressed: bool
    strip: int  # 0: with what is for others; 1: without; 2: as a bare <enc>

    @property
    def order(self) -> tuple[int, str, bool]:
        return self.due, self.letter.name, self.again
