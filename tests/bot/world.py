"""What the parts of a run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from tests.bot.call import Call
from tests.bot.counts import Counts
from tests.bot.group import Group
from tests.bot.judge import Judge
from tests.bot.message import Message
from tests.bot.server import Server
from tests.bot.user import Device

Followed = Union[Call, Group, Message]


@dataclass
class World:
    seed: str
    counts: Counts
    server: Server
    judge: Judge
    users: list[list[list[Device]]]  # each one's devices, each as its processes
    step: int = 0
    calls: dict[str, Followed] = field(default_factory=dict)  # those that have not ended

    def __post_init__(self) -> None:
        self.processes = {processes[0].jid: processes for row in self.users for processes in row}

    def process(self, place: tuple[int, int], number: int = 0) -> Device:
        processes = self.users[place[0]][place[1]]
        return processes[number % len(processes)]
