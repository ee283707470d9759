"""A release as its users meet it: ``python3 -m tests.release.run [NAME...]``, of the files of tools/release/table.py by
default all.

It is built here, and a second time by again.py, with the same sums. Then each file is used as its reader uses it: the
verification that RELEASE.md says, the programs of library.py, python.py, jar.py and swift.py, and `make demo` in the
unpacked sources. Ends with one line: N passed, N failed.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Callable

from tests.debian import Lacking
from tests.release import again, jar, library, python, refusals, swift
from tests.release.place import RELEASE, WORK, fresh
from tools.jobs import processors
from tools.release.artefact import Artefact
from tools.release.page import NAME, SUMS
from tools.release.table import STEPS, rows
from tools.script import PYTHON, Failed, Tally, expect, refused, run, start

Use = Callable[[str, Path], str]
USES: dict[str, Use] = {
    **dict.fromkeys(library.PLATFORMS, library.use),
    "wheel-linux-amd64": python.use,
    **dict.fromkeys(python.PYTHONS, python.emulated),
    "sdist": python.use,
    "jar": jar.use,
    "jar-sources": jar.sources,
    "jar-javadoc": jar.javadoc,
    "pom": jar.pom,
}
# What nothing here can use, with the reason; the page says so too.
UNUSED = {
    **dict.fromkeys(("aar", "aar-pom"), "no phone and no emulator"),
    **dict.fromkeys(("xcframework", "wheel-darwin-arm64", "wheel-darwin-amd64"), "no Apple device"),
}
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


def checks(made: list[Artefact], whole: bool) -> dict[str, Callable[[], str]]:
    """What is done beside the second build, by its name in the output."""
    found: dict[str, Callable[[], str]] = {"verify": partial(verify, made)}
    if whole:
        found["refused"] = refusals.all_of_them
        [linux] = [row for row in made if row.name == "linux-amd64"]
        found["Swift"] = partial(swift.use, linux.found(RELEASE))
    for row in made:
        if row.name in USES:
            found[row.name] = partial(USES[row.name], row.name, row.found(RELEASE))
    return found


def tell(tally: Tally, what: str, result: Future[str]) -> None:
    try:
        tally.hold(f"{what}: {result.result()}")
    except Lacking as lacking:
        if lacking.status(0):
            tally.fail(what)
        else:
            tally.skipped.append(what)
    except Failed as failure:
        print(failure)
        tally.fail(what)


def main(names: list[str]) -> int:
    made = [row for row in rows(names) if not row.lacks()]
    unknown = [row.name for row in made if row.name not in {*USES, *UNUSED, "source"}]
    expect(not unknown, f"tests/release: nothing uses {' '.join(unknown)}")
    tally = Tally()
    print(run(PYTHON, "-m", "tools.release", *names), end="", flush=True)
    steps = {name for row in made for name in row.steps}
    cold = [word for each in STEPS if each.name == COLD and COLD in steps for word in each.words]
    tree = again.other_tree()
    try:
        with ThreadPoolExecutor(1) as second, ThreadPoolExecutor(processors()) as pool:
            results = {"twice": second.submit(again.twice, tree, cold, names)}
            if any(row.name == "source" for row in made):
                results["source"] = second.submit(demo, tree)
            results.update((what, pool.submit(check)) for what, check in checks(made, not names).items())
            for what, result in sorted(results.items(), key=lambda each: each[0] in ("twice", "source")):
                tell(tally, what, result)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    for row in made:
        if row.name in UNUSED:
            print(f"{row.name}: not used here, {UNUSED[row.name]}")
    return tally.end()


if __name__ == "__main__":
    start(main)
