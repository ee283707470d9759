"""zapo-js: the Node peer. README.md says what it judges."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.peers import binary_xml, conversation, messages, migration, moves, offers, padding
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


def peer(files: Path) -> Peer:
    """The driver, with its accounts' files in this folder."""
    return Peer("node", "node", HERE / "driver.js", FOLDER, cwd=files)


def judge(tally: Tally, seed: int) -> None:
    random = Random(seed)
    with TemporaryDirectory(dir=WORK) as files, peer(Path(files)) as driver:
        binary_xml.judge(tally, driver, random)
        conversation.judge(tally, driver, random)
        offers.judge(tally, driver, random)
        moves.judge(tally, driver, random)
        migration.judge(tally, driver, random, "move_records")
        padding.judge(tally, driver, random, lax={padding.OVER_16, padding.ZEROS, padding.UNEQUAL})
        messages.judge(tally, driver, seed)
