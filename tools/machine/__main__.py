"""``python3 -m tools.machine TARGET...``: get the tools that these targets of the Makefile need, or print how to.

make runs this first, with its own targets. If nothing is missing, it starts no program. Its result is
build/machine.mk, which puts build/bin on make's PATH.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from tools.machine.fetched import BIN, fetched_go, provide_checkers, provide_go, unfit, version
from tools.machine.packages import provide
from tools.machine.table import FETCHED_GO, needs
from tools.script import BUILD, ROOT, Failed, start


@contextmanager
def alone() -> Iterator[None]:
    """If two makes run in one tree, one waits here until the other has installed everything. The lock is the folder: a
    lock file made by root would keep out the user."""
    BUILD.mkdir(exist_ok=True)
    folder = os.open(BUILD, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def main(wanted: list[str]) -> None:
    with alone():
        provide_all(wanted)


def provide_all(wanted: list[str]) -> None:
    go = os.environ.get("GO") or "go"
    asked = version((ROOT / "go.mod").read_text(encoding="utf-8"))
    assert asked
    wrong = unfit(go, asked)
    if wrong and go != "go":
        raise Failed(f"GO: {wrong}")
    fetch = [FETCHED_GO] if wrong and not fetched_go().exists() else []
    provide(needs(wanted + fetch))
    provide_go(wrong)
    provide_checkers(wanted)

    text = "# By tools/machine: what is in build/bin comes first on the PATH.\n"
    if BIN.is_dir() and os.listdir(BIN):
        text += "export PATH := $(CURDIR)/build/bin:$(PATH)\n"
    result = BUILD / "machine.mk"
    # make starts again when this file is new.
    if not result.exists() or result.read_text(encoding="utf-8") != text:
        # Another make may read it at this moment.
        new = result.with_name(f"machine.mk.{os.getpid()}")
        new.write_text(text, encoding="utf-8")
        new.replace(result)


if __name__ == "__main__":
    start(main)
