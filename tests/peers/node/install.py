"""Puts the packages that a peer's lock file pins into its folder in build/peers."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path

from tools.script import run, skip

LOCK = "package-lock.json"
NODE = import_module("tests.signal-client.install")


def install(peer: Path, folder: Path) -> None:
    """Does nothing if they are there. Install scripts are not run: there is nothing to compile."""
    if not NODE.usable():
        skip(f"Node.js {NODE.OLDEST_NODE}+ with npm", "apt-get install nodejs npm")
    lock, installed = peer / LOCK, folder / "node_modules" / ".installed-lock"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", LOCK):
            shutil.copyfile(peer / name, folder / name)
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        run("npm", "ci", "--ignore-scripts", "--omit=peer", "--omit=optional", *quiet, cwd=folder, quiet=True)
        shutil.copyfile(lock, installed)
