"""``python3 -m tools.machine TARGET...``: get what these targets of the Makefile need, or say how.

make runs this before anything else, with the targets that it is given. Where all is there, no program is started.
Its result is build/machine.mk, which puts what is in build/bin on make's PATH.
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
    """Of two makes in one tree, one waits here for what the other installs. The folder is the lock: a file would belong
    to root once, and keep out its user."""
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
