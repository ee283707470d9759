"""Children of fork(), made while other threads are inside the library: every call fails at once, and the parent keeps
working. In C and in Python."""

from __future__ import annotations

from tests.boundary.programs import EVERY, compiled
from tests.program import ended
from tools.script import PYTHON, start
from tools.version import LIBRARY


def main(_: list[str]) -> None:
    c = ended(compiled("fork", *EVERY), "50", limit=120).told()
    python = ended(PYTHON, "tests/boundary/fork_host.py", LIBRARY, limit=120).told()
    print(f"fork: {c}; {python}")


if __name__ == "__main__":
    start(main)
