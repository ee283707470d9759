"""What devices do in one step: each one's commands one after the other, all devices side by side, some killed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Callable, Optional

from tests.bot.counts import Counts
from tests.bot.decisions import Kill, Stop
from tests.bot.judge import Judge
from tests.bot.process import Died
from tests.bot.user import Device
from tools.script import Failed

Ask = Callable[..., dict[str, Any]]
"""A command to a device, which may be killed meanwhile."""


@dataclass
class Task:
    """One or more commands. ``died`` is told if the device was killed meanwhile."""

    device: Device
    do: Callable[[Ask], None]
    died: Callable[[], None] = lambda: None


class Crew:
    def __init__(self, size: int, counts: Counts, judge: Judge) -> None:
        self._pool = ThreadPoolExecutor(size)
        self._counts = counts
        self._judge = judge

    def close(self) -> None:
        self._pool.shutdown()

    def each(self, do: Callable[..., None], *rows: Any) -> None:
        list(self._pool.map(do, *rows))

    def carry_out(self, tasks: list[Task], kills: list[Kill], stops: list[Stop]) -> None:
        rows: dict[int, list[Task]] = {}
        for task in tasks:
            rows.setdefault(id(task.device), []).append(task)
        names = list(rows)
        killed = {names[int(kill.device * len(names))]: kill for kill in kills if names}
        futures = [self._pool.submit(self._row, row, killed.get(name)) for name, row in rows.items()]
        shared = [row[0].device for row in rows.values() if row[0].device.shared]
        if shared:
            futures += [self._pool.submit(self._stop, shared[int(s.device * len(shared))], s) for s in stops]
        for future in futures:
            future.result()

    def _stop(self, device: Device, stop: Stop) -> None:
        time.sleep(stop.after)
        device.stop(stop.seconds)
        self._counts.add("stopped processes")

    def _row(self, row: list[Task], kill: Optional[Kill]) -> None:
        target = -1 if kill is None else int(kill.command * len(row))
        for number, task in enumerate(row):
            if not task.device.running:
                self._restart(task.device)
            self._one(task, kill.after if kill is not None and number == target else None)
        if not row[-1].device.running:
            self._restart(row[-1].device)

    def _one(self, task: Task, kill_after: Optional[float]) -> None:
        device = task.device
        kills = [kill_after]

        def ask(do: str, **fields: Any) -> dict[str, Any]:
            answer = device.ask(do, kill_after=kills.pop() if kills else None, **fields)
            if "error" in answer:
                raise Failed(f"{device}: {do}: {answer['error']}")
            self._counts.add("times that another process had the store", answer.get("busy", 0))
            for peer, identity in answer.get("trusted", []):
                self._judge.trusted(device.jid, peer, identity)
            return answer

        try:
            task.do(ask)
        except Died:
            self._counts.add("kills")
            task.died()
        if kill_after is not None and device.running:
            self._counts.add("kills")
            self._counts.add("kills after a command")
            device.close()

    def _restart(self, device: Device) -> None:
        device.start()
        self._judge.restarted(device.jid, device.ask("identity")["identity"])
