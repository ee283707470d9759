"""wacore: the Rust peer. README.md says what it judges."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from tests.peers import binary_xml, conversation, messages, moves, offers, padding, readings
from tests.peers.peer import Peer, Refused
from tests.peers.rust import epochs, media, records, stanzas
from tests.peers.rust.toolchain import toolchain
from tests.peers.tally import Tally

HERE = Path(__file__).resolve().parent


def prepare() -> str:
    """Builds the driver, and returns the peer's version. The first time takes minutes and 2.3 GB."""
    toolchain().build()
    version = re.search(r'^wacore = \{ version = "=(.+?)"', (HERE / "Cargo.toml").read_text(), re.MULTILINE)
    assert version
    return version[1]


def driver() -> Peer:
    """The driver that prepare() has built."""
    return Peer("rust", *toolchain().program())


def reading(peer: Peer, wire: bytes) -> readings.Reading:
    """What wacore's reader makes of a stanza, for the device of readings.py."""
    try:
        read = peer.ask("read", wire=wire, own=readings.OWN)
    except Refused:
        return None
    if read["action"] is None:
        return None
    enc = read["enc"]
    found = (enc["v"], enc["type"], enc["ciphertext"]) if enc else None
    return read["action"], read["call_id"], read["call_creator"], found


def judge(tally: Tally, seed: int) -> None:
    random = Random(seed)
    with driver() as peer:
        stanzas.judge(tally, peer, random)
        media.judge(tally, peer, random)
        epochs.judge(tally, peer, random)
        binary_xml.judge(tally, peer, random)
        conversation.judge(tally, peer, random)
        offers.judge(tally, peer, random)
        moves.judge(tally, peer, random)
        records.judge(tally, peer, random)
        padding.judge(tally, peer, random, lax={padding.OVER_16})
        messages.judge(tally, peer, seed)
        readings.judge(tally, peer, "wacore", lambda wire: reading(peer, wire), lambda ours: ours)
