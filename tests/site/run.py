"""make test-docs: look at the site that `make docs` built. Pictures of pages stay in build/tests-site. The last line is
"N passed, N failed"."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import tempfile
from pathlib import Path

from tests.site import links
from tools.script import BUILD, IN_CI, Failed, Tally, expect, need, run, start
from tools.site import guides
from tools.site.__main__ import SITE, WORK, interpreter, render
from tools.venv import venv

OUT = BUILD / "tests-site"
TYPE = re.compile(r"^public (?:\w+ )*(?:class|object|interface) (\w+)", re.MULTILINE)
REQUIREMENTS = Path(__file__).with_name("requirements.txt")

# A site with one fault of each kind, and what must be said of it.
BROKEN = {
    "index.html": '<p id="here">\n* a list</p><a href="#there"></a><a href="lost.html"></a><a href="../out.html"></a>'
    '<script src="https://example.org/a.js"></script><link rel="stylesheet" href="a.css"><a href="javascript:a()"></a>',
    "alone.html": '<p id="one"><p id="one">',
    "a.css": 'a { background: url("//example.org/a.png") }',
}
SAID = (
    "index.html: Markdown is left: * a list",
    "index.html: the link #there leads to no place in the page",
    "index.html: the link lost.html leads to no file",
    "index.html: the link ../out.html leads out of the site",
    "index.html: the link javascript:a() is of no known kind",
    "index.html: loads https://example.org/a.js from elsewhere",
    "a.css: loads //example.org/a.png from elsewhere",
    "alone.html: no page links to it",
    "alone.html: two places are #one",
)


# Lists as the repository's pages read them, and as Python-Markdown must have them to read the same.
LISTS = {
    "text:\n* one\n  more\n  * inside\n\ntext": "text:\n\n* one\n  more\n    * inside\n\ntext",
    "text\n1. one\n   * inside": "text\n\n1. one\n      * inside",
    "```\ntext\n* no list\n```": "```\ntext\n* no list\n```",
}


def lists() -> None:
    for text, wanted in LISTS.items():
        expect(guides.lists(text) == wanted, f"{text!r} became {guides.lists(text)!r}")


def finds_faults() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder).resolve()
        for name, text in BROKEN.items():
            (site / name).write_text(text, encoding="utf-8")
        found, _ = links.faults(site)
        expect(sorted(found) == sorted(SAID), "it said:\n" + "\n".join(found))


def kotlin_types() -> list[str]:
    """The public types of the Kotlin package, as its sources declare them."""
    sources = Path("bindings/kotlin/src/main/kotlin").rglob("*.kt")
    found = [name for file in sources for name in TYPE.findall(file.read_text(encoding="utf-8"))]
    expect(len(found) > 40, f"bindings/kotlin: {len(found)} public types")
    return found


def complete() -> None:
    """A page of every guide and of every part of the references."""
    parts = ["index.html", "docs/keys.svg", "reference/c/index.html"]
    parts += ["reference/python/index.html", "reference/python/callkey.srtp.html"]
    parts += ["reference/swift/index.html"] if IN_CI or (WORK / "pages/reference/swift").is_dir() else []
    if IN_CI or (WORK / "pages/reference/kotlin").is_dir():
        parts += ["reference/kotlin/index.html", *(f"reference/kotlin/{name}.html" for name in kotlin_types())]
    parts += [f"docs/{file.stem}.html" for file in Path("docs").glob("*.md")]
    lost = [part for part in parts if not (SITE / part).is_file()]
    expect(not lost, f"the site lacks {' '.join(lost)}")


def same(left: Path, right: Path) -> None:
    """Two folders have the same files."""
    names = [{file.relative_to(top) for file in top.rglob("*") if file.is_file()} for top in (left, right)]
    expect(names[0] == names[1], f"not in both: {names[0] ^ names[1]}")
    different = [name for name in sorted(names[0]) if not filecmp.cmp(left / name, right / name, shallow=False)]
    expect(not different, f"different: {' '.join(map(str, different))}")


def reproducible(python: Path) -> None:
    """A second build, with another seed for hashes and at another time, has the same bytes."""
    again = OUT / "again"
    shutil.rmtree(again, ignore_errors=True)
    os.environ["PYTHONHASHSEED"] = "1"
    render(python, WORK / "mkdocs.yml", again)
    same(SITE, again)


def main(_: list[str]) -> int:
    need("chromium", "chromium")
    tally = Tally()
    OUT.mkdir(parents=True, exist_ok=True)
    with tally.test("a dead link, a file from elsewhere and Markdown that is left are found"):
        finds_faults()
    with tally.test("a list is the same list in the site"):
        lists()
    with tally.test("every guide and every reference has its page"):
        complete()
    found, count = links.faults(SITE.resolve())
    with tally.test(f"{count} links lead to a place in the site, and nothing comes from elsewhere"):
        expect(not found and count > 1000, "\n".join(found))
    with tally.test("a second build has the same bytes"):
        reproducible(interpreter())
    pinned = ("--require-hashes", "--only-binary=:all:", "-r", REQUIREMENTS)
    python = venv(BUILD / "site-browser-venv", *pinned, belongs_to=REQUIREMENTS.read_text(encoding="utf-8"))
    try:
        told = run(python, "-m", "tests.site.browser", SITE, OUT / "pictures", timeout=1200)
        passed = told.splitlines()
        for line in passed[:-1]:
            tally.hold(line)
    except Failed as failure:
        tally.fail(f"in a browser: {failure}")
    return tally.end()


if __name__ == "__main__":
    start(main)
