"""Records what bindings/python/tests/test_moves.py moves: ``python3 -m tests.peers.record_moves [PEER…]``.

For each peer with a storage of its own, testdata/moves/NAME gets that storage as the peer wrote it, in the middle of
two conversations, and account.json: the account, and messages that are under way to it. The keys are random ones, of
nobody.
"""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from typing import Any

from tests.peers.ours import store
from tests.peers.pair import Message, Pair
from tests.peers.peer import WORK, Peer
from tools.script import ROOT, start, usage

HERE = Path(__file__).resolve().parent
OUT = ROOT / "testdata" / "moves"
STORAGE = {
    "go": ("whatsmeow", "whatsmeow.db"),
    "baileys": ("baileys", "keys"),
    "node": ("zapo", "records.json"),
    "signal-client": ("signal-client", "records.json"),
}


def told(jid: str, message: Message) -> dict[str, str]:
    return {"from": jid, "type": message.type, "key": message.key.hex(), "ciphertext": message.ciphertext.hex()}


def conversations(peer: Peer) -> tuple[Path, dict[str, Any]]:
    """One that they began and that is answered, with a skipped message, one that they began without an answer, and
    the first message of a stranger."""
    answered = Pair(peer, SystemRandom())
    published = answered.bundle()
    answered.we_open(answered.they_seal(answered.our_bundle()))
    answered.they_open(answered.we_seal())
    answered.we_open(answered.they_seal())
    late = [answered.we_seal() for _ in range(3)]
    answered.they_open(late.pop(1))

    unanswered = Pair(peer, SystemRandom())
    unanswered.their_jid, unanswered.account = answered.their_jid, answered.account
    unanswered.we_open(unanswered.they_seal(unanswered.our_bundle()))
    late_answer = unanswered.we_seal()

    stranger = Pair(peer, SystemRandom())
    with store(SystemRandom()) as theirs:
        stranger.store, stranger.their_jid = theirs, answered.their_jid
        stranger.session.begin(published)
        first = stranger.we_seal()
    account = {
        "jid": answered.their_jid,
        "registration_id": published.registration_id,
        "identity_key": published.identity_key.hex(),
        "sessions": [answered.our_jid, unanswered.our_jid],
        "messages": [
            *(told(answered.our_jid, message) for message in late),
            told(unanswered.our_jid, late_answer),
            told(stranger.our_jid, first),
        ],
    }
    return Path(answered.ask("storage")["path"]), account


def record(folder: str) -> None:
    name, storage = STORAGE[folder]
    judge = import_module(f"tests.peers.{folder}.judge")
    judge.prepare()
    with TemporaryDirectory(dir=WORK) as work, judge.peer(Path(work)) as peer:
        written, account = conversations(peer)
        shutil.rmtree(OUT / name, ignore_errors=True)
        (OUT / name).mkdir(parents=True)
        copy = shutil.copytree if written.is_dir() else shutil.copyfile
        copy(written, OUT / name / storage)
    (OUT / name / "account.json").write_text(json.dumps(account, indent=2) + "\n", encoding="utf-8")
    print(f"{OUT.relative_to(ROOT) / name}: recorded")


def main(arguments: list[str]) -> None:
    if unknown := set(arguments) - STORAGE.keys():
        usage(f"{', '.join(sorted(unknown))}: the peers are {', '.join(STORAGE)}")
    for folder in arguments or STORAGE:
        record(folder)


if __name__ == "__main__":
    start(main)
