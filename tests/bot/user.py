"""The users, their devices, and the devices' processes. A store outlives its processes, until it is installed anew."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Callable, Optional

from tests.bot.process import Died, Process

NUMBERS = (0, 7, 33)
"""The devices of each user. Device 0 has no number on the wire."""

KEEPER = 1
"""The place of the device with keep_opened."""

SHARED = 2
"""The place of the device with two processes on one store: an app and its extension."""


def jid(user: int, place: int) -> str:
    """A LID with device."""
    return f"{100_000_000_000_000 + 1_111 * user}:{NUMBERS[place]}@lid"


@dataclass
class Store:
    """The file store of one device."""

    folder: Path
    key: bytes = b""
    copied: Optional[tuple[Path, bytes]] = None  # the newest copy, and its storage key

    @property
    def path(self) -> Path:
        return self.folder / "store.db"

    def renew(self, random: Random) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.key = random.randbytes(32)
        self.copied = None

    def restore(self) -> None:
        """Puts the copy in place of the store, which no process may have open."""
        assert self.copied is not None
        copy, self.key = self.copied
        self.copied = None
        for file in self.folder.glob(f"{self.path.name}*"):
            file.unlink()
        copy.rename(self.path)


class Device:
    """One process of a device, with the store's file open."""

    def __init__(
        self,
        jid: str,
        store: Store,
        serve: Callable[[dict[str, str]], Any],
        *,
        name: str = "app",
        keep_opened: bool = False,
        shared: bool = False,
        damaged: bool = False,
    ) -> None:
        self.jid = jid
        self.store = store
        self.keep_opened = keep_opened
        self.shared = shared  # another process has the store open too
        self.life = 0  # the number of its processes so far; what is in memory ends with each
        self._name = name
        self._serve = serve
        self._damaged = damaged
        self._process: Optional[Process] = None

    def start(self, must_exist: bool = True, restored: bool = False) -> None:
        self.close()
        self.life += 1
        setup = {
            "jid": self.jid,
            "path": str(self.store.path),
            "storage_key": self.store.key.hex(),
            "must_exist": must_exist,
            "restored": restored,
            "keep_opened": self.keep_opened,
            "damaged": self._damaged,
        }
        log = self.store.folder.with_name(f"{self.jid} {self._name}.log")
        self._process = Process(setup, log, self._serve)

    def ask(self, do: str, kill_after: Optional[float] = None, **fields: Any) -> dict[str, Any]:
        """The answer to a command. Raises Died; the next command needs a start."""
        if self._process is None:
            raise Died(self.jid)
        try:
            return self._process.ask(do, kill_after, **fields)
        except Died:
            self.close()
            raise

    def stop(self, seconds: float) -> None:
        """Stops its process for a while, if it has one. Other threads may use it meanwhile."""
        process = self._process
        if process is not None:
            process.stop()
            time.sleep(seconds)
            process.go_on()

    @property
    def running(self) -> bool:
        return self._process is not None

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def __repr__(self) -> str:
        return f"{self.jid} {self._name}"


def devices(
    user: int, folder: Path, serve: Callable[[dict[str, str]], Any], damaged: Optional[int]
) -> list[list[Device]]:
    """A user's devices, each as its processes. ``damaged`` is the place of one that derives wrong keys."""
    made = []
    for place in range(len(NUMBERS)):
        name = jid(user, place)
        store = Store(folder / name)
        shared = place == SHARED
        app = Device(name, store, serve, keep_opened=place == KEEPER, shared=shared, damaged=place == damaged)
        made.append([app, Device(name, store, serve, name="extension", shared=True)] if shared else [app])
    return made
