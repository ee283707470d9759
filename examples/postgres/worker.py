"""A worker. Start as many as there are processors, on as many machines as there are."""

from __future__ import annotations

import logging

import account
import call
import outbox
from database import Database
from seal import Seal
from server import Server, Stanza

from callkey import CallKeyError, DuplicateError

log = logging.getLogger("calls")

IDLE = 0.05
"""Seconds to wait for a stanza when there is nothing to send. An app with few calls uses LISTEN and NOTIFY instead."""


class Worker:
    def __init__(self, database: Database, seal: Seal, server: Server, jid: str, identity: bytes) -> None:
        """``jid``: our device. ``identity``: its device-identity."""
        self._database, self._seal, self._server = database, seal, server
        self._own = call.Own(jid, database.transaction(lambda cursor: account.load(cursor, seal)), identity)

    def run(self) -> None:
        """Works until the server ends it with EOFError."""
        while True:
            placed = self._database.transaction(lambda c: call.place(c, self._seal, self._own, self._server))
            sent = self._database.transaction(lambda c: outbox.release(c, self._server))
            stanza = self._server.receive(0 if placed or sent else IDLE)
            if stanza is not None:
                self._take(stanza)

    def _take(self, stanza: Stanza) -> None:
        try:
            if not self._database.transaction(lambda c: call.take(c, self._seal, self._own, stanza)):
                log.info("an offer came again")
        except DuplicateError:
            log.info("an offer came again under another call id, or its call is deleted by now")
        except CallKeyError as error:
            self._server.refuse(stanza, error)
            return
        self._server.acknowledge(stanza)
