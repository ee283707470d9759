"""The files of the project: those that git knows, or in sources without git, e.g. an unpacked release, all but what
.gitignore names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase

from tools.script import ROOT, expect, run


def files(*patterns: str) -> list[str]:
    """Their names, sorted, of all or of those that fit a pattern as git knows them: a * also stands for slashes."""
    if (ROOT / ".git").exists():
        names = run("git", "ls-files", "-z", *patterns).rstrip("\0").split("\0")
        return sorted(name for name in names if (ROOT / name).is_file())
    return sorted(name for name in there() if not patterns or any(fnmatchcase(name, each) for each in patterns))


def there() -> Iterator[str]:
    """The files in the tree but for those that .gitignore names."""
    folders, paths, names = ignored()
    for folder, inner, found in os.walk(ROOT):
        inner[:] = [name for name in inner if not any(fnmatchcase(name, each) for each in folders)]
        for name in found:
            path = os.path.relpath(os.path.join(folder, name), ROOT).replace(os.sep, "/")
            inside = any(path == each or path.startswith(f"{each}/") for each in paths)
            if not inside and not any(fnmatchcase(name, each) for each in names):
                yield path


def ignored() -> tuple[list[str], list[str], list[str]]:
    """.gitignore: the patterns of folders, the paths, the patterns of files."""
    lines = [line for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line]
    for line in lines:
        expect(line[0] not in "!/#" and "**" not in line, f".gitignore: tools/tree.py does not know what {line} means")
    folders = [line[:-1] for line in lines if line.endswith("/")]
    expect(not any("/" in name for name in folders), ".gitignore: tools/tree.py knows folders by their names only")
    others = [line for line in lines if not line.endswith("/")]
    return folders, [line for line in others if "/" in line], [line for line in others if "/" not in line]
