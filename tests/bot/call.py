"""A call between two users, as the bot plans it and follows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from tests.bot.judge import SENDER_GONE, Judge
from tests.bot.user import Device

LASTS = 14
"""Steps until its end, at least."""


@dataclass
class Call:
    name: str
    caller: Device
    devices: list[str]  # the callee's
    video: bool
    how: str  # of the answer: plain, key, packet; or nobody
    answer_at: int
    end_at: int
    preferred: list[str]  # the order in which the devices answer, if they can
    caller_life: int = 0
    placed: bool = False
    holders: dict[str, tuple[Device, int]] = field(default_factory=dict)  # who opened the offer, in which life
    answering: Optional[Device] = None
    answering_life: int = 0
    heard: Optional[str] = None  # who answered, as the caller found

    @property
    def participants(self) -> list[str]:
        return [self.caller.jid, *self.devices]

    @property
    def caller_gone(self) -> bool:
        return not self.placed or self.caller.life != self.caller_life

    def may_forget(self, sender: str) -> bool:
        """Whether this sender may no longer have its key of the call."""
        if sender == self.caller.jid:
            return self.caller_gone
        return self.answering is None or self.answering.life != self.answering_life

    def process(self, jid: str) -> Optional[Device]:
        """The process that takes part for a device; None: any."""
        if jid == self.caller.jid:
            return self.caller
        if self.answering is not None and jid == self.answering.jid:
            return self.answering
        return None

    def answerer(self, step: int) -> Optional[Device]:
        """Who answers at this step."""
        if self.how == "nobody" or self.answering is not None or step < self.answer_at:
            return None
        return self._able()

    def _able(self) -> Optional[Device]:
        """Who can answer: a device that has the key in its memory."""
        for jid in self.preferred:
            device, life = self.holders.get(jid, (None, 0))
            if device is not None and device.life == life:
                return device
        return None

    def judge(self, judge: Judge) -> None:
        if not self.placed:
            judge.counts.add("calls killed before they were placed")
            return
        gone = SENDER_GONE if self.caller_gone else None
        for jid in self.devices:
            if jid not in self.holders:
                judge.lost("calls", f"{self.name}: the key for {jid}", gone)
        judge.compare(self.name, [self.caller.jid, *self.holders], self.participants)
        whole = len(self.holders) == len(self.devices)
        judge.counts.add("calls that reached every device" if whole else "calls lost for a device")
        if self.how == "nobody":
            return
        if self.answering is None:
            able = self._able() is not None
            judge.lost("calls", f"{self.name}: the answer", None if able else "no device that had the key was alive")
        elif self.heard is None:
            sender = SENDER_GONE if self.answering.life != self.answering_life else None
            judge.lost("calls", f"{self.name}: the answer of {self.answering}", gone or sender)
        elif self.heard != self.answering.jid:
            judge.fault("calls", f"{self.name}: {self.answering} answered, and the caller found {self.heard}")
        else:
            judge.counts.add(f"calls answered ({self.how})")
            judge.counts.add("calls answered")
