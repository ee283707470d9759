"""Handles that are stale, guessed, closed twice or closed during other threads' calls, and leaks after 100,000 stores
were opened and closed."""

from __future__ import annotations

import tempfile

from tests.boundary.programs import compiled
from tests.program import ended
from tools.script import start


def main(_: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(f"handles: {ended(compiled('handles'), folder, limit=600).told()}")


if __name__ == "__main__":
    start(main)
