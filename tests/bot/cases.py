"""The judge's rules, each tried on one letter: ``python3 -m tests.bot.cases``."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from tests.bot.counts import Counts
from tests.bot.judge import AUTHENTICATION, DUPLICATE, Judge
from tests.bot.letter import Delivery, Letter, Sealed
from tests.bot.user import Device, Store, jid
from tools.script import Tally, expect, start

A, B = jid(0, 0), jid(1, 0)
NO_SESSION = "CALLKEY_ERR_NO_SESSION"


class Case:
    """A judge and one letter from A to B."""

    def __init__(self, keep_opened: bool = False, shared: bool = False) -> None:
        self.judge = Judge(Counts())
        self.judge.installed(A, "identity of A")
        self.judge.installed(B, "identity of B")
        self.device = Device(B, Store(Path()), lambda question: None, keep_opened=keep_opened, shared=shared)
        self.letter = Letter(
            "a letter", "offer", "CALL", A, B, sealed=Sealed("base key", "identity of A", "identity of B")
        )

    def come(self, *outcomes: str) -> None:
        for outcome in outcomes:
            self.judge.taken(self.device, Delivery(self.letter, 0, False, False, False, 0), outcome)

    def derive(self, jid: str, digest: str, participant: str = A) -> None:
        self.judge.keys(jid, [["CALL", participant, "srtp", digest]])

    @property
    def faults(self) -> dict[str, list[str]]:
        return {subject: faults for subject, faults in self.judge.faults.items() if faults}


def opened_twice(case: Case) -> None:
    case.come("opened", "opened")


def refused(case: Case) -> None:
    case.come(NO_SESSION)


def duplicate_of_nothing(case: Case) -> None:
    case.come(DUPLICATE)


def opened_by_another_installation(case: Case) -> None:
    case.judge.installed(B, "a new identity of B")
    case.come("opened")


def another_identity_after_a_kill(case: Case) -> None:
    case.judge.restarted(B, "identity of A")


def identity_changed(case: Case) -> None:
    case.judge.trusted(A, B, "identity of C")


def keys_differ(case: Case) -> None:
    case.derive(A, "1")
    case.derive(B, "2")
    case.judge.compare("CALL", [A, B], [A])


def one_key_for_two(case: Case) -> None:
    case.derive(A, "1", A)
    case.derive(A, "1", B)
    case.judge.compare("CALL", [A], [A, B])


def no_key(case: Case) -> None:
    case.derive(A, "1")
    case.judge.compare("CALL", [A, B], [A])


def unknown_identity(case: Case) -> None:
    case.judge.knows(A, B, "identity of C")


def lost(case: Case) -> None:
    case.judge.lost("calls", "CALL", None)


def duplicate_refused(case: Case) -> None:
    case.come("opened", DUPLICATE)


def older_copy(case: Case) -> None:
    case.judge.restored(B, ["base key"], [])
    case.come(NO_SESSION)


def older_copy_of_an_opened_one(case: Case) -> None:
    case.come("opened")
    case.judge.restored(B, [], [case.letter])
    case.come("opened", DUPLICATE)


def older_copy_before_the_session(case: Case) -> None:
    case.judge.restored(B, ["another base key"], [])
    case.come(NO_SESSION)


def older_copy_of_the_sender(case: Case) -> None:
    case.judge.restored(A, ["base key"], [])
    case.come(AUTHENTICATION)


def key_used_twice_by_an_older_copy(case: Case) -> None:
    case.judge.restored(A, ["base key"], [])
    case.come(DUPLICATE)


def duplicate_before_opened(case: Case) -> None:
    case.come(DUPLICATE, "opened")


def reinstalled(case: Case) -> None:
    case.judge.installed(B, "a new identity of B")
    case.come(NO_SESSION)


def sender_reinstalled(case: Case) -> None:
    case.judge.installed(A, "a new identity of A")
    case.come(NO_SESSION)


def duplicate_of_another_installation(case: Case) -> None:
    case.judge.installed(B, "a new identity of B")
    case.come(DUPLICATE)


def session_lost(case: Case) -> None:
    case.judge.forgot(B, A, ["base key"])
    case.come(NO_SESSION)


def killed(case: Case) -> None:
    case.letter.orphaned = True
    case.come(DUPLICATE)


def another_session_lost(case: Case) -> None:
    case.judge.forgot(B, A, ["another base key"])
    case.come(NO_SESSION)


def kept_opened_twice(case: Case) -> None:
    case.come("opened", "opened")
    case.letter.committing = case.letter.committed = True
    case.come(DUPLICATE)


def kept_and_done_opened_again(case: Case) -> None:
    case.come("opened")
    case.letter.committing = case.letter.committed = True
    case.come("opened")


ALONE: dict[Callable[[Case], None], str] = {
    opened_twice: "deliveries",
    refused: "deliveries",
    duplicate_of_nothing: "deliveries",
    opened_by_another_installation: "deliveries",
    another_session_lost: "deliveries",
    duplicate_of_another_installation: "deliveries",
    older_copy_before_the_session: "deliveries",
    key_used_twice_by_an_older_copy: "deliveries",
    another_identity_after_a_kill: "stores",
    identity_changed: "stores",
    unknown_identity: "stores",
    keys_differ: "keys",
    one_key_for_two: "keys",
    no_key: "keys",
    lost: "calls",
    duplicate_refused: "",
    reinstalled: "",
    sender_reinstalled: "",
    session_lost: "",
    older_copy: "",
    older_copy_of_the_sender: "",
    older_copy_of_an_opened_one: "",
    killed: "",
    duplicate_before_opened: "deliveries",
}
KEEPING: dict[Callable[[Case], None], str] = {
    killed: "deliveries",
    duplicate_refused: "deliveries",
    kept_and_done_opened_again: "deliveries",
    kept_opened_twice: "",
}


SHARED: dict[Callable[[Case], None], str] = {
    duplicate_before_opened: "",
    duplicate_of_nothing: "deliveries",
    opened_twice: "deliveries",
    killed: "",
}


KINDS: dict[str, tuple[dict[str, bool], dict[Callable[[Case], None], str]]] = {
    "a store": ({}, ALONE),
    "keep_opened": ({"keep_opened": True}, KEEPING),
    "two processes": ({"shared": True}, SHARED),
}


def try_cases(tally: Tally) -> None:
    for name, (options, rows) in KINDS.items():
        with tally.test(f"judge: {len(rows)} cases of {name}"):
            for body, subject in rows.items():
                case = Case(**options)
                body(case)
                case.judge.settle()
                expect(set(case.faults) == ({subject} if subject else set()), f"{body.__name__}: {case.faults}")


def main(_: list[str]) -> int:
    tally = Tally()
    try_cases(tally)
    return tally.end()


if __name__ == "__main__":
    start(main)
