"""The example with its steps in a wrong order, to see that the judge notices."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import call
import device
import outbox
import prekey
import psycopg
from worker import Worker

from callkey import CallKeyError

ORDERS = {
    "release": "message keys",
    "lock": "message keys",
    "acknowledge": "incoming",
    "prekey": "prekeys",
}
"""The wrong orders, and what each damages."""

CUT = 0.2


def order(name: str, server: Any) -> None:
    """Changes the example in this process. An empty name changes nothing."""
    if name:
        globals()[f"_{name}"](server)


def _release(server: Any) -> None:
    """The ciphertext is sent before the commit, and then the connection is cut."""

    def put(cursor: Any, recipient: str, stanza: bytes) -> None:
        server.send(recipient, stanza)
        if random.random() < CUT:
            raise psycopg.OperationalError

    outbox.put = put


def _lock(server: Any) -> None:
    """Nobody waits for the other who has the device."""
    device.LOCK = device.LOCK.replace(" FOR UPDATE", "")
    right = call.take

    def take(cursor: Any, *given: Any) -> bool:
        try:
            return right(cursor, *given)
        except psycopg.errors.UniqueViolation:
            raise psycopg.OperationalError from None  # the other worker's offer is there by now

    call.take = take


def _acknowledge(server: Any) -> None:
    """The server is told that the offer is ours, and then the worker is as good as killed before it commits."""

    def take(worker: Worker, stanza: Any) -> None:
        server.acknowledge(stanza)
        if random.random() < CUT:
            return
        with contextlib.suppress(CallKeyError):
            worker._database.transaction(lambda cursor: call.take(cursor, worker._seal, worker._own, stanza))

    Worker._take = take


def _prekey(server: Any) -> None:
    """The private keys stay, and no base key is remembered."""
    right = prekey.use

    def use(cursor: Any, seal: Any, first: Any) -> prekey.Keys:
        with cursor.connection.transaction(force_rollback=True):
            return right(cursor, seal, first)

    prekey.use = use
