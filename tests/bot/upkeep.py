"""What is done to the devices apart from calls: installations, copies, prekeys, storage keys, lost sessions."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from tests.bot.decisions import Decisions
from tests.bot.user import Device
from tests.bot.work import Ask, Task
from tests.bot.world import World

PREKEYS = 12


class Upkeep:
    def __init__(self, world: World) -> None:
        self.world = world
        self._installations: Counter[str] = Counter()

    def install(self, processes: list[Device]) -> None:
        first = processes[0]
        for device in processes:
            device.close()
        self._installations[first.jid] += 1
        first.store.renew(Random(f"{self.world.seed} {first.jid} {self._installations[first.jid]}"))
        for device in processes:
            device.start(must_exist=device is not first)
        keys = first.ask("publish", n=PREKEYS)
        self.world.judge.installed(first.jid, keys["identity"])
        self._published(first, first.ask, keys, anew=True)

    def _restore(self, processes: list[Device]) -> None:
        """Goes back to the newest copy of the store, if there is one."""
        first = processes[0]
        if first.store.copied is None:
            return
        self.world.counts.add("restored stores")
        others = [others[0] for others in self.world.processes.values() if others is not processes]
        base_keys = [key for other in others for key in other.ask("sessions", jid=first.jid)["base_keys"]]
        # Others may not have met these yet.
        base_keys += [key for other in others for key in first.ask("sessions", jid=other.jid)["base_keys"]]
        for device in processes:
            device.close()
        first.store.restore()
        for device in processes:
            device.start(restored=device is first)
        self.world.judge.restarted(first.jid, first.ask("identity")["identity"])
        self.world.judge.restored(first.jid, base_keys, self.world.server.letters_to(first.jid))
        self._published(first, first.ask, first.ask("publish", n=PREKEYS), anew=True)

    def _published(self, device: Device, ask: Ask, keys: dict[str, Any], anew: bool = False) -> None:
        self.world.server.publish(device.jid, keys, anew)
        ask("published", ids=[number for number, _ in keys["prekeys"]])

    def between(self, decided: Decisions) -> None:
        for place in decided.reinstalls:
            self.world.counts.add("reinstalled devices")
            self.install(self.world.users[place[0]][place[1]])
        for place in decided.restores:
            self._restore(self.world.users[place[0]][place[1]])
        for place, other in decided.forgets:
            device, peer = self.world.process(place), self.world.process(other)
            if place[0] != other[0]:
                gone = device.ask("forget", jid=peer.jid)["gone"]
                self.world.judge.forgot(device.jid, peer.jid, gone)
                self.world.counts.add("sessions lost", bool(gone))
        for place in decided.rotations:
            device = self.world.process(place)
            self.world.counts.add("rotations")
            self._published(device, device.ask, device.ask("rotate"))
        for place in decided.new_storage_keys:
            device = self.world.process(place)
            self.world.counts.add("new storage keys")
            key = Random(f"{self.world.seed} {device.jid} {self.world.step}").randbytes(32)
            device.ask("change_key", storage_key=key.hex())
            device.store.key = key

    def tasks(self, decided: Decisions) -> list[Task]:
        """What is done during a step."""
        lacking = [row[0] for jid, row in self.world.processes.items() if self.world.server.lacks_prekeys(jid)]
        copying = [self.world.process(place) for place in decided.copies]
        return [self._copy(device) for device in copying] + [self._replenish(device) for device in lacking]

    def _copy(self, device: Device) -> Task:
        path = device.store.folder / f"copy {self.world.step}.db"
        key = device.store.key

        def do(ask: Ask) -> None:
            ask("copy", path=str(path))
            self.world.counts.add("copied stores")
            device.store.copied = path, key

        return Task(device, do)

    def _replenish(self, device: Device) -> Task:
        def do(ask: Ask) -> None:
            self._published(device, ask, ask("publish", n=PREKEYS))

        return Task(device, do)
