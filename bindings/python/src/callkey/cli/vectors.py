"""``callkey vectors``: checks the library against the known answers of a file or folder."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .cases import RUNNERS, Fields, check
from .exits import FAILED, OK, UsageError
from .page import Page, printable
from .progress import Progress

_DESCRIPTION = """\
Runs every case of JSON vector files (a folder stands for the .json files in it)
and compares what the library gives with what the file says, values and errors.
The form of the files is described in testdata/vectors/README.md."""

_EPILOG = """\
A file of a primitive underneath, which the C interface does not have, is not
run. Exit status 1: a case differs, or nothing could be run.

example:
  callkey vectors testdata/vectors"""


@dataclass
class File:
    """A vector file, and the results of its cases."""

    path: Path
    function: str
    cases: list[Fields]
    differing: list[str] = field(default_factory=list)
    """A sentence for each case with a different result."""

    @property
    def known(self) -> bool:
        return self.function in RUNNERS

    @property
    def primitive(self) -> bool:
        return self.function.startswith("primitive_")


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "vectors",
        usage="callkey vectors PATH …",
        help="check files of known answers against the library",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a vector file, or a folder of them")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    files = [_load(path) for path in _paths(arguments.paths)]
    total, done = sum(len(file.cases) for file in files if file.known), 0
    with Progress(total) as progress:
        for file in files:
            for case in file.cases if file.known else []:
                progress.at(done, file.path.name)
                difference = check(file.function, case)
                if difference:
                    file.differing.append(f"{case['name']}: {difference}")
                done += 1
    return _report(page, files, total)


def _paths(given: list[str]) -> Iterator[Path]:
    for text in given:
        path = Path(text)
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise UsageError(f"there is no .json file in {text}")
        yield from inside


def _load(path: Path) -> File:
    try:
        contents = json.loads(path.read_text(encoding="utf-8"))
        cases = contents["cases"]
        names = [case["name"] for case in cases if isinstance(case["in"], dict)]
        if len(names) != len(cases) or not isinstance(contents["function"], str):
            raise TypeError
    except OSError as problem:
        raise UsageError(f"can't read {path}: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{path} is not a file of vectors") from None
    return File(path, contents["function"], cases)


def _report(page: Page, files: list[File], total: int) -> int:
    width = max(len(file.path.name) for file in files)
    for file in files:
        name = page.style(printable(file.path.name), "bold")
        if not file.known:
            why = "a primitive underneath" if file.primitive else f"no {printable(file.function)} in this package"
            page.columns([(page.style("·", "dim"), 1), (name, width), (page.style(f"not run: {why}", "dim"), 0)])
            continue
        good = len(file.cases) - len(file.differing)
        counts = f"{good:>4} of {len(file.cases):>3}"
        page.columns([(page.mark(not file.differing), 1), (name, width), (counts, 11), (file.function, 0)])
        for difference in file.differing:
            page.paragraph(printable(difference), "red", indent=4, hang=2)
    failed = sum(len(file.differing) for file in files)
    unknown = [file for file in files if not file.known and not file.primitive]
    page.line()
    page.line(
        page.style(f"{total - failed} passed, {failed} failed", "bold", "red" if failed or not total else "green")
    )
    return FAILED if failed or unknown or not total else OK
