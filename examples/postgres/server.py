"""What a worker needs of the app's connection to WhatsApp."""

from __future__ import annotations

from typing import NamedTuple, Optional, Protocol

from callkey import CallKeyError, PrekeyBundle


class Stanza(NamedTuple):
    """A call stanza that arrived. sender: the device that it is from, by the server's word."""

    id: str
    sender: str
    wire: bytes


class Server(Protocol):
    def receive(self, seconds: float) -> Optional[Stanza]:
        """The next stanza, within this time. The server delivers it again until it is acknowledged, also to another
        worker. Raises EOFError when the worker shall end."""

    def acknowledge(self, stanza: Stanza) -> None:
        """It is ours now; the server forgets it."""

    def refuse(self, stanza: Stanza, error: CallKeyError) -> None:
        """It does not open; the server forgets it. The app then sends a retry receipt."""

    def send(self, recipient: str, wire: bytes) -> None:
        """Returns when the server has taken it."""

    def bundle(self, jid: str) -> PrekeyBundle:
        """The keys that a device publishes."""
