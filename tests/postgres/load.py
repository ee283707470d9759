"""A run: workers that are killed, connections that are cut, and calls both ways between us and the peers."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import count, cycle
from typing import Optional

import account
import call
import prekey
import psycopg
from database import Database
from seal import Seal

from tests.postgres.cluster import Cluster
from tests.postgres.judge import Judge, Offer
from tests.postgres.package import callkey
from tests.postgres.peers import Peers
from tests.postgres.server import US, Server
from tools.script import ROOT, Failed

BACKLOG = 40
"""Calls each way that wait."""
DRAIN = 120
"""Seconds at most for what is under way at the end."""
WRONG_DRAIN = 10
"""The same after a wrong order, which may never come to an end."""


class Load:
    def __init__(
        self, cluster: Cluster, peers: Peers, number: int, devices: int, workers: int, wrong: str = ""
    ) -> None:
        """``number``: of the run, its database and its peers."""
        self.judge = Judge()
        self.users = {
            f"{number}1{n:04}@lid": [f"{number}1{n:04}:{device}@lid" for device in (0, 1)] for n in range(devices // 2)
        }
        self.devices = [jid for jids in self.users.values() for jid in jids]
        self.server = Server(peers, self.judge, self.users)
        self._cluster, self._peers, self._number, self._wrong = cluster, peers, number, wrong
        self._key = os.urandom(32)
        self._seal = Seal(self._key)
        with psycopg.connect(cluster.conninfo("test", "postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE run{number}")
        self._app = Database(cluster.conninfo("app", f"run{number}"))
        with psycopg.connect(cluster.conninfo("app", f"run{number}")) as made:
            made.execute((ROOT / "examples" / "postgres" / "schema.sql").read_text(encoding="utf-8"))
        self._account = self._app.transaction(lambda cursor: account.load(cursor, self._seal))
        self._signed = self._app.transaction(lambda cursor: prekey.rotate(cursor, self._seal, self._account))
        self._ids = count(1)
        # One after the other, so that each has calls both ways.
        self._callers, self._callees = cycle(self.devices), cycle(self.users)
        self._workers: list[tuple[subprocess.Popen[bytes], threading.Thread]] = [self._start() for _ in range(workers)]
        peers.create(self.devices)

    def run(self, seconds: float) -> None:
        """Ends its workers, also after an error."""
        try:
            self._disturbed(time.monotonic() + seconds)
            self._drain()
            self._compare()
        finally:
            self._close()

    def _disturbed(self, end: float) -> None:
        steps = ((1.0, self._kill), (0.4, self._cut), (0.5, self._abuse))
        threads = [threading.Thread(target=self._every, args=(*step, end)) for step in steps]
        for thread in threads:
            thread.start()
        try:
            while time.monotonic() < end:
                self._call()
        finally:
            for thread in threads:
                thread.join()

    def _call(self) -> None:
        offers, wanted = self.server.incoming.qsize() < BACKLOG, self._wanted() < BACKLOG
        if offers:
            self._offer(next(self._callers), one_time=random.random() < 0.5)
        if wanted:
            self._want()
        if not offers and not wanted:
            time.sleep(0.01)

    def _close(self) -> None:
        self.server.closing = True
        for process, thread in self._workers:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
            thread.join()
        self._app.close()

    # What peers and the app do

    def _offer(
        self, jid: str, one_time: bool, bundle: Optional[callkey.PrekeyBundle] = None, rival: bool = False
    ) -> None:
        if bundle or not self._peers.knows_us(jid):
            self._peers.begin(jid, bundle or self._bundle(one_time))
        with callkey.CallKey.generate() as key, key.plaintext() as plaintext:
            enc_type, ciphertext = self._peers.seal(jid, plaintext.reveal())
            offer = Offer(jid, f"IN{next(self._ids)}", key.reveal(), enc_type, ciphertext, rival=rival)
        self.judge.count("incoming calls")
        self.server.deliver(offer)

    def _want(self) -> None:
        callee, call_id = next(self._callees), f"OUT{next(self._ids)}"
        self.judge.wanted(callee, call_id, self.users[callee])
        self._app.transaction(lambda cursor: call.want(cursor, callee, call_id, self.users[callee]))
        self.judge.count("outgoing calls")

    def _bundle(self, one_time: bool) -> callkey.PrekeyBundle:
        one = self._app_prekey() if one_time else None
        identity = self._account.identity
        return callkey.PrekeyBundle(
            registration_id=identity.registration_id,
            identity_key=identity.public_key,
            signed_prekey_id=self._signed.id,
            signed_prekey=self._signed.public_key,
            signed_prekey_signature=self._signed.signature,
            prekey_id=one.id if one else 0,
            prekey=one.public_key if one else b"",
        )

    def _app_prekey(self) -> callkey.Prekey:
        database = Database(self._cluster.conninfo("prekeys", f"run{self._number}"))
        try:
            return database.transaction(lambda cursor: prekey.add(cursor, self._seal, 1))[0]
        finally:
            database.close()

    # What goes wrong

    def _every(self, seconds: float, step: Callable[[], None], end: float) -> None:
        while time.monotonic() + seconds < end:
            time.sleep(seconds)
            step()

    def _kill(self) -> None:
        place = random.randrange(len(self._workers))
        process, thread = self._workers[place]
        process.kill()
        process.wait()
        thread.join()
        self.judge.count("workers killed")
        self._workers[place] = self._start()

    def _cut(self) -> None:
        with psycopg.connect(self._cluster.conninfo("test", "postgres"), autocommit=True) as admin:
            found = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker'"
                " ORDER BY state <> 'active', random() LIMIT 1"
            ).fetchall()
        if found:
            self.judge.count("connections cut")

    def _abuse(self) -> None:
        """Two devices get the same one-time prekey, and strangers send what others sent."""
        n = next(self._ids)
        rivals = [f"{self._number}2{n:04}:{device}@lid" for device in (0, 1)]
        self._peers.create(rivals)
        bundle = self._bundle(one_time=True)
        for jid in rivals:
            self._offer(jid, True, bundle, rival=True)
        while not self.server.relays.empty():
            first = self.server.relays.get()
            self.judge.count("first messages relayed by strangers")
            self.server.deliver(
                Offer(
                    f"{self._number}3{next(self._ids):04}:0@lid",
                    first.call_id,
                    first.key,
                    first.enc_type,
                    first.ciphertext,
                    relayed=True,
                )
            )

    # The end

    def _wanted(self) -> int:
        there = (
            "SELECT (SELECT count(*) FROM call WHERE key IS NULL AND failed IS NULL) + (SELECT count(*) FROM outbox)"
        )
        return int(self._app.transaction(lambda cursor: cursor.execute(there).fetchall())[0][0])

    def _drain(self) -> None:
        end = time.monotonic() + (WRONG_DRAIN if self._wrong else DRAIN)
        while self._wanted() or not self.server.idle:
            for place, (process, _) in enumerate(self._workers):
                if process.poll() is not None:
                    self._workers[place] = self._start()
            if time.monotonic() > end:
                if self._wrong:
                    return  # what it damaged is among the faults
                raise Failed(f"calls are still under way {DRAIN} seconds after the last one")
            time.sleep(0.1)

    def _compare(self) -> None:
        rows = self._app.transaction(lambda c: c.execute("SELECT incoming, peer, id, key FROM call").fetchall())
        got: dict[tuple[str, str], bytes] = {}
        placed: dict[tuple[str, str], bytes] = {}
        for incoming, peer, call_id, key in rows:
            name = f"call/{'from' if incoming else 'to'}/{peer}/{call_id}"
            opened = self._seal.open(name, key)
            if opened is not None:
                (got if incoming else placed)[peer, call_id] = opened
        self.judge.compare(got, placed)
        told = "SELECT xact_commit, xact_rollback, deadlocks FROM pg_stat_database WHERE datname = %s"
        with psycopg.connect(self._cluster.conninfo("test", "postgres"), autocommit=True) as admin:
            row = admin.execute(told, (f"run{self._number}",)).fetchone()
        assert row
        self.judge.counts.update({"commits": row[0], "rollbacks": row[1], "deadlocks": row[2]})

    # Workers

    def _start(self) -> tuple[subprocess.Popen[bytes], threading.Thread]:
        settings = {"CONNINFO": self._cluster.conninfo("worker", f"run{self._number}"), "APP_KEY": self._key.hex()}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres.process"],
            cwd=ROOT,
            env={**os.environ, **settings, "JID": US, "WRONG": self._wrong},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        thread = threading.Thread(target=self.server.serve, args=(process.stdout, process.stdin), daemon=True)
        thread.start()
        return process, thread
