"""make test-mte: the C tests on an arm64 processor with tagged memory (MTE, synchronous), under QEMU. Every block of
the heap has a tag, and an access from another block or past the end ends the program: in the host's memory that is lent
to a call (loan.h), in the tests' own, and in SQLite's.

At the end, the processor must stop accesses that are wrong on purpose. Arguments select C tests.
"""

from __future__ import annotations

import re

from tests import library
from tests.arm64 import QEMU, TARGET, TRIPLE, need_arm64
from tests.c import run as c
from tests.program import Compiler, ended
from tools.script import BUILD, expect, run, start
from tools.version import SONAME

BUILT = BUILD / "mte"
CC = (f"{TRIPLE}-gcc",)
# QEMU 7 ignores the tag of a pointer in the instruction with which glibc clears memory; glibc's memset for this
# processor does not use it.
TAGGED = "GLIBC_TUNABLES=glibc.mem.tagging=3:glibc.cpu.name=kunpeng920"
# LENT: each buffer of a call is a copy in a block of its own, so no two overlap.
RUNNER = (*QEMU, "-cpu", "max", "-E", TAGGED, "-E", "LENT=yes")
# How each access ends: code 9 of SIGSEGV is a wrong tag.
WRONG = {"read": "signal 11", "go": "SIGSEGV: .* code=0x9", "c": "signal 11", "freed": "signal 11"}


def main(names: list[str]) -> None:
    need_arm64()
    tested = library.current(BUILT / SONAME, "apart", env=TARGET)

    compiler = Compiler(BUILT, "-std=c99", "-g", "-O1", "-Itests/mte", "-Itests/c", cc=CC)
    loan, wraps = compiler.object("tests/mte/loan.c"), compiler.object("tests/mte/wraps.c")
    wrapped = re.findall(r" T __wrap_(.*)", run(f"{TRIPLE}-nm", wraps))
    expect(len(wrapped) > len(library.functions()) / 2, f"only {wrapped} get tagged memory")
    options = BUILT / "options"
    options.write_text("".join(f"-Wl,--wrap={name}\n" for name in wrapped))
    over = compiler.program("over", ["tests/mte/over.c", loan], tested)

    c.passes(tested, *names, cc=CC, link=[wraps, loan, f"@{options}"], runner=RUNNER)
    ended(*RUNNER, over, "none", limit=300).held()
    for name, says in WRONG.items():
        end = ended(*RUNNER, over, name, limit=300)
        if end.status == 0 or not re.search(says, end.said):
            raise end.failure("not stopped")
    print(f"tagged memory: {len(WRONG)} wrong accesses made on purpose were stopped")


if __name__ == "__main__":
    start(main)
