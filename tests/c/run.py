"""The tests of the C contract, the examples and the README's C session: compile each against a built library and run
it. The last line is "N passed, N failed".

run [LIBRARY [TEST...]]    default build/libcallkey.so.0 and all tests; a callkey.dll or libcallkey.a will do

CC is the compiler; RUNNER is what starts a program of another platform, with its arguments; LIMIT is how many seconds a
program may take, 300 without it. What a program prints stays beside it, in tests-c beside the library.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from tests import library
from tests.c.programs import HERE, TESTS, VECTORS, sources
from tests.program import Compiler, Ended, Objects, ended
from tools.script import BUILD, ROOT, Failed, Tally, Word, expect, start, words
from tools.version import LIBRARY

COUNT = re.compile(r"(\d+) passed, (\d+) failed")


class Tests:
    def __init__(
        self, linked: Path, cc: Optional[Sequence[Word]], link: Sequence[Word], runner: Optional[Sequence[Word]]
    ) -> None:
        self.library = linked
        self.windows = linked.suffix == ".dll"
        self.out = linked.parent / "tests-c"
        flags = ("-std=c99", "-D_FILE_OFFSET_BITS=64", "-g", "-O1")
        kept = Objects(BUILD / "objects", HERE, "include")
        self.compiler = Compiler(self.out, *flags, cc=cc, link=link, kept=kept)
        self.runner = shlex.split(os.environ.get("RUNNER", "")) if runner is None else runner
        self.limit = float(os.environ.get("LIMIT", 300))
        self.tally = Tally()

    def compile(self, name: str, files: list[Path], linked: Path, *flags: str) -> Optional[Path]:
        try:
            return self.compiler.program(name, files, linked, *flags)
        except Failed as failure:
            self.tally.fail(f"{name} does not compile: {failure}")
            return None

    def run(self, program: Path, *arguments: str) -> Ended:
        # No test takes minutes; the limit ends a deadlock.
        log = self.out / f"{program.stem}.log"
        # children starts another program.
        env = {"RUNNER": " ".join(words(*self.runner))}
        return ended(*self.runner, program, *arguments, limit=self.limit, env=env, log=log)

    def test(self, name: str) -> None:
        """A test program prints the number of passed tests; one that prints nothing has failed."""
        if name == "children" and self.windows:
            print("children: not for Windows, which has no fork")
            return
        linked = library.beside(self.library, "provoke") if name == "bug" else self.library
        files = [self.of_platform(source) for source in sources(name)]
        program = self.compile(name, files, linked, "-DCALLKEY_NO_NONNULL")
        if program is None:
            return
        end = self.run(program, VECTORS)
        *before, last = end.stdout.splitlines() or [""]
        count = COUNT.fullmatch(last)
        if count is None:
            self.tally.fail(f"{name}: no result\n{end.failure()}{last_words(program)}")
            return
        passed, failed = map(int, count.groups())
        self.tally.passed += passed
        self.tally.failed += failed
        print(*before, f"{name}: {last}", sep="\n", flush=True)
        if end.status != 0 and failed == 0:
            self.tally.fail(str(end.failure()))

    def of_platform(self, source: Path) -> Path:
        return HERE / "folder_windows.c" if self.windows and source.name == "folder.c" else source

    def example(self, source: Path) -> None:
        """Compile an example like a reader would, with nonnull warnings. It passes if it ends with 0; its output is not
        checked."""
        program = self.compile(source.stem, [source], self.library, "-pedantic")
        if program is None:
            return
        end = self.run(program)
        if end.status == 0:
            self.tally.hold(f"{source.stem}: runs")
        else:
            self.tally.fail(str(end.failure()))

    def readme(self) -> None:
        """The README's session is the body of a main."""
        session = "".join(re.findall(r"^```c\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE))
        if session.count("\n") < 15:
            self.tally.fail("README.md: its C session was not found")
            return
        source = self.out / "readme.c"
        source.write_text(f'#include <stdio.h>\n#include "callkey.h"\nint main(void)\n{{\n{session}return 0;\n}}\n')
        self.example(source)


def last_words(program: Path) -> str:
    """The output of a test, which the harness keeps in a file next to it."""
    kept = program.with_name(program.name + ".out")
    lines = kept.read_text(errors="replace").splitlines() if kept.exists() else []
    return "".join(f"\n{line}" for line in lines[:60])


def passes(
    linked: Path,
    *names: str,
    cc: Optional[Sequence[Word]] = None,
    link: Sequence[Word] = (),
    runner: Optional[Sequence[Word]] = None,
) -> None:
    """Run these tests, by default all, the examples and the README. Raises Failed if one fails.

    ``cc`` and ``runner`` are the environment's CC and RUNNER by default; ``link`` is what each program is linked with.
    """
    for name in names:
        expect(name in TESTS, f"there is no C test {name}")
    tests = Tests(linked, cc, link, runner)
    for name in names or TESTS:
        tests.test(name)
    for source in sorted(Path("examples/c").glob("*.c")):
        tests.example(source)
    tests.readme()
    expect(tests.tally.end() == 0, f"the C tests with {linked}")


def main(arguments: list[str]) -> None:
    chosen = (ROOT / arguments[0]).resolve() if arguments else LIBRARY
    if not chosen.exists():
        library.current(chosen)
    passes(chosen, *arguments[1:])


if __name__ == "__main__":
    start(main)
