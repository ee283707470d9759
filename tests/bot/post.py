"""Hands the server's letters to the devices, and takes what they report and send."""

from __future__ import annotations

import zlib
from typing import Any

from tests.bot.call import Call
from tests.bot.group import Group
from tests.bot.letter import Delivery, Letter
from tests.bot.user import Device
from tests.bot.work import Ask, Task
from tests.bot.world import Followed, World


class Post:
    def __init__(self, world: World) -> None:
        self.world = world
        self.uncommitted: list[Task] = []  # message_done for what was opened with keep_opened

    def _receiver(self, delivery: Delivery) -> Device:
        """The process that gets a letter. An offer that comes twice comes once to each."""
        letter = delivery.letter
        processes = self.world.processes[letter.receiver]
        of = self.world.calls.get(letter.call)
        if of is not None and letter.kind not in ("offer", "message"):
            return of.process(letter.receiver) or processes[0]
        return processes[(zlib.crc32(letter.name.encode()) + delivery.again) % len(processes)]

    def take(self, delivery: Delivery, at_report: bool) -> Task:
        letter = delivery.letter
        device = self._receiver(delivery)

        def do(ask: Ask) -> None:
            fields = self.world.server.body(delivery)
            life = device.life
            told = ask("take", die=at_report, **fields)
            self.world.server.delivered(delivery)
            self.world.judge.taken(device, delivery, told["outcome"], told.get("reason", ""))
            self.world.counts.add("delivered twice", delivery.again)
            self.world.counts.add("senders named, because the server used a number", told.get("named", False))
            of = self.world.calls.get(letter.call)
            if of is not None:
                self._heard(of, device, life, letter.kind, told)
            self.told(device, told, [] if of is None else of.participants)
            if told["outcome"] == "opened" and device.keep_opened and not letter.kept:
                letter.kept = True
                self.uncommitted.append(self._commit(device, letter, {**fields, "sender": told["sender"]}))

        def died() -> None:
            self.world.counts.add("kills between an opening and its report", at_report)
            if letter.sealed is not None and not letter.opened:
                letter.orphaned = True
            self.world.server.delivered(delivery)
            delivery.due = self.world.step + 1
            self.world.server.post(delivery)  # it was not acknowledged

        return Task(device, do, died)

    def _commit(self, device: Device, letter: Letter, fields: dict[str, Any]) -> Task:
        """For the next step: what comes twice until then opens twice."""

        def do(ask: Ask) -> None:
            letter.committing = True
            ask("done", **fields)
            letter.committed = True

        task = Task(device, do)
        task.died = lambda: self.uncommitted.append(task)
        return task

    def _heard(self, of: Followed, device: Device, life: int, kind: str, told: dict[str, Any]) -> None:
        """What a letter changed in a call."""
        if not isinstance(of, Group) and kind in ("offer", "message") and told["outcome"] == "opened":
            of.holders[device.jid] = device, life
        if isinstance(of, Call) and "answered" in told:
            of.heard = told["answered"]
        if told.get("unknown") and not of.may_forget(device.jid):
            self.world.judge.fault("calls", f"{of.name}: {device} knows nothing of it at a {kind}")

    def told(self, device: Device, told: dict[str, Any], participants: list[str]) -> None:
        """What every answer may have."""
        for sent in told.get("sent", []):
            if "wire" in sent:
                self.world.server.send(device.jid, sent, self.world.step, participants)
            else:
                self.world.server.send_message(device.jid, sent, self.world.step)
        retry = told.get("retry")
        if retry is not None:
            self.world.counts.add("keys asked for again")
            self.world.server.tell(
                "retry", retry["call"], device.jid, retry["to"], self.world.step, number=retry["number"]
            )
        self.world.judge.keys(device.jid, told.get("keys", []))
