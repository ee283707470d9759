"""An account moves from the peer's own storage to a store and back, by the scripts of examples/python, while calls and
late messages are under way on both sides.

Besides those of pair.py a driver answers ``storage {account}`` with ``{path}``, the file or folder that the script
takes, complete as it is now; ``reopen {account}`` reads it again.
"""

from __future__ import annotations

import contextlib
import io
import sys
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.peers.moves import open_with, seal_with
from tests.peers.ours import callkey, store
from tests.peers.pair import Message, Pair
from tests.peers.peer import WORK, Peer
from tests.peers.tally import Tally
from tools.script import ROOT

INTO = "moved into a store by the script: calls go on, late messages open"
BACK = "moved back by the script: calls go on, late messages open"
MOVED = "the script: each session is on one side only"

sys.path.insert(0, str(ROOT / "examples" / "python"))


class Moving:
    """A peer's account that the script moves, and the other side, which is ours and stays."""

    def __init__(self, tally: Tally, peer: Peer, random: Random, script: str, folder: Path) -> None:
        self.tally, self.random = tally, random
        self.pair = Pair(peer, random)
        self.script = import_module(script)
        self.file = folder / f"{self.pair.account}.calls"
        self.key = folder / "storage.key"
        self.key.write_bytes(bytes(range(32)))

    def move(self, direction: str, says: str) -> None:
        """Runs the script; the last line of its output must be this."""
        storage = self.pair.ask("storage")["path"]
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            self.script.main([direction, storage, str(self.file), str(self.key)])
        self.tally.equal(MOVED, says, output.getvalue().splitlines()[-1], output=output.getvalue())

    def moved(self) -> callkey.Store:
        return callkey.Store.open(self.file, storage_key=self.key.read_bytes(), identity=False, must_exist=True)

    def begin(self, by_us: bool, answered: bool) -> None:
        pair = self.pair
        if by_us:
            pair.session.begin(pair.bundle())
            pair.they_open(pair.we_seal())
        else:
            pair.we_open(pair.they_seal(pair.our_bundle()))
        if answered:
            for _ in range(self.random.randrange(1, 4)):
                pair.they_open(pair.we_seal())
                pair.we_open(pair.they_seal())


def once(moving: Moving, by_us: bool, answered: bool, keeps: bool) -> None:
    """``by_us``: we began the session. ``answered``: the other side has answered. ``keeps``: the peer can take over the
    keys of skipped messages."""
    tally, pair, random = moving.tally, moving.pair, moving.random
    published = pair.bundle()  # nobody uses it before the move
    moving.begin(by_us, answered)
    late_by_us = [pair.we_seal() for _ in range(4)] if answered else []
    late_by_them = [pair.they_seal() for _ in range(3)]
    if late_by_us:
        tally.equal(INTO, late_by_us[2].key, pair.they_open(late_by_us.pop(2)))  # so two keys are kept

    moving.move("in", "1 sessions moved, 0 left")
    moving.move("in", "0 sessions moved, 0 left")  # nothing is left there
    with moving.moved() as account:
        tally.equal(INTO, (published.registration_id, published.identity_key), _identity(account))
        for message in late_by_us[:1]:
            tally.equal(INTO, message.key, open_with(account, pair.our_jid, message))
        sealed = [seal_with(random, account, pair.our_jid) for _ in range(3)]
        for message in (*reversed(sealed), *late_by_them[:1]):
            tally.equal(INTO, message.key, pair.we_open(message))
        for _ in range(3 if answered else 0):
            message = pair.we_seal()
            tally.equal(INTO, message.key, open_with(account, pair.our_jid, message))
            message = seal_with(random, account, pair.our_jid)
            tally.equal(INTO, message.key, pair.we_open(message))
        tally.equal(INTO, ("pkmsg", True), _first(random, account, pair, published))
        account.session("777:7@lid").remove()

    moving.move("out", "1 sessions moved, 0 left")
    with moving.moved() as account:
        tally.equal(MOVED, [], list(account.sessions()))
    pair.ask("reopen")
    sealed = [pair.they_seal() for _ in range(3)]
    for message in (*reversed(sealed), *late_by_them[1:]):
        tally.equal(BACK, message.key, pair.we_open(message))
    for message in late_by_us[1:] if keeps else []:
        tally.equal(BACK, message.key, pair.they_open(message))
    for _ in range(4):
        message = pair.we_seal()
        tally.equal(BACK, message.key, pair.they_open(message))
        message = pair.they_seal()
        tally.equal(BACK, (message.type, message.key), ("msg", pair.we_open(message)))


def _identity(account: callkey.Store) -> tuple[int, bytes]:
    return account.identity.registration_id, account.identity.public_key


def _first(random: Random, account: callkey.Store, pair: Pair, published: callkey.PrekeyBundle) -> tuple[str, bool]:
    """A stranger's first message, with a prekey that the peer had published: its type, and whether it opens."""
    with store(random) as stranger:
        stranger.session(pair.their_jid).begin(published)
        first: Message = seal_with(random, stranger, pair.their_jid)
        return first.type, open_with(account, "777:7@lid", first) == first.key


def judge(tally: Tally, peer: Peer, random: Random, script: str, keeps: bool = True, rounds: int = 6) -> None:
    with TemporaryDirectory(dir=WORK) as folder:
        for i in range(rounds):
            moving = Moving(tally, peer, random, script, Path(folder))
            once(moving, by_us=i % 2 == 0, answered=i % 3 != 0, keeps=keeps)
