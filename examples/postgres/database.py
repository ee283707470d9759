"""One worker's connection to PostgreSQL, which may be cut at any time."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import Any, Callable, Optional, TypeVar

import psycopg

log = logging.getLogger("calls")

Result = TypeVar("Result")
Cursor = psycopg.Cursor[Any]

DELAYS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

# A commit that PostgreSQL has reported must survive its crash. With "off" a crash brings back old records, and old
# records use message keys again. Read Committed: what is read after a lock is what the lock's last holder committed.
SETTINGS = "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed"


class Database:
    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._connection: Optional[psycopg.Connection[Any]] = None

    def transaction(self, body: Callable[[Cursor], Result]) -> Result:
        """Runs ``body`` in a transaction, commits and returns its result. If the connection is cut, or PostgreSQL ends
        the transaction because of a deadlock, it runs again on a new connection.

        A connection that is cut during the commit does not say whether it was committed. So ``body`` must look first
        whether its work is done, and it must not have done anything that a rollback does not undo: nothing is sent.
        """
        for delay in DELAYS:
            try:
                with self._connect().transaction(), self._connect().cursor() as cursor:
                    return body(cursor)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                log.warning("again: %s", type(error).__name__)
                self.close()
                time.sleep(delay)
        with self._connect().transaction(), self._connect().cursor() as cursor:
            return body(cursor)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            self._connection = psycopg.connect(self._conninfo, options=SETTINGS, autocommit=True)
        return self._connection
