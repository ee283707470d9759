"""The C tests, loaded after a seccomp filter that allows exactly docs/seccomp.txt and the tests' own calls. Then once
more, to check that each name on the list is needed."""

from __future__ import annotations

import platform
import subprocess
import tempfile
from pathlib import Path

from tests.c.programs import ALONE, TESTS, VECTORS, sources
from tests.host.noun import Noun
from tools.script import ROOT, Failed, words

PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}
# The calls of the tests themselves: they write their output to a file, and make and remove folders.
HOST = {"dup", "dup2", "ioctl", "mkdir", "rmdir", "unlink", "lseek", "getdents64", "chmod", "fchmodat", "setrlimit"}


def listed(*sections: str) -> set[str]:
    """The calls in these sections of docs/seccomp.txt."""
    names, inside = set(), False
    for line in (ROOT / "docs/seccomp.txt").read_text().splitlines():
        if line.startswith("## "):
            inside = line.split()[1] in sections
        elif inside and line[:1].islower():
            names.add(line.split()[0])
    return names


class Filtered:
    def __init__(self, noun: Noun, allowed: set[str]) -> None:
        self.noun = noun
        made = noun.compiler
        (noun.out / "names.h").write_text(
            "".join(f"#ifdef SYS_{name}\nCALL({name})\n#endif\n" for name in sorted(allowed))
        )
        self.host = made.program("seccomp/seccomp", ["tests/host/seccomp.c"], None, f"-I{noun.out}", "-ldl")
        self.tests = [
            made.shared(f"seccomp/{test}", sources(test), noun.library, "-Wl,-Bsymbolic")
            for test in TESTS
            if test not in ALONE
        ]
        rare = ["tests/host/seccomp_rare.c", "tests/c/pair.c"]
        self.rare = made.shared("seccomp/rare", rare, noun.library, "-Wl,-Bsymbolic")
        self.holder = made.program("seccomp/rare", rare, noun.library)

    def run(self, *option: str) -> int:
        """Run each test, and the rare calls while a process locks a store. Returns the number of passed tests."""
        passed = 0
        for test in self.tests:
            said = self.noun.held(self.host, *option, test, VECTORS)
            passed += int(said.splitlines()[-1].split()[0])
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "store"
            with subprocess.Popen(
                words(self.holder, "hold", store), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ) as holder:
                assert holder.stdout is not None
                holder.stdout.readline()
                self.noun.held(self.host, *option, self.rare, store, Path(folder) / "new")
        return passed


def seccomp(noun: Noun) -> str:
    processor = PROCESSORS.get(platform.machine())
    if processor is None:
        raise Failed(f"docs/seccomp.txt does not say what {platform.machine()} calls")
    own = listed("all", processor)
    filtered = Filtered(noun, own | listed("elsewhere") | HOST)
    passed = filtered.run()
    seen = noun.out / "seen"
    seen.unlink(missing_ok=True)
    filtered.run("-seen", str(seen))
    superfluous = own - set(seen.read_text().split())
    if superfluous:
        raise Failed(f"on the list, and nothing calls it: {' '.join(sorted(superfluous))}")
    return (
        f"{passed} C tests and loading pass under docs/seccomp.txt;"
        f" each of its {len(own)} calls for {processor} is made"
    )
