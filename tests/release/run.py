"""A release as its users meet it: ``python3 -m tests.release.run [NAME...]``, of the files of tools/release/table.py by
default all.

It is built here, and a second time by again.py, with the same sums. Then each file is used as its reader uses it: the
verification that RELEASE.md says, the programs of library.py, python.py, jar.py and swift.py, and `make demo` in the
unpacked sources. Ends with one line: N passed, N failed.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Callable

from tests.debian import Lacking
from tests.release import again, jar, library, python, refusals, swift
from tests.release.place import RELEASE, WORK, fresh
from tools.release.artefact import Artefact
from tools.release.page import NAME, SUMS
from tools.release.table import STEPS, rows
from tools.script import PYTHON, Failed, Tally, expect, refused, run, start

Use = Callable[[str, Path], str]
USES: dict[str, Use] = {
    **dict.fromkeys(library.PLATFORMS, library.use),
    "wheel": python.use,
    "sdist": python.use,
    "jar": jar.use,
    "jar-sources": jar.sources,
}
# What nothing here can use, with the reason; the page says so too.
UNUSED = {"aar": "no phone and no emulator", "xcframework": "no Apple device"}
COLD = "linux-arm64"
"""The step that is compiled from nothing in the second folder. `make check` does that for linux-amd64."""


def verify(made: list[Artefact]) -> str:
    """As RELEASE.md says."""
    page = (RELEASE / NAME).read_text(encoding="utf-8")
    command, *_ = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    told = run("sh", "-euc", command, cwd=RELEASE, quiet=True).splitlines()
    files = sorted(file.name for file in RELEASE.iterdir() if file.name != SUMS)
    expect(sorted(told) == [f"{name}: OK" for name in files], f"{command}: {told}")
    unnamed = [row.found(RELEASE).name for row in made if f"| `{row.found(RELEASE).name}` |" not in page]
    expect(not unnamed, f"{NAME}: does not say who {' '.join(unnamed)} is for")
    # One byte that changed on the way.
    damaged = fresh("a damaged copy") / "release"
    shutil.copytree(RELEASE, damaged)
    file = made[0].found(damaged)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    refused(f"{file.name}: FAILED", "sh", "-euc", f'cd "$1"; {command}', "sh", damaged)
    return f"{len(files)} files have the sums of {SUMS}, and a damaged one has not"


def demo(tree: Path) -> str:
    told = again.in_it(tree, "make", "-s", "demo", env={})
    expect("same" in told, f"make demo in the unpacked sources:\n{told}")
    return "make demo runs in the unpacked sources, without git"


def main(names: list[str]) -> int:
    chosen = rows(names)
    made = [row for row in chosen if not row.lacks()]
    unknown = [row.name for row in made if row.name not in {*USES, *UNUSED, "source"}]
    expect(not unknown, f"tests/release: nothing uses {' '.join(unknown)}")
    tally = Tally()

    def test(what: str, check: Callable[[], str]) -> None:
        try:
            tally.hold(f"{what}: {check()}")
        except Failed as failure:
            print(failure)
            tally.fail(what)

    print(run(PYTHON, "-m", "tools.release", *names), end="", flush=True)
    cold = [each.words for each in STEPS if each.name == COLD and any(COLD in row.steps for row in made)]
    tree = again.other_tree()
    try:
        test("twice", lambda: again.twice(tree, tuple(cold[0]) if cold else (), names))
        test("verify", lambda: verify(made))
        if not names:
            test("refused", refusals.all_of_them)
        for row in made:
            if row.name in USES:
                test(row.name, lambda row=row: USES[row.name](row.name, row.found(RELEASE)))  # type: ignore[misc]
            elif row.name == "source":
                test(row.name, lambda: demo(tree))
            if row.name == "linux-amd64":
                try:
                    test("Swift", lambda row=row: swift.use(row.found(RELEASE)))  # type: ignore[misc]
                except Lacking as lacking:
                    if lacking.status(0):
                        tally.fail("Swift")
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    for row in made:
        if row.name in UNUSED:
            print(f"{row.name}: not used here, {UNUSED[row.name]}")
    return tally.end()


if __name__ == "__main__":
    start(main)
