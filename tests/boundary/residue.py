"""Searches the memory of a process for secrets after whole calls, once the secrets are wiped and the stores closed.

residue [TIMES [LIBRARY]]

It must find nothing in TIMES runs (10) of each host, also with the library as built for other platforms. In a library
without protection it must find something, or the search itself is broken.

LIBRARY is for another platform: CC compiles for it and RUNNER starts its programs. Of an emulator it searches all
memory except the emulator's own stacks; of Wine's processes, only the program's.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from tests import library
from tests.program import Compiler
from tools.script import GO, PYTHON, ROOT, Word, run, start
from tools.version import LIBRARY

SOURCES = [f"tests/boundary/{name}.c" for name in ("residue", "refusals", "records", "tell", "apart")]
WAYS = {"one": "a C host", "4": "one with 4 threads", "apart": "one with a thread for each call"}


class Residue:
    def __init__(self, tested: Path) -> None:
        self.library = tested
        self.windows = tested.suffix == ".dll"
        self.runner = shlex.split(os.environ.get("RUNNER", ""))
        self.compiler = Compiler(tested.parent / "residue", "-std=c99", "-D_FILE_OFFSET_BITS=64", "-O2")
        self.program = self.compiler.out / "search"
        here = {"GOOS": "", "GOARCH": "", "CC": ""}
        run(GO, "build", "-o", self.program, "./tests/boundary/search", env=here)

    @property
    def emulated(self) -> bool:
        return bool(self.runner) and Path(self.runner[0]).name.startswith("qemu-")

    def search(self, times: int, host: str, *command: Word, found: bool = False) -> str:
        """The result of the search. With ``found`` it must find something."""
        options: list[Word] = ["-times", str(times), *(["-found"] if found else [])]
        if self.emulated:
            options.append("-emulator")
        if self.windows:
            options += ["-mapped", "residue.exe"]
        # A relative folder, because Wine must find it too.
        folder = {"TMPDIR": os.path.relpath(self.compiler.out, ROOT)}
        return run(self.program, *options, host, *command, env=folder, quiet=True).splitlines()[-1]

    def calls(self, kind: str, times: int, found: bool = False) -> str:
        """In one thread, in four at once, and with a new thread for each call."""
        linked = self.library if kind == "release" else library.beside(self.library, kind)
        # Lazy binding saves the vector registers on the stack, with the host's own last copies in them.
        now = () if self.windows else ("-Wl,-z,now",)
        program = self.compiler.program(f"{kind}/residue", SOURCES, linked, *now)
        host = (*self.runner, program, "FOLDER")
        return ", ".join(
            self.search(times, WAYS[way], *host, *([] if way == "one" else [way]), found=found)
            for way in self.ways(found)
        )

    def ways(self, found: bool) -> list[str]:
        if found and self.emulated:
            # An emulated processor keeps so little on its stacks that about one dump in nine has a secret. Threads that
            # have ended leave hundreds.
            return ["apart"]
        return [way for way in WAYS if not (self.windows and way == "apart")]


def main(arguments: list[str]) -> None:
    times = int(arguments[0]) if arguments else 10
    residue = Residue((ROOT / arguments[1]).resolve() if arguments[1:] else LIBRARY)
    found = residue.calls("release", times)
    if not arguments[1:]:
        host = (PYTHON, "tests/boundary/residue_host.py", LIBRARY, "FOLDER")
        found += f", {residue.search(times, 'a Python host with 2 threads', *host)}"
        found += f"; as on other platforms in {residue.calls('portable', times)}"
    print(f"residue: secrets are in {found}; without protection in {residue.calls('unprotected', 12, found=True)}")


if __name__ == "__main__":
    start(main)
