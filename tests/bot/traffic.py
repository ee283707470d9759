"""What the devices do of their own: calls, group calls, messages, answers, new epochs, and the end of each."""

from __future__ import annotations

from typing import Callable

from tests.bot import call, group, message
from tests.bot.call import Call
from tests.bot.decisions import CallPlan, GroupPlan, MessagePlan
from tests.bot.group import Group
from tests.bot.message import Message
from tests.bot.post import Post
from tests.bot.user import Device
from tests.bot.work import Ask, Task
from tests.bot.world import Followed, World


class Traffic:
    def __init__(self, world: World, post: Post) -> None:
        self.world = world
        self._post = post

    def place(self, plan: CallPlan, number: int) -> Task:
        caller = self.world.process(plan.caller, plan.process)
        callees = [processes[0].jid for processes in self.world.users[plan.callee]]
        of = Call(
            name=f"CALL{self.world.step}.{number}",
            caller=caller,
            devices=callees,
            video=plan.video,
            how=plan.how,
            answer_at=self.world.step + plan.answer_after,
            end_at=self.world.step + call.LASTS,
            preferred=[callees[place] for place in plan.preferred],
        )
        self.world.calls[of.name] = of

        def do(ask: Ask) -> None:
            of.caller_life = caller.life
            told = ask("place", call=of.name, devices=of.devices, video=of.video)
            of.placed = True
            self.world.counts.add("calls placed")
            self._post.told(caller, told, of.participants)

        return Task(caller, do)

    def begin(self, plan: GroupPlan, number: int) -> Task:
        of = Group(
            name=f"GROUP{self.world.step}.{number}",
            creator=self.world.process(plan.creator, plan.process),
            members=[self.world.process((number, place), plan.process) for number in plan.users for place in range(3)],
            rekeys=[self.world.step + after for after in plan.rekeys_after],
            end_at=self.world.step + max([0, *plan.rekeys_after]) + group.LASTS,
        )
        self.world.calls[of.name] = of
        return self.rekey(of)

    def rekey(self, of: Group) -> Task:
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
            self.world.counts.add("epochs sent")
            self._post.told(of.creator, told, of.participants)
            for receiver in of.participants:
                self.world.server.tell(
                    "roster", of.name, creator, receiver, self.world.step, creator=creator, number=number
                )

        return Task(of.creator, do)

    def write(self, plan: MessagePlan, number: int) -> Task:
        sender = self.world.process(plan.sender, plan.process)
        of = Message(
            name=f"MESSAGE{self.world.step}.{number}",
            sender=sender,
            devices=[processes[0].jid for processes in self.world.users[plan.receiver]],
            size=plan.size,
            end_at=self.world.step + message.LASTS,
        )
        self.world.calls[of.name] = of

        def do(ask: Ask) -> None:
            of.sender_life = sender.life
            told = ask("write", message=of.name, devices=of.devices, size=of.size)
            of.written = True
            self._post.told(sender, told, of.participants)

        return Task(sender, do)

    def answer(self, of: Call, device: Device) -> Task:
        def do(ask: Ask) -> None:
            life = device.life
            told = ask("answer", call=of.name, how=of.how)
            if told.get("unknown"):
                return  # it was killed in this step
            of.answering, of.answering_life = device, life
            self._post.told(device, told, of.participants)
            if "packet" in told:
                self.world.server.tell(
                    "packet", of.name, device.jid, of.caller.jid, self.world.step, packet=told["packet"]
                )

        return Task(device, do)

    def end(self, of: Followed) -> list[Task]:
        def end(device: Device) -> Callable[[Ask], None]:
            def do(ask: Ask) -> None:
                if isinstance(of, Group) and of.process(device.jid) is device:
                    told = ask("current", group=of.name, participants=of.participants)
                    self.world.judge.keys(device.jid, told.get("keys", []))
                    if "number" in told:
                        of.currents[device.jid] = told["number"]
                ask("end", call=of.name)

            return do

        return [Task(device, end(device)) for jid in of.participants for device in self.world.processes[jid]]
