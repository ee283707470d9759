"""The process of a worker: the example's, with the test's server on standard input and output."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from typing import Any, Optional

from database import Database
from seal import Seal
from server import Stanza
from worker import Worker

from tests.postgres import wrong
from tests.postgres.package import callkey


class Connection:
    def _ask(self, do: str, **fields: Any) -> dict[str, Any]:
        sys.stdout.write(json.dumps({"do": do, **fields}) + "\n")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        if answer.get("end"):
            raise EOFError
        return answer

    def receive(self, seconds: float) -> Optional[Stanza]:
        answer = self._ask("receive", seconds=seconds)
        return Stanza(answer["id"], answer["sender"], bytes.fromhex(answer["wire"])) if answer else None

    def acknowledge(self, stanza: Stanza) -> None:
        self._ask("acknowledge", id=stanza.id)

    def refuse(self, stanza: Stanza, error: callkey.CallKeyError) -> None:
        self._ask("refuse", id=stanza.id, error=type(error).__name__)

    def send(self, recipient: str, wire: bytes) -> None:
        self._ask("send", recipient=recipient, wire=wire.hex())

    def bundle(self, jid: str) -> callkey.PrekeyBundle:
        return callkey.PrekeyBundle.from_dict(self._ask("bundle", jid=jid))

    def log(self, text: str) -> None:
        self._ask("log", text=text)


class Log(logging.Handler):
    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def emit(self, record: logging.LogRecord) -> None:
        self._connection.log("transactions run again" if record.msg.startswith("again") else record.getMessage())


def main() -> None:
    connection = Connection()
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # it warns of each connection that is cut
    logging.getLogger("calls").addHandler(Log(connection))
    logging.getLogger("calls").setLevel(logging.INFO)
    wrong.order(os.environ.get("WRONG", ""), connection)
    database, seal = Database(os.environ["CONNINFO"]), Seal(bytes.fromhex(os.environ["APP_KEY"]))
    with contextlib.suppress(EOFError):
        Worker(database, seal, connection, os.environ["JID"], b"identity").run()


if __name__ == "__main__":
    main()
