"""The guides: every Markdown file of the tree at the place that it has there, so that a link between two of them is
right on the repository's pages and in the site. A file of another kind that a guide links to becomes a page that shows
it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tools.script import ROOT, expect, sources
from tools.site.page import fenced

# In the tab of guides, in this order; after these comes each other file of docs/, so that none is forgotten.
FIRST = (
    *("protocol", "security", "host", "database", "engines", "capture"),
    *("migrate", "interop", "platforms", "abi", "benchmarks"),
)
FOLDERS = ("bench", "bindings", "docs", "examples", "testdata", "tests")
# Pages of DocC, which is in the Swift reference.
WITHOUT = ".docc/"
PICTURES = (".svg", ".png")

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *(```|~~~)")
ITEM = re.compile(r"^( *)(?:[*-]|\d+\.) ")


def files() -> list[str]:
    """The Markdown files of the tree."""
    top = [file.name for file in sorted(ROOT.glob("*.md"))]
    return top + [file for file in sources(*FOLDERS) if file.endswith(".md") and WITHOUT not in file]


def title(file: str) -> str:
    """The first heading of a page."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    expect(found, f"{file}: it has no heading, so the site has no name for it")
    assert found
    return found[1].replace("`", "")


def lists(text: str) -> str:
    """The text with an empty line above each list and four spaces before what is inside an item: what GitHub needs of
    neither, and Python-Markdown of both."""
    out: list[str] = []
    inside = fenced_off = False
    for line in text.split("\n"):
        if FENCE.match(line):
            fenced_off = not fenced_off
        item = ITEM.match(line) if not fenced_off else None
        if item:
            if not inside and out and out[-1].strip():
                out.append("")
            inside = True
            line = item[1] * (2 if len(item[1]) in (2, 3) else 1) + line[len(item[1]) :]
        elif inside and not fenced_off and line and not line.startswith(" ") and not out[-1].strip():
            inside = False
        out.append(line)
    return "\n".join(out)


def linked(file: str, text: str) -> Iterator[tuple[str, Path]]:
    """Each link of a page to something else than Markdown, as it is written, and what it leads to."""
    for found in LINK.finditer(text):
        target = found[1] or found[2]
        if ":" not in target and not target.endswith(".md"):
            yield target, (ROOT / file).parent.joinpath(target).resolve()


def shown(source: Path) -> str:
    """A page that shows a file."""
    name = source.relative_to(ROOT).as_posix()
    kinds = {".py": "python", ".c": "c", ".h": "c", ".swift": "swift", ".go": "go", ".rs": "rust", ".sh": "sh"}
    text = source.read_text(encoding="utf-8").replace("```", "'''")
    return f"# {source.name}\n\n`{name}`\n\n{fenced(kinds.get(source.suffix, 'text'), text)}"


def stage(folder: Path) -> list[object]:
    """Write the pages into the folder and return their part of the navigation."""
    pages = files()
    extra: set[Path] = set()
    for file in pages:
        text = (ROOT / file).read_text(encoding="utf-8")
        for written, target in set(linked(file, text)):
            expect(target.is_relative_to(ROOT) and target.exists(), f"{file}: there is no {written}")
            page = "" if target.suffix in PICTURES else ".md"
            if target.is_dir():
                expect((target / "README.md").is_file(), f"{file}: the folder {written} has no README.md to show")
                page = "/README.md"
            else:
                extra.add(target)
            text = re.sub(rf"\]\({re.escape(written)}(?=[)#])", f"]({written.rstrip('/')}{page}", text)
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(lists(text), encoding="utf-8")
    for target in sorted(extra):
        place = folder / target.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix in PICTURES:
            shutil.copyfile(target, place)
        else:
            place.with_name(f"{place.name}.md").write_text(shown(target), encoding="utf-8")
    return navigation(pages)


def navigation(pages: list[str]) -> list[object]:
    own = {file for file in pages if re.fullmatch(r"docs/[^/]+\.md", file)}
    guides = [f"docs/{name}.md" for name in FIRST]
    guides = [file for file in guides if file in own] + sorted(own - set(guides))
    packages = [file for file in pages if file.startswith("bindings/")]
    examples = [file for file in pages if file.startswith("examples/")]
    rest = [file for file in pages if file not in {*own, *packages, *examples, "README.md"}]
    project = [file for file in rest if "/" not in file]

    def entries(chosen: list[str]) -> list[object]:
        return [{title(file): file} for file in chosen]

    return [
        {"Home": "README.md"},
        {"Guides": [*entries(guides), {"Packages": entries(packages)}, {"Examples": entries(examples)}]},
        {"Project": [*entries(project), {"Tests and data": entries([file for file in rest if file not in project])}]},
    ]
