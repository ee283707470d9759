"""zapo-js: the Node peer. README.md says what it judges."""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path
from random import Random

from tests.peers import binary_xml, conversation, moves, offers, padding
from tests.peers.peer import WORK, Peer
from tests.peers.tally import Tally
from tools.script import run, skip

HERE = Path(__file__).resolve().parent
FOLDER = WORK / "node"
LOCK = "package-lock.json"
NODE = import_module("tests.signal-client.install")


def prepare() -> str:
    """Installs the peer into build/peers/node, as the lock file pins it, unless it is there, and returns its version.
    Install scripts are not run: there is nothing to compile."""
    if not NODE.usable():
        skip(f"Node.js {NODE.OLDEST_NODE}+ with npm", "apt-get install nodejs npm")
    lock, installed = HERE / LOCK, FOLDER / "node_modules" / ".installed-lock"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", LOCK):
            shutil.copyfile(HERE / name, FOLDER / name)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=FOLDER, quiet=True)
        shutil.copyfile(lock, installed)
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
