"""Another message of the app to all devices of a user, as the bot plans it and follows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from tests.bot.judge import SENDER_GONE, Judge
from tests.bot.user import Device

LASTS = 8
"""Steps until its end, at least."""


@dataclass
class Message:
    name: str
    sender: Device
    devices: list[str]
    size: int
    end_at: int
    sender_life: int = 0
    written: bool = False
    holders: dict[str, tuple[Device, int]] = field(default_factory=dict)

    @property
    def participants(self) -> list[str]:
        return [self.sender.jid, *self.devices]

    def may_forget(self, sender: str) -> bool:
        return sender != self.sender.jid or self.sender.life != self.sender_life

    def process(self, jid: str) -> Optional[Device]:
        """The process that takes part for a device; None: any."""
        return self.sender if jid == self.sender.jid else None

    def judge(self, judge: Judge) -> None:
        if not self.written:
            judge.counts.add("messages killed before they were sent")
            return
        judge.counts.add("messages sent")
        cause = SENDER_GONE if self.may_forget(self.sender.jid) else None
        for jid in self.devices:
            if jid not in self.holders:
                judge.lost("messages", f"{self.name} for {jid}", cause)
        judge.compare(self.name, [self.sender.jid, *self.holders], ["all"])
