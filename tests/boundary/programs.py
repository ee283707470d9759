"""The C programs of the boundary's tests, in build/tests-boundary."""

from __future__ import annotations

from pathlib import Path

from tests.program import Compiler
from tools.script import BUILD, Word
from tools.version import LIBRARY

CALLS = ("tests/c/pair.c", "tests/c/folder.c")
EVERY = (*CALLS, "tests/c/every.c")

COMPILER = Compiler(BUILD / "tests-boundary", "-std=gnu11", "-DCALLKEY_NO_NONNULL", "-Itests/c")


def compiled(noun: str, *more: Word, library: Path = LIBRARY) -> Path:
    """The noun's program, linked with more sources."""
    return COMPILER.program(noun, [f"tests/boundary/{noun}.c", *more], library)
