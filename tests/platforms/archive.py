"""Builds the static archive and runs the C tests with it."""

from __future__ import annotations

from tests.platforms.library import judge, show
from tools.script import BUILD, PYTHON, start


def main(_: list[str]) -> None:
    archive = BUILD / "static" / "libcallkey.a"
    show("make", "--no-print-directory", "archive")
    judge(archive)
    show(PYTHON, "-m", "tests.c.run", archive)


if __name__ == "__main__":
    start(main)
