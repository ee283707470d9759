"""Checks that every test and file named in a page exists, and that every row of a table of tests names one:
python3 -m tools.docs

A test is a name in backticks: TestName, FuzzName or BenchmarkName of Go, with … for all that start so; test_name of
Python; or a file. A row without a test says "no test:" and the reason.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools import tree
from tools.script import ROOT, expect, start

FOLDERS = "abi|bench|bindings|capi|core|docs|examples|include|platforms|supply|tests|testdata|tools"
GO_TEST = re.compile(r"^func ((?:Test|Fuzz|Benchmark)\w+)\(", re.MULTILINE)
PYTHON_TEST = re.compile(r"^ *(?:async )?def (test_[a-z0-9_]+)\(", re.MULTILINE)
NAMED_TEST = re.compile(r"`((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9_]*…?|test_[a-z0-9_]+)`")
NAMED_FILE = re.compile(rf"`((?:{FOLDERS})/[\w./-]+\.[a-z]+)`")
NAMED_MODULE = re.compile(rf"python3 -m ((?:{FOLDERS})(?:\.[a-z_]+)+)")
ROW_HAS_A_TEST = re.compile(r"`(Test|Fuzz|Benchmark|test_|tests/|bindings/python/test)|^ no test: ")


def tests() -> set[str]:
    """The names of all tests in Go and Python."""
    found: set[str] = set()
    for pattern, name in (("*_test.go", GO_TEST), ("*/test_*.py", PYTHON_TEST)):
        for file in tree.files(pattern):
            found.update(name.findall((ROOT / file).read_text()))
    return found


def rows(page: Path) -> Iterator[tuple[int, str]]:
    """The number and the last cell of each row of the tables that have a column of tests at the end."""
    inside = of_tests = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if not line.startswith("|"):
            inside = False
        elif not inside:
            inside, of_tests = True, line.split("|")[-2] in (" test ", " tests ")
        elif of_tests and not re.fullmatch(r"[|-]*", line):
            yield number, line.split("|")[-2]


def main(_: list[str]) -> None:
    pages = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text() for page in pages)
    unknown: list[str] = []

    known = tests()
    named = set(NAMED_TEST.findall(text))
    for name in sorted(named):
        if name not in known and not (name[-1] == "…" and any(test.startswith(name[:-1]) for test in known)):
            unknown.append(f"no test is named {name}")
    files = set(NAMED_FILE.findall(text))
    files |= {name.replace(".", "/") + ".py" for name in NAMED_MODULE.findall(text)}
    unknown += [f"there is no {file}" for file in sorted(files) if not (ROOT / file).exists()]

    count = 0
    for page in pages:
        for number, cell in rows(page):
            count += 1
            if not ROW_HAS_A_TEST.search(cell):
                unknown.append(f"{page.relative_to(ROOT)}:{number}: a sentence without a test:{cell}")
    print(*unknown, sep="\n", end="\n" if unknown else "", file=sys.stderr)
    names = len(named) + len(files)
    expect(not unknown and names >= 50 and count >= 20, f"{names} tests and files and {count} rows were looked up")
    print(
        f"docs: {names} tests and files that the pages name exist, {count} sentences of tables have one or say why not"
    )


if __name__ == "__main__":
    start(main)
