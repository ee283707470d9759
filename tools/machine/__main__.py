"""``python3 -m tools.machine TARGET...``: get what these targets of the Makefile need, or say how.

make runs this before anything else, with the targets that it is given. Where all is there, no program is started.
Its result is build/machine.mk, which puts what is in build/bin on make's PATH.
"""

from __future__ import annotations

import os

from tools.machine.fetched import BIN, fetched_go, provide_checkers, provide_go, unfit, version
from tools.machine.packages import provide
from tools.machine.table import FETCHED_GO, needs
from tools.script import BUILD, ROOT, Failed, start


def main(wanted: list[str]) -> None:
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
        BUILD.mkdir(exist_ok=True)
        result.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    start(main)
