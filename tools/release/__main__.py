"""``make release``: everything that is published, in build/release.

``python3 -m tools.release [NAME...]`` makes these files of table.py, by default all that this machine can make, with
RELEASE.md and SHA256SUMS. The same sources give the same bytes in any folder and at any time; SOURCE_DATE_EPOCH sets
the time of the files in the archives and the Python package (a jar's are of 1980). The compilers are those of the
Makefile, whatever CC says. The logs of the builds are in build/release-logs.
"""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.jobs import Job, processors, side_by_side
from tools.release.artefact import Artefact
from tools.release.pack import when
from tools.release.page import NAME, SUMS, page, sums
from tools.release.table import STEPS, rows
from tools.script import BUILD, Failed, start

FOLDER = BUILD / "release"
LOGS = BUILD / "release-logs"
MAKE = os.environ.get("MAKE") or "make"


def build(chosen: list[Artefact]) -> None:
    """Run make for what the files are made of."""
    wanted = {name for row in chosen for name in row.steps}
    # Each platform has its own compiler. make has exported CC, if only as its default.
    command = ("env", "-u", "CC", MAKE, "-s", "--no-print-directory")
    jobs = [Job(each.name, (*command, *each.words), after=each.after) for each in STEPS if each.name in wanted]
    failed = []
    for result in side_by_side(jobs, LOGS, processors()):
        print(f"{result.job.name:<17} {result.seconds:4.0f} s  {result.state}", flush=True)
        if result.state != "passed":
            text = result.log.read_text(encoding="utf-8", errors="replace") if result.log else ""
            print(result.line, text, sep="\n", flush=True)
            failed.append(result.job.name)
    if failed:
        raise Failed(f"not built: {' '.join(failed)}")


def pack(chosen: list[Artefact]) -> list[Path]:
    """Write the files into an empty folder, and return their names in the order of the rows."""
    new = FOLDER.with_name("release.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(lambda row: row.pack(new), chosen))
    files = [row.found(new) for row in chosen]
    for file in new.iterdir():
        # Not what the umask was.
        file.chmod(0o644)
    shutil.rmtree(FOLDER, ignore_errors=True)
    new.rename(FOLDER)
    return [FOLDER / file.name for file in files]


def main(names: list[str]) -> None:
    began = time.monotonic()
    when()  # or say at once that SOURCE_DATE_EPOCH is none
    lacking = [(row, row.lacks()) for row in rows(names)]
    chosen = [row for row, why in lacking if not why]
    missing = [(row, why) for row, why in lacking if why]
    for row, why in missing:
        print(f"not made: {row.file} needs {why}")
    build(chosen)
    files = pack(chosen)
    (FOLDER / NAME).write_text(page(list(zip(chosen, files)), missing), encoding="utf-8")
    (FOLDER / SUMS).write_text(sums(FOLDER), encoding="utf-8")
    size = sum(file.stat().st_size for file in files)
    print(f"{FOLDER}: {len(files)} files, {size / 1e6:.0f} MB, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    start(main)
