"""A group call, as the bot plans it and follows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from tests.bot.judge import SENDER_GONE, Judge
from tests.bot.stanza import user_of
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
        return [self.creator.jid, *(member.jid for member in self.members)]

    @property
    def creator_gone(self) -> bool:
        return not self.number or self.creator.life != self.creator_life

    def may_forget(self, sender: str) -> bool:
        return sender != self.creator.jid or self.creator_gone

    def process(self, jid: str) -> Optional[Device]:
        """The process that takes part for a device; None: any."""
        return next((device for device in (self.creator, *self.members) if device.jid == jid), None)

    def leave(self) -> None:
        """A user leaves, if another one stays; and the devices that a kill removed."""
        users = list(dict.fromkeys(user_of(member.jid) for member in self.members))
        stay = [member for member in self.members if user_of(member.jid) != users[-1]] or self.members
        self.members = [member for member in stay if member.life == self.joined[member.jid]] or stay

    def judge(self, judge: Judge) -> None:
        if not self.number:
            judge.counts.add("group calls killed before they began")
            return
        judge.counts.add("group calls")
        holders = [] if self.creator_gone else [self.creator.jid]
        for member in self.members:
            if member.life != self.joined[member.jid]:
                judge.counts.add("members that a kill removed from a group call")
                continue
            number = self.currents.get(member.jid)
            if number == self.number:
                judge.counts.add("members with the last epoch")
                holders.append(member.jid)
            elif number is not None and number > self.number:
                judge.fault("groups", f"{self.name}: {member} has epoch {number}, and {self.number} was the last")
            else:
                cause = SENDER_GONE if self.creator_gone else None
                judge.lost("groups", f"{self.name}: epoch {self.number} for {member}, which has {number}", cause)
        judge.compare(self.name, holders, self.participants, f"{self.name} epoch {self.number}")
