"""Can the checks fail? Puts the faults of faults.py into a copy of the tree, one at a time: the check
that is there for a fault must pass without it, and fail with it and say why.

run.py [WORD...]             only the faults with one of the words in their row or title
run.py --part=K/N [WORD...]  of these only the K-th of N parts, in a copy of its own
run.py --places              none: says whether each still has its one place in the sources
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from faults import CHECK, FAULTS, Fault

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "faults"
TREE = FOLDER / "tree"
# Checks with these rows use what other targets compile first; they are in the last part.
LATE = ("peers", "engines")
LIMIT = 600  # seconds for a check, to end a deadlock


def copy_tree() -> None:
    """Copies git's files as they are now, with a separate index: some checks ask git for files."""
    if TREE.exists():
        shutil.rmtree(TREE)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in names.decode().rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (TREE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, TREE / name, follow_symlinks=False)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=TREE, check=True)


def run(check: str) -> "tuple[bool, str]":
    # Settings for the checks of this tree must not reach those of the copy.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    try:
        done = subprocess.run(
            ["sh", "-euc", check],
            cwd=TREE,
            env=environment,
            timeout=LIMIT,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired as late:
        return False, f"{late.output or ''}\nno end after {LIMIT} s"
    return done.returncode == 0, done.stdout


def put_in(fault: Fault) -> "dict[Path, str]":
    """Makes the fault's edits, and returns what the files were."""
    before: dict[Path, str] = {}
    for name, old, new in fault.edits:
        file = TREE / name
        text = file.read_text()
        before.setdefault(file, text)
        if text.count(old) != 1:
            take_out(before)
            raise ValueError(f"{name} has {text.count(old)} places with {old!r}")
        file.write_text(text.replace(old, new))
    return before


def take_out(before: "dict[Path, str]") -> None:
    for file, text in before.items():
        file.write_text(text)


def try_one(fault: Fault, sound: "dict[str, str]") -> str:
    """The check's own failure; empty if it found the fault."""
    if fault.check not in sound:
        passes, output = run(fault.check)
        sound[fault.check] = "" if passes else f"the check fails without a fault:\n{output[-3000:]}"
    if sound[fault.check]:
        return sound[fault.check]
    try:
        before = put_in(fault)
    except ValueError as unfit:
        return str(unfit)
    try:
        passes, output = run(fault.check)
    finally:
        take_out(before)
    if passes:
        return "the check passes with it"
    if not re.search(fault.says, output):
        return f"the check fails, but does not say {fault.says!r}:\n{output[-3000:]}"
    return ""


def parts(faults: "list[Fault]", number: int) -> "list[list[Fault]]":
    """The faults in so many parts. Those with one check are together: without a fault it runs once."""
    late = {f.check for f in faults if f.row in LATE}
    early = list(dict.fromkeys(f.check for f in faults if f.check not in late))
    part = {check: at % number for at, check in enumerate(early)}
    return [[f for f in faults if part.get(f.check, number - 1) == k] for k in range(number)]


def places() -> int:
    """Whether each edit has its one place in the sources, which takes no time and what a change breaks first."""
    lost = []
    for fault in FAULTS:
        for name, old, _ in fault.edits:
            count = (ROOT / name).read_text(encoding="utf-8").count(old)
            if count != 1:
                lost.append(f"{fault.row}: {fault.title}: {name} has {count} places with {old!r}")
    print(*lost, f"faults: {len(FAULTS)}, {len(lost)} without their place", sep="\n")
    return 1 if lost or not FAULTS else 0


def main(arguments: "list[str]") -> int:
    global TREE
    if arguments == ["--places"]:
        return places()
    selected = re.fullmatch(r"--part=([1-9])/([1-9])", arguments[0]) if arguments else None
    words = arguments[1:] if selected else arguments
    chosen = [f for f in FAULTS if not words or any(w in (f.row, *f.title.split()) for w in words)]
    if selected:
        chosen = parts(chosen, int(selected[2]))[int(selected[1]) - 1]
        TREE = FOLDER / f"tree-{selected[1]}"
    copy_tree()
    sound = {CHECK: ""}
    missed = []
    for fault in chosen:
        began = time.monotonic()
        wrong = try_one(fault, sound)
        print(
            f"{'NOT FOUND' if wrong else 'found'}  {fault.row}: {fault.title} ({time.monotonic() - began:.0f} s)",
            flush=True,
        )
        if wrong:
            missed.append(f"NOT FOUND  {fault.row}: {fault.title}: {wrong.splitlines()[0]}")
            print("   ", wrong.replace("\n", "\n    "), flush=True)
    print(*missed, f"{len(chosen) - len(missed)} passed, {len(missed)} failed", sep="\n")
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
