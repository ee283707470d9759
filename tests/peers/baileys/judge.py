"""Baileys: a Node peer. README.md says what it judges."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.peers import conversation, migration
from tests.peers.node.install import install
from tests.peers.peer import WORK, Peer
from tests.peers.tally import Tally

HERE = Path(__file__).resolve().parent
FOLDER = WORK / "baileys"
PACKAGE = "@whiskeysockets/baileys"


def prepare() -> str:
    """Installs the peer, and returns its version."""
    install(HERE, FOLDER)
    version: str = json.loads((FOLDER / "node_modules" / PACKAGE / "package.json").read_text(encoding="utf-8"))[
        "version"
    ]
    return version


def peer(accounts: Path) -> Peer:
    """The driver, with its accounts' folders in this one."""
    return Peer("baileys", "node", HERE / "driver.mjs", FOLDER, cwd=accounts)


def judge(tally: Tally, seed: int) -> None:
    random = Random(seed)
    with TemporaryDirectory(dir=WORK) as accounts, peer(Path(accounts)) as driver:
        conversation.judge(tally, driver, random, lax=True)
        migration.judge(tally, driver, random, "move_baileys", keeps=False)
