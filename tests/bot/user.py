"""The users and their devices. A device keeps its store over the ends of its process, until it is reinstalled."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import Any, Callable, Optional

from tests.bot.process import Died, Process

NUMBERS = (0, 7, 33)
"""The devices of each user. Device 0 has no number on the wire."""

KEEPER = 1
"""The place of the device with keep_opened."""


class Device:
    def __init__(
        self, jid: str, folder: Path, keep_opened: bool, serve: Callable[[dict[str, str]], Any], damaged: bool
    ) -> None:
        self.jid = jid
        self.keep_opened = keep_opened
        self.life = 0  # the number of its processes so far; what is in memory ends with each
        self._folder = folder
        self._serve = serve
        self._damaged = damaged
        self._process: Optional[Process] = None

    def start(self, storage_key: bytes = b"") -> None:
        """Starts its process; with a storage key, with a new store."""
        self.close()
        if storage_key:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            self._storage_key = storage_key
        self.life += 1
        setup = {
            "jid": self.jid,
            "path": str(self._folder / "store.db"),
            "storage_key": self._storage_key.hex(),
            "must_exist": not storage_key,
            "keep_opened": self.keep_opened,
            "damaged": self._damaged,
        }
        self._process = Process(setup, self._folder.with_suffix(".log"), self._serve)

    def ask(self, do: str, kill_after: Optional[float] = None, **fields: Any) -> dict[str, Any]:
        """The answer to a command. Raises Died; the next command needs a start."""
        if self._process is None:
            raise Died(self.jid)
        try:
            return self._process.ask(do, kill_after, **fields)
        except Died:
            self.close()
            raise

    @property
    def running(self) -> bool:
        return self._process is not None

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def __repr__(self) -> str:
        return self.jid


class User:
    def __init__(self, number: int, devices: list[Device]) -> None:
        self.number = number
        self.devices = devices


def jid(user: int, device: int) -> str:
    """A LID with device."""
    return f"{100_000_000_000_000 + 1_111 * user}:{NUMBERS[device]}@lid"


def storage_key(seed: str, jid: str, installation: int) -> bytes:
    return Random(f"{seed} {jid} {installation}").randbytes(32)
