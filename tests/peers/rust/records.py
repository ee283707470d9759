"""Session records as the peer's own store has them. moves.py moves those that the peer exports."""

from __future__ import annotations

from random import Random

from tests.peers.ours import callkey, store
from tests.peers.pair import Pair
from tests.peers.peer import Peer
from tests.peers.tally import Tally

WHAT = "session records with reserved counters are not read"
NAME = "A stored session with reserved counters"


def judge(tally: Tally, peer: Peer, random: Random) -> None:
    pair = Pair(peer, random)
    pair.we_open(pair.they_seal(pair.our_bundle()))
    record = bytes.fromhex(pair.ask("session", stored=True)["record"])
    moved = store(random)
    try:
        moved.session(pair.our_jid).restore(record)
        ours = "read"
    except callkey.UnsupportedError:
        ours = "unsupported"
    refused = pair.ask("put_session", record=record)
    tally.differs(WHAT, NAME, ours, "read" if refused == {} else refused)
    tally.equal(WHAT, False, moved.session(pair.our_jid).exists())
