"""The stubs in this folder: Apple's libraries as far as libcallkey uses them, in the form that linkers read (.tbd).

With them a linker on any system knows which library each name comes from. What they do not list can't be linked, so a
new call of the system has to be added by hand, after a look at the version of macOS that it came with.
"""

from __future__ import annotations

import re
from pathlib import Path

from tools.script import Failed

FOLDER = Path(__file__).parent
NAME = re.compile(r"^install-name: +'(\S+)'$", re.MULTILINE)
EXPORTS = re.compile(r"^ +- targets: +\[(.*?)\]\s+symbols: +\[(.*?)\]", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"#.*")


def names(target: str = "") -> dict[str, set[str]]:
    """The path of each library on Apple's systems, and the names in its stub: all, or those of a target."""
    found = {}
    for file in sorted(FOLDER.glob("*.tbd")):
        content = file.read_text(encoding="utf-8")
        path, lists = NAME.findall(content), EXPORTS.findall(content)
        if len(path) != 1 or not lists:
            raise Failed(f"{file} has not one install-name with symbols")
        known = [symbols for targets, symbols in lists if not target or target in words(targets)]
        found[path[0]] = {name for symbols in known for name in words(symbols)}
    return found


def words(listed: str) -> list[str]:
    return [word for part in COMMENT.sub("", listed).split(",") if (word := part.strip(" '\n"))]
