"""whatsmeow: the Go peer. README.md says what it judges."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.peers import binary_xml, conversation, messages, migration, moves, offers, padding, readings
from tests.peers.go import events
from tests.peers.peer import WORK, Peer
from tests.peers.tally import Tally
from tools.script import GO, run

HERE = Path(__file__).resolve().parent
DRIVER = WORK / "go" / "driver"
MODULE = "go.mau.fi/whatsmeow"


def prepare() -> str:
    """Builds the driver, and returns the version of the peer without the commit."""
    run(GO, "build", "-tags", "sqlite_omit_load_extension", "-o", DRIVER, ".", cwd=HERE)
    version: str = json.loads(run(GO, "list", "-m", "-json", MODULE, cwd=HERE))["Version"]
    return version.rpartition("-")[0]


def peer(databases: Path) -> Peer:
    """The driver, with its accounts' databases in this folder."""
    return Peer("go", DRIVER, cwd=databases)


def judge(tally: Tally, seed: int) -> None:
    random = Random(seed)
    with TemporaryDirectory(dir=WORK) as databases, peer(Path(databases)) as driver:
        binary_xml.judge(tally, driver, random)
        conversation.judge(tally, driver, random, lax=True)
        offers.judge(tally, driver, random)
        events.judge(tally, driver, random)
        readings.judge(tally, driver, "whatsmeow", lambda wire: events.reading(driver, wire), lambda ours: ours[:3])
        moves.judge(tally, driver, random)
        migration.judge(tally, driver, random, "move_whatsmeow")
        padding.judge(tally, driver, random, lax={padding.OVER_16})
        messages.judge(tally, driver, seed)
