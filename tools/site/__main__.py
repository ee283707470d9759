"""Build the site of documentation: ``python3 -m tools.site``, and open build/docs/index.html.

It has the guides, and the references of C, Python, Swift and Kotlin. Without Swift 6 it has no Swift reference, and
without a JDK and Maven no Kotlin reference, which with CI=true is a failure. It needs Python 3.11 or later, and makes
an environment in build/ with the packages of requirements.txt. The same sources give the same files.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.debian import Lacking
from tests.swift.toolchain import toolchain
from tools.script import BUILD, IN_CI, ROOT, Failed, expect, run, start
from tools.site import c, guides, kotlin, swift
from tools.site.page import Reference
from tools.venv import venv
from tools.version import VERSION

SITE = BUILD / "docs"
WORK = BUILD / "site"
HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"


def interpreter() -> Path:
    expect(sys.version_info >= (3, 11), "the site needs Python 3.11 or later: PYTHON names another one for make")
    pinned = ("--require-hashes", "--only-binary=:all:", "-r", REQUIREMENTS)
    return venv(BUILD / "site-venv", *pinned, belongs_to=REQUIREMENTS.read_text(encoding="utf-8"))


def where_possible(name: str, make: Callable[[], Reference]) -> list[Reference]:
    """A reference that not every machine can make. In CI it is a failure if it lacks something."""
    try:
        return [make()]
    except Lacking as lacking:
        if IN_CI:
            raise Failed(f"the {name} reference needs {lacking}") from None
        print(f"docs: without the {name} reference, which needs {lacking}", flush=True)
        return []


def python_reference(python: Path) -> Reference:
    file = WORK / "python.json"
    run(python, "-m", "tools.site.python", file, env={"PYTHONPATH": str(ROOT / "bindings/python/src")})
    return Reference.read(file)


def configuration(pages: Path, navigation: list[object]) -> Path:
    """The configuration of MkDocs. It is JSON, which is YAML too."""
    settings = {
        "INHERIT": os.path.relpath(HERE / "mkdocs.yml", WORK),
        "site_name": f"libcallkey {VERSION}",
        "site_description": "Call keys for end-to-end encrypted WhatsApp calls",
        "docs_dir": str(pages),
        "theme": {"custom_dir": str(HERE / "theme")},
        "hooks": [str(HERE / "hooks.py")],
        "nav": navigation,
    }
    file = WORK / "mkdocs.yml"
    file.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return file


def build() -> None:
    expect(shutil.which("doxygen"), "the site needs doxygen: apt-get install doxygen")
    shutil.rmtree(WORK, ignore_errors=True)
    pages = WORK / "pages"
    pages.mkdir(parents=True)
    python = interpreter()
    with ThreadPoolExecutor(2) as pool:
        others = [
            pool.submit(where_possible, "Swift", lambda: swift.reference(toolchain())),
            pool.submit(where_possible, "Kotlin", lambda: kotlin.reference(WORK / "dokka")),
        ]
        references = [c.reference(WORK / "doxygen"), python_reference(python)]
        references += [each for made in others for each in made.result()]
    navigation = guides.stage(pages)
    navigation[2:2] = [{each.title: each.navigation} for each in references]
    for each in references:
        for path, text in each.pages.items():
            (pages / path).parent.mkdir(parents=True, exist_ok=True)
            (pages / path).write_text(text, encoding="utf-8")
    names = {each.folder.rpartition("/")[2]: each.names for each in references}
    (WORK / "names.json").write_text(json.dumps(names), encoding="utf-8")
    render(python, configuration(pages, navigation), SITE)
    count = ", ".join(f"{len(each.pages)} of {each.title}" for each in references)
    print(f"docs: {SITE.relative_to(ROOT)}/index.html, {len(list(SITE.rglob('*.html')))} pages: {count}")


def render(python: Path, settings: Path, site: Path) -> None:
    """A warning is an error. MkDocs writes the time of the build into the sitemap alone, which needs an address that
    this site does not have, as does a page for what is not found."""
    quiet = {"NO_MKDOCS_2_WARNING": "true"}
    build = ("-m", "mkdocs", "--quiet", "build", "--strict", "-f", settings, "--site-dir", site)
    run(python, *build, env=quiet, quiet=True)
    for name in ("sitemap.xml", "sitemap.xml.gz", "404.html"):
        (site / name).unlink(missing_ok=True)


def main(_: list[str]) -> None:
    build()


if __name__ == "__main__":
    start(main)
