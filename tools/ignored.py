"""Does a compiler warn where a program ignores the result of a call?

python3 -m tools.ignored COMPILER...    e.g. gcc clang

It compiles a call of each function of callkey.h without a use of its result, as C and as C++. Every one must be a
warning but callkey_wipe, which has none, and what closes, frees or removes: a program can often do nothing about that.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.script import ROOT, expect, run, start, usage, words

PROTOTYPE = re.compile(r"^CALLKEY_\w+ [^;#]*?\b(callkey_\w+)\(([^;]*?)\)[^;]*;", re.MULTILINE)
MAY_BE_IGNORED = re.compile(r"callkey_(\w+_(close|free|remove)|wipe)")
STRICT = ("-Wall", "-Wextra", "-Werror", "-DCALLKEY_NO_NONNULL", "-Iinclude", "-c", "-o", os.devnull)
LANGUAGES = (
    ("-std=c89", "-pedantic"),
    ("-std=c11",),
    ("-x", "c++", "-std=c++98", "-Wno-long-long"),
    ("-x", "c++", "-std=c++17"),
)


def calls() -> dict[str, str]:
    """A call of each function, with zeros for its arguments."""
    header = (ROOT / "include" / "callkey.h").read_text()
    found = {}
    for name, parameters in PROTOTYPE.findall(header):
        count = 0 if parameters == "void" else parameters.count(",") + 1
        found[name] = f"{name}({', '.join(['0'] * count)});"
    return found


def program(chosen: list[str]) -> str:
    """One call in each line, behind a line for the header and one for main."""
    return "\n".join(['#include "callkey.h"', "int main(void) {", *chosen, "return 0; }", ""])


def main(compilers: list[str]) -> None:
    if not compilers:
        usage(__doc__)
    each = calls()
    ignorable = [name for name in each if MAY_BE_IGNORED.fullmatch(name)]
    expect(len(each) > 80 and len(ignorable) >= 6, f"{len(each)} functions were found, {len(ignorable)} ignorable")
    with tempfile.TemporaryDirectory() as folder:
        everything, allowed = Path(folder, "everything.c"), Path(folder, "allowed.c")
        everything.write_text(program(list(each.values())))
        allowed.write_text(program([each[name] for name in ignorable]))
        for compiler in compilers:
            expect(shutil.which(compiler), f"there is no {compiler}")
            for language in LANGUAGES:
                run(compiler, *language, *STRICT, allowed, quiet=True)
                every = "-fmax-errors=0" if "gcc" in compiler else "-ferror-limit=0"
                command = words(compiler, *language, *STRICT, every)
                end = subprocess.run([*command, str(everything)], cwd=ROOT, capture_output=True, text=True, check=False)
                warned = re.findall(r"everything\.c:(\d+):\d+: error: .*unused-result", end.stderr)
                names = {list(each)[int(line) - 3] for line in warned}
                expect(end.returncode != 0, f"{compiler} takes a program that ignores every result")
                silent, loud = each.keys() - names - set(ignorable), names & set(ignorable)
                expect(not silent, f"{compiler} {language}: no warning for {', '.join(sorted(silent))}\n{end.stderr}")
                expect(not loud, f"{compiler} {language}: a warning for {', '.join(sorted(loud))}")
    print(f"ignored: {len(each) - len(ignorable)} functions warn about an ignored result, with {' '.join(compilers)}")


if __name__ == "__main__":
    start(main)
