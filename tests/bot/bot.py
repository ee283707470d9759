"""The run. At each step something is decided, the devices that have something to do do it side by side, and the judge
looks at what they report."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import Optional

from tests.bot import user
from tests.bot.call import Call
from tests.bot.counts import Counts
from tests.bot.decisions import Decisions, decide
from tests.bot.group import Group
from tests.bot.judge import Judge
from tests.bot.post import Post
from tests.bot.server import Server
from tests.bot.traffic import Traffic
from tests.bot.upkeep import Upkeep
from tests.bot.work import Crew, Task
from tests.bot.world import Followed, World
from tools.script import Failed

LONGEST_END = 80
"""Steps after the last decision within which every call must have ended."""


class Bot:
    """Use it in ``with``: at its end there are no processes."""

    def __init__(self, seed: str, users: int, folder: Path, damage: str = "") -> None:
        """``damage``: derivation, delivery or silence; something is wrong then, and the judge must report it."""
        self.counts = Counts()
        self.judge = Judge(self.counts)
        server = Server(seed, self.counts, damage, user.jid(1, 2))
        rows = [
            user.devices(number, folder, server.serve, 1 if damage == "derivation" and number == 1 else None)
            for number in range(users)
        ]
        self._world = World(seed, self.counts, server, self.judge, rows)
        self._upkeep = Upkeep(self._world)
        self._post = Post(self._world)
        self._traffic = Traffic(self._world, self._post)
        self._crew = Crew(sum(map(len, self._world.processes.values())) + 1, self.counts, self.judge)

    def __enter__(self) -> Bot:
        self._crew.each(self._upkeep.install, self._world.processes.values())
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._crew.close()
        for processes in self._world.processes.values():
            for device in processes:
                device.close()

    def run(self, until: float, steps: int = 0) -> None:
        """Until that time, by time.monotonic, or for so many steps; then until every call has ended."""
        world = self._world
        while time.monotonic() < until and (not steps or world.step < steps):
            self._one(decide(world.seed, world.step, len(world.users)))
        last = world.step
        while world.calls:
            if world.step > last + LONGEST_END:
                raise Failed(f"{', '.join(world.calls)}: no end within {LONGEST_END} steps")
            self._one(Decisions())
        for jid, processes in world.processes.items():
            for peer, identity in processes[0].ask("identities")["identities"].items():
                self.judge.knows(jid, peer, identity)

    def _one(self, decided: Decisions) -> None:
        world = self._world
        self._upkeep.between(decided)
        ending = [of for of in world.calls.values() if self._ends(of)]
        tasks = self._new(decided) + self._letters(decided) + self._running()
        tasks += [task for of in ending for task in self._traffic.end(of)]
        tasks += self._upkeep.tasks(decided)
        self._crew.carry_out(tasks, [kill for kill in decided.kills if not kill.at_report], decided.stops)
        self.judge.settle()
        for of in ending:
            del world.calls[of.name]
            of.judge(self.judge)
        world.step += 1

    def _ends(self, of: Followed) -> bool:
        step = self._world.step
        if step < of.end_at or self._world.server.waits(of.name):
            return False
        return not isinstance(of, Call) or of.answerer(step) is None

    def _new(self, decided: Decisions) -> list[Task]:
        """What begins at this step."""
        tasks = [self._traffic.place(plan, number) for number, plan in enumerate(decided.calls)]
        tasks += [self._traffic.begin(plan, number) for number, plan in enumerate(decided.groups)]
        return tasks + [self._traffic.write(plan, number) for number, plan in enumerate(decided.messages)]

    def _letters(self, decided: Decisions) -> list[Task]:
        """What is delivered at this step, some of it to a device that dies before it has reported."""
        due = self._world.server.due(self._world.step)
        sealed = [delivery for delivery in due if delivery.letter.sealed is not None]
        at_report = [sealed[int(kill.device * len(sealed))] for kill in decided.kills if kill.at_report and sealed]
        tasks, self._post.uncommitted = self._post.uncommitted, []
        return tasks + [self._post.take(delivery, delivery in at_report) for delivery in due]

    def _running(self) -> list[Task]:
        """The answers and the new epochs of calls that have begun."""
        tasks = []
        for of in self._world.calls.values():
            if isinstance(of, Group) and of.number and self._world.step in of.rekeys:
                of.leave()
                tasks.append(self._traffic.rekey(of))
            elif isinstance(of, Call):
                device = of.answerer(self._world.step)
                if device is not None:
                    tasks.append(self._traffic.answer(of, device))
        return tasks
