"""zapo-js: the Node peer. README.md says what it judges."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from tests.peers import binary_xml, conversation, moves, offers, padding
from tests.peers.node.install import install
from tests.peers.peer import WORK, Peer
from tests.peers.tally import Tally

HERE = Path(__file__).resolve().parent
FOLDER = WORK / "node"


def prepare() -> str:
    """Installs the peer, and returns its version."""
    install(HERE, FOLDER)
    version: str = json.loads((FOLDER / "node_modules/zapo-js/package.json").read_text(encoding="utf-8"))["version"]
    return version


def judge(tally: Tally, seed: int) -> None:
    random = Random(seed)
    with Peer("node", "node", HERE / "driver.js", FOLDER) as peer:
        binary_xml.judge(tally, peer, random)
        conversation.judge(tally, peer, random)
        offers.judge(tally, peer, random)
        moves.judge(tally, peer, random)
        padding.judge(tally, peer, random, lax={padding.OVER_16, padding.ZEROS, padding.UNEQUAL})
