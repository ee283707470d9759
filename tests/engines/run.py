"""``make test-engines``: our SRTP packets and those of other engines, both ways, as docs/engines.md sets them up.

``python3 -m tests.engines.run [--write] [ENGINE…]`` runs these engines, by default all of them, and prints one line for
each. It also compares the code in docs/engines.md with the tests, and its table with the versions that ran; ``--write``
puts both there. The judge runs in a virtual environment, because our own packets need cryptography.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.script import BUILD, Failed, skip, start
from tools.venv import venv

PINS = Path(__file__).with_name("requirements.txt")


def main(arguments: list[str]) -> None:
    told = PINS.read_text(encoding="utf-8")
    try:
        python = venv(BUILD / "engines" / "venv", "--require-hashes", "-r", PINS, belongs_to=told)
    except Failed as failure:
        print(failure)
        skip("the Python packages of tests/engines/requirements.txt", "apt-get install python3-venv")
    sys.stdout.flush()
    os.execv(python, [str(python), "-m", "tests.engines.judge", *arguments])


if __name__ == "__main__":
    start(main)
