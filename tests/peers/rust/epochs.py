"""The epochs of group calls: the same history on both sides, decision by decision."""

from __future__ import annotations

from random import Random
from typing import Any, Optional

from tests.peers.ours import callkey
from tests.peers.peer import Peer, Refused
from tests.peers.tally import Tally

DECISIONS = "group epochs: decisions, and the epoch in force"
REJECTED = "group epochs: number 0 and other lengths are rejected"
ZERO = "An epoch of 32 zero bytes"
HISTORIES, STEPS = 250, 40


def current(epochs: callkey.Epochs) -> Optional[int]:
    try:
        number, epoch = epochs.current()
    except callkey.NotFoundError:
        return None
    epoch.wipe()
    return number


def added(epochs: callkey.Epochs, number: int, epoch: bytes) -> str:
    """Our decision in the peer's words."""
    before = current(epochs)
    try:
        epochs.add(number, callkey.Epoch.from_bytes(epoch))
    except callkey.StaleError:
        return "stale"
    except callkey.ConflictError:
        return "ConflictingEpoch"
    if current(epochs) != number:
        return "waiting"
    return "known" if before == number else "installed"


def theirs_added(answer: dict[str, Any], number: int) -> str:
    """The peer calls an epoch known also while it waits; there our side says nothing more than that it waits."""
    decision = str(answer["decision"])
    return "waiting" if decision == "known" and answer["current"] != number else decision


def history(tally: Tally, peer: Peer, random: Random) -> None:
    peer.ask("new_epochs")
    sent: dict[int, bytes] = {}
    roster = 0
    with callkey.Epochs() as epochs:
        steps: list[str] = []
        for _ in range(STEPS):
            if random.random() < 0.3:
                number = max(1, roster + random.choice((-2, -1, 0, 1, 1, 2, 3, 9)))
                steps.append(f"roster {number}")
                roster = max(roster, number)
                epochs.roster(number)
                answer = peer.ask("roster", transaction_id=number)
                tally.equal(DECISIONS, current(epochs), answer["current"], steps=steps)
                continue
            number = max(1, roster + random.choice((-3, -1, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 12, 1000)))
            epoch = sent.setdefault(number, random.randbytes(32))
            if random.random() < 0.2:
                epoch = random.randbytes(32)
            steps.append(f"epoch {number} {epoch.hex()[:8]}")
            ours = added(epochs, number, epoch)
            answer = peer.ask("epoch", transaction_id=number, epoch=epoch)
            theirs = theirs_added(answer, number)
            tally.equal(DECISIONS, (ours, current(epochs)), (theirs, answer["current"]), steps=steps)


def rejected(tally: Tally, peer: Peer, random: Random) -> None:
    peer.ask("new_epochs")
    peer.ask("roster", transaction_id=1)
    with callkey.Epochs() as epochs:
        epochs.roster(1)
        cases = [(0, random.randbytes(32)), *((1, random.randbytes(n)) for n in (0, 1, 16, 31, 33, 64))]
        for number, epoch in cases:
            try:
                epochs.add(number, callkey.Epoch.from_bytes(epoch))
                ours = "accepted"
            except (callkey.ArgumentError, callkey.KeyLengthError):
                ours = "InvalidEpoch"
            theirs = peer.ask("epoch", transaction_id=number, epoch=epoch)["decision"]
            tally.equal(REJECTED, ours, theirs, number=number, length=len(epoch))
        try:
            epochs.add(1, callkey.Epoch.from_bytes(bytes(32)))
            zero = "accepted"
        except callkey.InvalidKeyError:
            zero = "rejected"
        try:
            theirs = peer.ask("epoch", transaction_id=1, epoch=bytes(32))["decision"]
        except Refused as refusal:
            theirs = str(refusal)
        tally.differs(REJECTED, ZERO, zero, {"installed": "accepted"}.get(theirs, "rejected"))


def judge(tally: Tally, peer: Peer, random: Random) -> None:
    for _ in range(HISTORIES):
        history(tally, peer, random)
    rejected(tally, peer, random)
