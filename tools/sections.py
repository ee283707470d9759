"""Checks that the markers of the specification's sections stand where docs/protocol.md says: python3 -m tools.sections

A marker is wacrg:CRY-01 in a comment. The table in docs/protocol.md names each section, its subject and the files with
its marker. A citation of a section, with or without "wacrg:", must be of one in the table.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict

from tools import tree
from tools.script import ROOT, expect, start

PAGE = ROOT / "docs/protocol.md"
SECTION = r"(?:CRY|REL|SIG)-\d\d"
ROW = re.compile(rf"^\| ({SECTION}) \| [^|]+ \|([^|]*)\|$", re.MULTILINE)
MARKER = re.compile(rf"wacrg:({SECTION})")
CITATION = re.compile(rf"\b{SECTION}\b")
CODE = ("core/*.go", "capi/*.go", "bindings/*.py", "bindings/*.swift", "bindings/*.kt")
TEXT = (*CODE, "include/*.h", "docs/*.md", "*.md", "examples/*")


def tracked(patterns: tuple[str, ...]) -> dict[str, str]:
    """The files of these patterns with their text."""
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in tree.files(*patterns)}


def main(_: list[str]) -> None:
    table = {section: set(re.findall(r"`([^`]+)`", files)) for section, files in ROW.findall(PAGE.read_text())}
    marked = defaultdict(set)
    for name, text in tracked(CODE).items():
        for section in MARKER.findall(text):
            marked[section].add(name)

    wrong = []
    for section in sorted(table.keys() | marked.keys()):
        named, there = table.get(section, set()), marked[section]
        wrong += [f"{name}: has wacrg:{section}, but not its row in docs/protocol.md" for name in there - named]
        wrong += [f"{name}: lacks wacrg:{section}, which docs/protocol.md says it has" for name in named - there]
    citations = 0
    for name, text in tracked(TEXT).items():
        for number, line in enumerate(text.splitlines(), 1):
            for section in CITATION.findall(line):
                citations += 1
                if section not in table:
                    wrong.append(f"{name}:{number}: cites {section}, which is not in the table in docs/protocol.md")
    print(*sorted(wrong), sep="\n", end="\n" if wrong else "", file=sys.stderr)
    files = sum(map(len, marked.values()))
    compared = f"{files} markers and {citations} citations"
    expect(not wrong and len(table) >= 10 and files >= 20, f"{compared} were compared")
    print(f"sections: {compared} agree with the table in docs/protocol.md")


if __name__ == "__main__":
    start(main)
