"""A bug inside the library (a build for tests in which one function panics): INTERNAL in every thread from then on, and
the process survives. In C and in Python."""

from __future__ import annotations

from tests import library
from tests.boundary.programs import EVERY, compiled
from tests.program import ended
from tools.script import PYTHON, start
from tools.version import LIBRARY


def main(_: list[str]) -> None:
    provoked = library.beside(LIBRARY, "provoke")
    c = ended(compiled("panic", *EVERY, library=provoked), limit=120).told()
    python = ended(PYTHON, "tests/boundary/panic_host.py", provoked, limit=120)
    python.told()
    # No message at the end of the interpreter either.
    if python.stderr:
        raise python.failure("it wrote to stderr")
    print(f"panic: {c}; {python.stdout.strip()}")


if __name__ == "__main__":
    start(main)
