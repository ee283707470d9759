"""docs/engines.md: its code is that of the tests, and its table has the versions that ran.

A snippet stands in a test's source between a line ``docs: NAME`` and a line ``docs: end``. In the page, a line
``<!-- FILE: NAME -->`` stands before the block with it.
"""

from __future__ import annotations

import re
import textwrap

from tools.script import ROOT, Failed, run

PAGE = ROOT / "docs" / "engines.md"
# After this heading no engine was tested, and code was not run.
READ = "\n## Read about\n"
LANGUAGES = {".c": "c", ".go": "go", ".py": "python", ".rs": "rust", ".sh": "sh", ".mjs": "js"}
BEGIN = re.compile(r"^[ \t]*(?://|#|/\*) docs: (?!end)([a-z-]+)(?: \*/)?\n", re.MULTILINE)
END = re.compile(r"^[ \t]*(?://|#|/\*) docs: end(?: \*/)?\n", re.MULTILINE)
BLOCK = re.compile(r"(?:<!-- (\S+): ([a-z-]+) -->\n)?^```(\w*)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def snippets() -> dict[tuple[str, str], str]:
    """The blocks by file and name."""
    found = {}
    for name in sorted(run("git", "ls-files", "-co", "--exclude-standard", "tests/engines").split()):
        file = ROOT / name
        if file.suffix not in LANGUAGES or not file.exists():
            continue
        text = file.read_text(encoding="utf-8")
        for begin in BEGIN.finditer(text):
            end = END.search(text, begin.end())
            if end is None:
                raise Failed(f"{name}: no end of the snippet {begin[1]}")
            code = textwrap.dedent(text[begin.end() : end.start()]).strip("\n")
            found[name, begin[1]] = f"```{LANGUAGES[file.suffix]}\n{code}\n```\n"
    return found


def with_snippets(page: str) -> str:
    """The page with the code as the tests have it. Raises Failed for code that no test has, and for a snippet that is
    not there."""
    have, shown = snippets(), set()

    def block(match: re.Match[str]) -> str:
        if match[1] is None:
            raise Failed(f"{PAGE.name}: code without the file that it comes from:\n{match[0]}")
        if (match[1], match[2]) not in have:
            raise Failed(f"{PAGE.name}: {match[1]} has no snippet {match[2]}")
        shown.add((match[1], match[2]))
        return f"<!-- {match[1]}: {match[2]} -->\n{have[match[1], match[2]]}"

    tested, heading, read = page.partition(READ)
    tested = BLOCK.sub(block, tested)
    if missing := have.keys() - shown:
        raise Failed(f"{PAGE.name}: no block for " + ", ".join(f"{file}: {name}" for file, name in sorted(missing)))
    return tested + heading + read


def with_version(page: str, engine: str, version: str) -> str:
    """The page with this version in the engine's rows."""
    row = re.compile(rf"^(\| {re.escape(engine)}(?:, [^|]+)? \|) [^|]+ \|", re.MULTILINE)
    page, count = row.subn(rf"\1 {version} |", page)
    if not count:
        raise Failed(f"{PAGE.name}: no row for {engine}")
    return page


def compare(versions: dict[str, str], write: bool) -> None:
    """Raises Failed if the page says something else than the tests, or writes it there."""
    page = PAGE.read_text(encoding="utf-8")
    right = with_snippets(page)
    for engine, version in versions.items():
        right = with_version(right, engine, version)
    if write:
        PAGE.write_text(right, encoding="utf-8")
    elif right != page:
        lines = zip(page.splitlines(), right.splitlines())
        number, (old, new) = next((n, pair) for n, pair in enumerate(lines, 1) if pair[0] != pair[1])
        raise Failed(
            f"docs/engines.md:{number} is not what ran; run python3 -m tests.engines.run --write\n"
            f"  page: {old}\n  test: {new}"
        )
