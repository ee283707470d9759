"""The run. At each step something is decided, the devices that have something to do do it side by side, and the judge
looks at what they report."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Optional

from tests.bot import call, group
from tests.bot.call import Call
from tests.bot.decisions import CallPlan, Decisions, GroupPlan, Kill, decide
from tests.bot.group import Group
from tests.bot.judge import Judge
from tests.bot.letter import Delivery, Letter
from tests.bot.process import Died
from tests.bot.server import Server
from tests.bot.user import KEEPER, NUMBERS, Device, jid, storage_key
from tools.script import Failed

PREKEYS = 20

LONGEST_END = 80
"""Steps after the last decision within which every call must have ended."""

Ask = Callable[..., dict[str, Any]]
"""A command to a device, which may be killed meanwhile."""


@dataclass
class Task:
    """One command of a step. ``died`` is told if the device was killed meanwhile."""

    device: Device
    do: Callable[[Ask], None]
    died: Callable[[], None] = lambda: None


class Bot:
    """Use it in ``with``: at its end there are no processes."""

    def __init__(self, seed: str, users: int, folder: Path, damage: str = "") -> None:
        """``damage``: derivation, delivery or silence; something is wrong then, and the judge must report it."""
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.server = Server(seed, self.counts, damage, jid(1, 2))
        self.judge = Judge(self.counts)
        self.step = 0
        self.calls: dict[str, Call | Group] = {}  # those that have not ended
        self.uncommitted: list[Task] = []  # message_done for what was opened with keep_opened
        self.installations: Counter[str] = Counter()
        self.devices: list[list[Device]] = []
        for user in range(users):
            row = []
            for place in range(len(NUMBERS)):
                name = jid(user, place)
                broken = damage == "derivation" and (user, place) == (1, 1)
                row.append(Device(name, folder / name, place == KEEPER, self.server.serve, broken))
            self.devices.append(row)
        self.by_jid = {device.jid: device for row in self.devices for device in row}
        self._pool = ThreadPoolExecutor(len(self.by_jid))

    def __enter__(self) -> Bot:
        list(self._pool.map(self._install, self.by_jid.values()))
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._pool.shutdown()
        for device in self.by_jid.values():
            device.close()

    # What is done to a device between two steps

    def _install(self, device: Device) -> None:
        installation = self.installations[device.jid]
        self.installations[device.jid] += 1
        device.start(storage_key(self.seed, device.jid, installation))
        keys = device.ask("publish", n=PREKEYS)
        self.judge.installed(device.jid, keys["identity"])
        self._published(device, device.ask, keys)

    def _restart(self, device: Device) -> None:
        device.start()
        self.judge.restarted(device.jid, device.ask("identity")["identity"])

    def _published(self, device: Device, ask: Ask, keys: dict[str, Any]) -> None:
        self.server.publish(device.jid, keys)
        ask("published", ids=[number for number, _ in keys["prekeys"]])

    def _between(self, decided: Decisions) -> None:
        for user, place in decided.reinstalls:
            self.counts["reinstalled devices"] += 1
            self._install(self.devices[user][place])
        for (user, place), (other, others) in decided.forgets:
            device, peer = self.devices[user][place], self.devices[other][others]
            if user != other:
                gone = device.ask("forget", jid=peer.jid)["gone"]
                self.judge.forgot(device.jid, peer.jid, gone)
                self.counts["sessions lost"] += bool(gone)
        for user, place in decided.rotations:
            device = self.devices[user][place]
            self.counts["rotations"] += 1
            self._published(device, device.ask, device.ask("rotate"))

    # What devices do in a step

    def _place(self, plan: CallPlan, number: int) -> Task:
        caller = self.devices[plan.caller[0]][plan.caller[1]]
        callees = self.devices[plan.callee]
        of = Call(
            name=f"CALL{self.step}.{number}",
            caller=caller,
            devices=callees,
            video=plan.video,
            how=plan.how,
            answer_at=self.step + plan.answer_after,
            end_at=self.step + call.LASTS,
            preferred=[callees[place] for place in plan.preferred],
            caller_life=caller.life,
        )
        self.calls[of.name] = of

        def do(ask: Ask) -> None:
            of.caller_life = caller.life
            told = ask("place", call=of.name, devices=of.participants[1:], video=of.video)
            of.placed = True
            self.counts["calls placed"] += 1
            self._told(caller, told, of.participants)

        return Task(caller, do)

    def _begin(self, plan: GroupPlan, number: int) -> Task:
        creator = self.devices[plan.creator[0]][plan.creator[1]]
        of = Group(
            name=f"GROUP{self.step}.{number}",
            creator=creator,
            members=[device for user in plan.users for device in self.devices[user]],
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
            devices = of.participants[1:]
            told = ask("rekey", group=of.name, creator=of.creator.jid, number=number, devices=devices)
            of.number = number
            if number == 1:
                of.joined = {member.jid: member.life for member in of.members}
            self.counts["epochs sent"] += 1
            self._told(of.creator, told, of.participants)
            creator = of.creator.jid
            for receiver in of.participants:
                self.server.tell("roster", of.name, creator, receiver, self.step, creator=creator, number=number)

        return Task(of.creator, do)

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

    def _take(self, delivery: Delivery, at_report: bool) -> Task:
        letter = delivery.letter
        device = self.by_jid[letter.receiver]

        def do(ask: Ask) -> None:
            fields = self.server.body(delivery)
            life = device.life
            told = ask("take", die=at_report, **fields)
            self.server.delivered(delivery)
            self.judge.taken(device, delivery, told["outcome"])
            self.counts["delivered twice"] += delivery.again
            of = self.calls.get(letter.call)
            if of is not None:
                self._heard(of, device, life, letter.kind, told)
            self._told(device, told, [] if of is None else of.participants)
            if told["outcome"] == "opened" and device.keep_opened and not letter.kept:
                letter.kept = True
                self.uncommitted.append(self._commit(device, letter, fields["wire"], told["sender"]))

        def died() -> None:
            self.counts["kills between an opening and its report"] += at_report
            if letter.sealed is not None and not letter.opened:
                letter.orphaned = True
            self.server.delivered(delivery)
            delivery.due = self.step + 1
            self.server.post(delivery)  # it was not acknowledged

        return Task(device, do, died)

    def _commit(self, device: Device, letter: Letter, wire: str, sender: str) -> Task:
        """For the next step: what comes twice until then opens twice."""

        def do(ask: Ask) -> None:
            letter.committing = True
            ask("done", wire=wire, sender=sender)
            letter.committed = True

        task = Task(device, do)
        task.died = lambda: self.uncommitted.append(task)
        return task

    def _heard(self, of: Call | Group, device: Device, life: int, kind: str, told: dict[str, Any]) -> None:
        """What a letter changed in a call."""
        if isinstance(of, Call):
            if kind == "offer" and told["outcome"] == "opened":
                of.holders[device.jid] = life
            if "answered" in told:
                of.heard = told["answered"]
        if told.get("unknown") and not of.may_forget(device.jid):
            self.judge.fault("calls", f"{of.name}: {device} knows nothing of it at a {kind}")

    def _told(self, device: Device, told: dict[str, Any], participants: list[str]) -> None:
        """What every answer may have."""
        for sent in told.get("sent", []):
            self.server.send(device.jid, sent, participants, self.step)
        retry = told.get("retry")
        if retry is not None:
            self.counts["keys asked for again"] += 1
            self.server.tell("retry", retry["call"], device.jid, retry["to"], self.step, number=retry["number"])
        self.judge.keys(device.jid, told.get("keys", []))

    def _end(self, of: Call | Group) -> list[Task]:
        def end(device: Device) -> Callable[[Ask], None]:
            def do(ask: Ask) -> None:
                if isinstance(of, Group):
                    told = ask("current", group=of.name, participants=of.participants)
                    self.judge.keys(device.jid, told.get("keys", []))
                    if "number" in told:
                        of.currents[device.jid] = told["number"]
                ask("end", call=of.name)

            return do

        return [Task(device, end(device)) for device in of.involved]

    # Steps

    def run(self, until: float, steps: int = 0) -> None:
        """Until that time, by time.monotonic, or for so many steps; then until every call has ended."""
        while time.monotonic() < until and (not steps or self.step < steps):
            self._one(decide(self.seed, self.step, len(self.devices)))
        last = self.step
        while self.calls:
            if self.step > last + LONGEST_END:
                raise Failed(f"{', '.join(self.calls)}: no end within {LONGEST_END} steps")
            self._one(Decisions())

    def _one(self, decided: Decisions) -> None:
        self._between(decided)
        tasks, self.uncommitted = self.uncommitted, []
        tasks += [self._place(plan, number) for number, plan in enumerate(decided.calls)]
        tasks += [self._begin(plan, number) for number, plan in enumerate(decided.groups)]
        due = self.server.due(self.step)
        sealed = [delivery for delivery in due if delivery.letter.sealed is not None]
        at_report = [sealed[int(kill.device * len(sealed))] for kill in decided.kills if kill.at_report and sealed]
        tasks += [self._take(delivery, delivery in at_report) for delivery in due]
        ending = []
        for of in self.calls.values():
            if isinstance(of, Group):
                if of.number and self.step in of.rekeys:
                    self._leave(of)
                    tasks.append(self._rekey(of))
            elif of.how != "nobody" and of.answering is None and self.step >= of.answer_at:
                device = of.able()
                if device is not None:
                    tasks.append(self._answer(of, device))
            if self.step >= of.end_at and not self.server.waits(of.name):
                ending.append(of)
                tasks += self._end(of)
        for device in self.by_jid.values():
            if self.server.lacks_prekeys(device.jid):
                tasks.append(self._replenish(device))
        self._carry_out(tasks, decided.kills)
        for of in ending:
            del self.calls[of.name]
            of.judge(self.judge)
        self.step += 1

    def _leave(self, of: Group) -> None:
        """A user leaves before the next epoch, if another stays; and with it the devices that a kill removed."""
        users = list(dict.fromkeys(member.jid.partition(":")[0] for member in of.members))
        stays = [member for member in of.members if member.jid.partition(":")[0] != users[-1]]
        of.members = [m for m in (stays or of.members) if m.life == of.joined[m.jid]]

    def _replenish(self, device: Device) -> Task:
        def do(ask: Ask) -> None:
            self._published(device, ask, ask("publish", n=PREKEYS))

        return Task(device, do)

    def _carry_out(self, tasks: list[Task], kills: list[Kill]) -> None:
        """Each device's tasks one after the other, all devices side by side."""
        rows: dict[str, list[Task]] = {}
        for task in tasks:
            rows.setdefault(task.device.jid, []).append(task)
        names = list(rows)
        kill_of = {names[int(kill.device * len(names))]: kill for kill in kills if not kill.at_report and names}
        futures = [self._pool.submit(self._row, row, kill_of.get(name)) for name, row in rows.items()]
        for future in futures:
            future.result()

    def _row(self, row: list[Task], kill: Optional[Kill]) -> None:
        target = -1 if kill is None else int(kill.command * len(row))
        for number, task in enumerate(row):
            if not task.device.running:
                self._restart(task.device)
            self._carry_out_one(task, kill.after if kill is not None and number == target else None)
        if not row[-1].device.running:
            self._restart(row[-1].device)

    def _carry_out_one(self, task: Task, kill_after: Optional[float]) -> None:
        device = task.device
        kills = [kill_after]

        def ask(do: str, **fields: Any) -> dict[str, Any]:
            answer = device.ask(do, kill_after=kills.pop() if kills else None, **fields)
            if "error" in answer:
                raise Failed(f"{device}: {do}: {answer['error']}")
            for peer, identity in answer.get("trusted", []):
                self.judge.trusted(device.jid, peer, identity)
            return answer

        try:
            task.do(ask)
        except Died:
            self.counts["kills"] += 1
            task.died()
        if kill_after is not None and device.running:
            self.counts["kills after a command"] += 1
            self.counts["kills"] += 1
            device.close()
