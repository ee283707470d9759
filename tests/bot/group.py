"""A group call, as the bot plans it and follows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bot.judge import SENDER_GONE, Judge
from tests.bot.user import Device

LASTS = 14
"""Steps after the last epoch until the end, at least."""


@dataclass
class Group:
    name: str
    creator: Device
    members: list[Device]  # without the creator
    rekeys: list[int]  # the steps of further epochs; a user leaves at each
    end_at: int
    creator_life: int = 0
    number: int = 0  # of the newest epoch that was sent
    joined: dict[str, int] = field(default_factory=dict)  # members, and in which life
    currents: dict[str, int] = field(default_factory=dict)  # at the end, the epoch in force

    @property
    def participants(self) -> list[str]:
        return [device.jid for device in self.involved]

    @property
    def involved(self) -> list[Device]:
        return [self.creator, *self.members]

    @property
    def creator_gone(self) -> bool:
        return not self.number or self.creator.life != self.creator_life

    def may_forget(self, sender: str) -> bool:
        return sender != self.creator.jid or self.creator_gone

    def judge(self, judge: Judge) -> None:
        if not self.number:
            judge.counts["group calls killed before they began"] += 1
            return
        judge.counts["group calls"] += 1
        holders = []
        for member in self.members:
            if member.life != self.joined[member.jid]:
                judge.counts["members that a kill removed from a group call"] += 1
                continue
            number = self.currents.get(member.jid)
            if number == self.number:
                judge.counts["members with the last epoch"] += 1
                holders.append(member.jid)
            elif number is not None and number > self.number:
                judge.fault("groups", f"{self.name}: {member} has epoch {number}, and {self.number} was the last")
            else:
                cause = SENDER_GONE if self.creator_gone else None
                judge.lost("groups", f"{self.name}: epoch {self.number} for {member}, which has {number}", cause)
        if not self.creator_gone:
            holders.append(self.creator.jid)
        judge.compare(self.name, [], [])
