"""The run. At each step something is decided, the devices that have something to do do it side by side, and the judge
looks at what they report."""

from __future__ import annotations

import time
import zlib
from collections import Counter
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Callable, Optional, Union

from tests.bot import call, group, message, user
from tests.bot.call import Call
from tests.bot.decisions import CallPlan, Decisions, GroupPlan, MessagePlan, decide
from tests.bot.group import Group
from tests.bot.judge import Judge
from tests.bot.letter import Delivery, Letter
from tests.bot.message import Message
from tests.bot.server import Server
from tests.bot.user import Device
from tests.bot.work import Ask, Crew, Task
from tools.script import Failed

Followed = Union[Call, Group, Message]

PREKEYS = 20

LONGEST_END = 80
"""Steps after the last decision within which every call must have ended."""


class Bot:
    """Use it in ``with``: at its end there are no processes."""

    def __init__(self, seed: str, users: int, folder: Path, damage: str = "") -> None:
        """``damage``: derivation, delivery or silence; something is wrong then, and the judge must report it."""
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.server = Server(seed, self.counts, damage, user.jid(1, 2))
        self.judge = Judge(self.counts)
        self.step = 0
        self.calls: dict[str, Followed] = {}  # those that have not ended
        self.uncommitted: list[Task] = []  # message_done for what was opened with keep_opened
        self.users = [
            user.devices(number, folder, self.server.serve, 1 if damage == "derivation" and number == 1 else None)
            for number in range(users)
        ]
        self.processes = {processes[0].jid: processes for row in self.users for processes in row}
        self._installations: Counter[str] = Counter()
        self._crew = Crew(sum(map(len, self.processes.values())) + 1, self.counts, self.judge)

    def __enter__(self) -> Bot:
        self._crew.each(self._install, self.processes.values())
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._crew.close()
        for processes in self.processes.values():
            for device in processes:
                device.close()

    def _process(self, place: tuple[int, int], number: int = 0) -> Device:
        processes = self.users[place[0]][place[1]]
        return processes[number % len(processes)]

    # What is done to a device between two steps

    def _install(self, processes: list[Device]) -> None:
        first = processes[0]
        for device in processes:
            device.close()
        self._installations[first.jid] += 1
        first.store.renew(Random(f"{self.seed} {first.jid} {self._installations[first.jid]}"))
        for device in processes:
            device.start(must_exist=device is not first)
        keys = first.ask("publish", n=PREKEYS)
        self.judge.installed(first.jid, keys["identity"])
        self._published(first, first.ask, keys, anew=True)

    def _restore(self, processes: list[Device]) -> None:
        """Goes back to the newest copy of the store, if there is one."""
        first = processes[0]
        if first.store.copied is None:
            return
        self.counts["restored stores"] += 1
        others = [others[0] for others in self.processes.values() if others is not processes]
        base_keys = [key for other in others for key in other.ask("sessions", jid=first.jid)["base_keys"]]
        # Others may not have met these yet.
        base_keys += [key for other in others for key in first.ask("sessions", jid=other.jid)["base_keys"]]
        for device in processes:
            device.close()
        first.store.restore()
        for device in processes:
            device.start(restored=device is first)
        self.judge.restarted(first.jid, first.ask("identity")["identity"])
        self.judge.restored(first.jid, base_keys, self.server.letters_to(first.jid))
        self._published(first, first.ask, first.ask("publish", n=PREKEYS), anew=True)

    def _published(self, device: Device, ask: Ask, keys: dict[str, Any], anew: bool = False) -> None:
        self.server.publish(device.jid, keys, anew)
        ask("published", ids=[number for number, _ in keys["prekeys"]])

    def _between(self, decided: Decisions) -> None:
        for place in decided.reinstalls:
            self.counts["reinstalled devices"] += 1
            self._install(self.users[place[0]][place[1]])
        for place in decided.restores:
            self._restore(self.users[place[0]][place[1]])
        for place, other in decided.forgets:
            device, peer = self._process(place), self._process(other)
            if place[0] != other[0]:
                gone = device.ask("forget", jid=peer.jid)["gone"]
                self.judge.forgot(device.jid, peer.jid, gone)
                self.counts["sessions lost"] += bool(gone)
        for place in decided.rotations:
            device = self._process(place)
            self.counts["rotations"] += 1
            self._published(device, device.ask, device.ask("rotate"))
        for place in decided.new_storage_keys:
            device = self._process(place)
            self.counts["new storage keys"] += 1
            key = Random(f"{self.seed} {device.jid} {self.step}").randbytes(32)
            device.ask("change_key", storage_key=key.hex())
            device.store.key = key

    # What devices do in a step

    def _place(self, plan: CallPlan, number: int) -> Task:
        caller = self._process(plan.caller, plan.process)
        callees = [processes[0].jid for processes in self.users[plan.callee]]
        of = Call(
            name=f"CALL{self.step}.{number}",
            caller=caller,
            devices=callees,
            video=plan.video,
            how=plan.how,
            answer_at=self.step + plan.answer_after,
            end_at=self.step + call.LASTS,
            preferred=[callees[place] for place in plan.preferred],
        )
        self.calls[of.name] = of

        def do(ask: Ask) -> None:
            of.caller_life = caller.life
            told = ask("place", call=of.name, devices=of.devices, video=of.video)
            of.placed = True
            self.counts["calls placed"] += 1
            self._told(caller, told, of.participants)

        return Task(caller, do)

    def _begin(self, plan: GroupPlan, number: int) -> Task:
        of = Group(
            name=f"GROUP{self.step}.{number}",
            creator=self._process(plan.creator, plan.process),
            members=[self._process((number, place), plan.process) for number in plan.users for place in range(3)],
            rekeys=[self.step + after for after in plan.rekeys_after],
            end_at=self.step + max([0, *plan.rekeys_after]) + group.LASTS,
        )
        self.calls[of.name] = of
        return self._rekey(of)

    def _rekey(self, of: Group) -> Task:
        number = of.number + 1

        def do(ask: Ask) -> None:
            if number == 1:
                of.creator_life = of.creator.life
            elif of.creator_gone:
                return
            creator = of.creator.jid
            told = ask("rekey", group=of.name, creator=creator, number=number, devices=of.participants[1:])
            of.number = number
            if number == 1:
                of.joined = {member.jid: member.life for member in of.members}
            self.counts["epochs sent"] += 1
            self._told(of.creator, told, of.participants)
            for receiver in of.participants:
                self.server.tell("roster", of.name, creator, receiver, self.step, creator=creator, number=number)

        return Task(of.creator, do)

    def _write(self, plan: MessagePlan, number: int) -> Task:
        sender = self._process(plan.sender, plan.process)
        of = Message(
            name=f"MESSAGE{self.step}.{number}",
            sender=sender,
            devices=[processes[0].jid for processes in self.users[plan.receiver]],
            size=plan.size,
            end_at=self.step + message.LASTS,
        )
        self.calls[of.name] = of

        def do(ask: Ask) -> None:
            of.sender_life = sender.life
            told = ask("write", message=of.name, devices=of.devices, size=of.size)
            of.written = True
            self._told(sender, told, of.participants)

        return Task(sender, do)

    def _answer(self, of: Call, device: Device) -> Task:
        def do(ask: Ask) -> None:
            life = device.life
            told = ask("answer", call=of.name, how=of.how)
            if told.get("unknown"):
                return  # it was killed in this step
            of.answering, of.answering_life = device, life
            self._told(device, told, of.participants)
            if "packet" in told:
                self.server.tell("packet", of.name, device.jid, of.caller.jid, self.step, packet=told["packet"])

        return Task(device, do)

    def _receiver(self, delivery: Delivery) -> Device:
        """The process that gets a letter. An offer that comes twice comes once to each."""
        letter = delivery.letter
        processes = self.processes[letter.receiver]
        of = self.calls.get(letter.call)
        if of is not None and letter.kind not in ("offer", "message"):
            return of.process(letter.receiver) or processes[0]
        return processes[(zlib.crc32(letter.name.encode()) + delivery.again) % len(processes)]

    def _take(self, delivery: Delivery, at_report: bool) -> Task:
        letter = delivery.letter
        device = self._receiver(delivery)

        def do(ask: Ask) -> None:
            fields = self.server.body(delivery)
            life = device.life
            told = ask("take", die=at_report, **fields)
            self.server.delivered(delivery)
            self.judge.taken(device, delivery, told["outcome"])
            self.counts["delivered twice"] += delivery.again
            self.counts["senders named, because the server used a number"] += told.get("named", False)
            of = self.calls.get(letter.call)
            if of is not None:
                self._heard(of, device, life, letter.kind, told)
            self._told(device, told, [] if of is None else of.participants)
            if told["outcome"] == "opened" and device.keep_opened and not letter.kept:
                letter.kept = True
                self.uncommitted.append(self._commit(device, letter, {**fields, "sender": told["sender"]}))

        def died() -> None:
            self.counts["kills between an opening and its report"] += at_report
            if letter.sealed is not None and not letter.opened:
                letter.orphaned = True
            self.server.delivered(delivery)
            delivery.due = self.step + 1
            self.server.post(delivery)  # it was not acknowledged

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
            self.judge.fault("calls", f"{of.name}: {device} knows nothing of it at a {kind}")

    def _told(self, device: Device, told: dict[str, Any], participants: list[str]) -> None:
        """What every answer may have."""
        for sent in told.get("sent", []):
            if "wire" in sent:
                self.server.send(device.jid, sent, self.step, participants)
            else:
                self.server.send_message(device.jid, sent, self.step)
        retry = told.get("retry")
        if retry is not None:
            self.counts["keys asked for again"] += 1
            self.server.tell("retry", retry["call"], device.jid, retry["to"], self.step, number=retry["number"])
        self.judge.keys(device.jid, told.get("keys", []))

    def _end(self, of: Followed) -> list[Task]:
        def end(device: Device) -> Callable[[Ask], None]:
            def do(ask: Ask) -> None:
                if isinstance(of, Group) and of.process(device.jid) is device:
                    told = ask("current", group=of.name, participants=of.participants)
                    self.judge.keys(device.jid, told.get("keys", []))
                    if "number" in told:
                        of.currents[device.jid] = told["number"]
                ask("end", call=of.name)

            return do

        return [Task(device, end(device)) for jid in of.participants for device in self.processes[jid]]

    def _copy(self, device: Device) -> Task:
        path = device.store.folder / f"copy {self.step}.db"
        key = device.store.key

        def do(ask: Ask) -> None:
            ask("copy", path=str(path))
            self.counts["copied stores"] += 1
            device.store.copied = path, key

        return Task(device, do)

    def _replenish(self, device: Device) -> Task:
        def do(ask: Ask) -> None:
            self._published(device, ask, ask("publish", n=PREKEYS))

        return Task(device, do)

    # Steps

    def run(self, until: float, steps: int = 0) -> None:
        """Until that time, by time.monotonic, or for so many steps; then until every call has ended."""
        while time.monotonic() < until and (not steps or self.step < steps):
            self._one(decide(self.seed, self.step, len(self.users)))
        last = self.step
        while self.calls:
            if self.step > last + LONGEST_END:
                raise Failed(f"{', '.join(self.calls)}: no end within {LONGEST_END} steps")
            self._one(Decisions())
        for jid, processes in self.processes.items():
            for peer, identity in processes[0].ask("identities")["identities"].items():
                self.judge.knows(jid, peer, identity)

    def _one(self, decided: Decisions) -> None:
        self._between(decided)
        tasks, self.uncommitted = self.uncommitted, []
        tasks += [self._place(plan, number) for number, plan in enumerate(decided.calls)]
        tasks += [self._begin(plan, number) for number, plan in enumerate(decided.groups)]
        tasks += [self._copy(self._process(place)) for place in decided.copies]
        tasks += [self._write(plan, number) for number, plan in enumerate(decided.messages)]
        due = self.server.due(self.step)
        sealed = [delivery for delivery in due if delivery.letter.sealed is not None]
        at_report = [sealed[int(kill.device * len(sealed))] for kill in decided.kills if kill.at_report and sealed]
        tasks += [self._take(delivery, delivery in at_report) for delivery in due]
        ending = []
        for of in self.calls.values():
            if isinstance(of, Group):
                if of.number and self.step in of.rekeys:
                    of.leave()
                    tasks.append(self._rekey(of))
            elif isinstance(of, Call) and of.how != "nobody" and of.answering is None and self.step >= of.answer_at:
                device = of.able()
                if device is not None:
                    tasks.append(self._answer(of, device))
            if self.step >= of.end_at and not self.server.waits(of.name):
                ending.append(of)
                tasks += self._end(of)
        for jid, processes in self.processes.items():
            if self.server.lacks_prekeys(jid):
                tasks.append(self._replenish(processes[0]))
        self._crew.carry_out(tasks, [kill for kill in decided.kills if not kill.at_report], decided.stops)
        self.judge.settle()
        for of in ending:
            del self.calls[of.name]
            of.judge(self.judge)
        self.step += 1
