"""Install the official Signal client library: ``python3 -m tests.signal-client.install``.

Both versions come beside this file: exactly what the lock files pin, checked against their hashes. Does nothing when
that was done before. Install scripts are not run: the packages bring their native library prebuilt, and the last step
loads it to be sure. Without Node.js the tests are skipped with a reason; with CI=true that is a failure.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools.script import run, skip, start

HERE = Path(__file__).resolve().parent
OLDEST_NODE = 18


def usable() -> bool:
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    major = re.match(r"v(\d+)\.", run("node", "--version"))
    return major is not None and int(major[1]) >= OLDEST_NODE


def install(version: str) -> None:
    folder = HERE / version
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".installed-lock"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        print(f"signal-client: installing @signalapp/libsignal-client {version}", flush=True)
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder, quiet=True)
    run("node", "peer.js", version, cwd=HERE)
    shutil.copyfile(lock, installed)


def main(_: list[str]) -> None:
    if not usable():
        skip(f"Node.js {OLDEST_NODE}+ with npm", "apt-get install nodejs npm")
    for version in ("0.22.0", "0.58.0"):
        install(version)


if __name__ == "__main__":
    start(main)
