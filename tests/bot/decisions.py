"""What happens at a step. It depends on the seed and the number of the step, and on nothing that happened before."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

DEVICES = 3


@dataclass
class CallPlan:
    caller: tuple[int, int]  # user and device
    process: int  # of a device with two
    callee: int
    video: bool
    how: str
    answer_after: int
    preferred: list[int]


@dataclass
class GroupPlan:
    creator: tuple[int, int]
    process: int
    users: list[int]
    rekeys_after: list[int]


@dataclass
class MessagePlan:
    sender: tuple[int, int]
    process: int
    receiver: int
    size: int


@dataclass
class Kill:
    device: float  # which one of those that have something to do: 0 is the first, 1 the last
    command: float  # during which one of its commands of this step
    after: float  # seconds into the command
    at_report: bool  # instead, between the opening of a letter and its report


@dataclass
class Stop:
    """A process is stopped for a while, as a phone does with an app, and may hold its store meanwhile."""

    device: float  # which one of the processes that share a store and have something to do
    after: float  # seconds from the start of the step
    seconds: float


@dataclass
class Decisions:
    calls: list[CallPlan] = field(default_factory=list)
    groups: list[GroupPlan] = field(default_factory=list)
    messages: list[MessagePlan] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    reinstalls: list[tuple[int, int]] = field(default_factory=list)
    forgets: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    rotations: list[tuple[int, int]] = field(default_factory=list)
    new_storage_keys: list[tuple[int, int]] = field(default_factory=list)
    copies: list[tuple[int, int]] = field(default_factory=list)
    restores: list[tuple[int, int]] = field(default_factory=list)


def decide(seed: str, step: int, users: int) -> Decisions:
    random = Random(f"{seed} step {step}")

    def device() -> tuple[int, int]:
        return random.randrange(users), random.randrange(DEVICES)

    made = Decisions()
    for _ in range(random.randrange(4)):
        caller, callee = random.sample(range(users), 2)
        made.calls.append(
            CallPlan(
                caller=(caller, random.randrange(DEVICES)),
                process=random.randrange(2),
                callee=callee,
                video=random.random() < 0.3,
                how=random.choice(("plain", "plain", "key", "packet", "nobody")),
                answer_after=random.randrange(2, 5),
                preferred=random.sample(range(DEVICES), DEVICES),
            )
        )
    if random.random() < 0.15:
        around = random.sample(range(users), random.randrange(2, min(users, 5) + 1))
        rekeys = sorted(random.sample(range(1, 12), random.randrange(4)))
        creator = around[0], random.randrange(DEVICES)
        made.groups.append(GroupPlan(creator, random.randrange(2), around[1:], rekeys))
    for _ in range(random.randrange(3)):
        sender, receiver = random.sample(range(users), 2)
        size = random.choice((0, 1, 15, 16, random.randrange(200), random.randrange(20_000)))
        made.messages.append(MessagePlan((sender, random.randrange(DEVICES)), random.randrange(2), receiver, size))
    if random.random() < 0.4:
        made.kills.append(Kill(random.random(), random.random(), random.random() ** 2 * 0.05, random.random() < 0.4))
    if random.random() < 0.4:
        made.stops.append(Stop(random.random(), random.random() * 0.06, 0.1 + random.random() * 0.2))
    if random.random() < 0.06:
        made.reinstalls.append(device())
    if random.random() < 0.1:
        made.forgets.append((device(), device()))
    if random.random() < 0.08:
        made.rotations.append(device())
    if random.random() < 0.05:
        made.new_storage_keys.append(device())
    if random.random() < 0.2:
        made.copies.append(device())
    if random.random() < 0.06:
        made.restores.append(device())
    return made
