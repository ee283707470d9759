"""A PostgreSQL of the test's own, in a temporary folder, on a socket there and not on the network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Optional

from tests.postgres.programs import programs
from tools.script import Failed, Word, words

SETTINGS = {"listen_addresses": "", "max_connections": "40", "log_min_messages": "fatal", "autovacuum": "off"}


class Cluster:
    """Use it in ``with``. It runs as the user of the test; for root, whom PostgreSQL rejects, as ``postgres``."""

    def __init__(self) -> None:
        found = programs()
        if found is None:
            raise Failed("there is no initdb")
        self._programs = found
        self.folder = Path(tempfile.mkdtemp(prefix="callkey-postgres-"))
        self._user: Optional[str] = None
        if os.geteuid() == 0:
            self._user = "postgres"
            entry = pwd.getpwnam(self._user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)

    def __enter__(self) -> Cluster:
        try:
            # Whoever can enter the folder is trusted: it is its owner's alone.
            self._run("initdb", "--pgdata", self._data, "--auth", "trust", "--username", "app", "--encoding", "UTF8")
            with (self._data / "postgresql.conf").open("a") as settings:
                for name, value in {**SETTINGS, "unix_socket_directories": str(self.folder)}.items():
                    settings.write(f"{name} = '{value}'\n")
            self._start()
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        try:
            self._stop("fast")
        finally:
            shutil.rmtree(self.folder)

    def crash(self) -> None:
        """Ends it as if the machine had stopped, and starts it again: it recovers from its log."""
        self._stop("immediate")
        self._start()

    def conninfo(self, application: str, database: str) -> str:
        return f"host={self.folder} user=app dbname={database} application_name={application}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _start(self) -> None:
        self._run("pg_ctl", "start", "--wait", "--pgdata", self._data, "--log", self.folder / "log")

    def _stop(self, mode: str) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode", mode, "--pgdata", self._data)

    def _run(self, program: str, *arguments: Word) -> None:
        with tempfile.TemporaryFile() as output:  # not a pipe: the server would keep it open
            done = subprocess.run(
                words(self._programs / program, *arguments),
                cwd=self.folder,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=120,
                check=False,
            )
            output.seek(0)
            if done.returncode:
                raise Failed(f"{program}: {output.read().decode(errors='replace')}")
