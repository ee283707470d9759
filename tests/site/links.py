"""Finds each link of the site that leads nowhere, and each file that a page loads from elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a page loads by itself.
LOADS = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("form", "action"),
    ("use", "href"),
}
TEXT = {"p", "li", "td"}
CODE = {"pre", "code", "script", "style"}
LOADED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


@dataclass
class Page:
    anchors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    # Lines of Markdown that were not understood.
    left: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.page.anchors += [named["id"]] if "id" in named else []
        if tag in (*TEXT, *CODE):
            self.inside.append(tag)
        for name, value in named.items():
            loaded = tag == "link" and name == "href" and named.get("rel") not in ("canonical", "prev", "next")
            if loaded or (tag, name) in LOADS:
                self.page.loads.append(value)
            elif name == "href":
                self.page.links.append(value)
            elif name == "style":
                self.page.loads += ["".join(found) for found in LOADED.findall(value)]

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if self.inside and not CODE.intersection(self.inside):
            self.page.left += re.findall(r"^ *(?:[*-] |\| |#+ |```).*", data, re.MULTILINE)
        if "style" in self.inside:
            self.page.loads += ["".join(found) for found in LOADED.findall(data)]


def read(file: Path) -> Page:
    reader = Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    reader.close()
    return reader.page


def foreign(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data")


def faults(site: Path) -> tuple[list[str], int]:
    """The faults of a site, a line each, and how many links were followed."""
    pages = {file: read(file) for file in sorted(site.rglob("*.html"))}
    found: list[str] = []
    reached: set[Path] = set()
    count = 0

    def follow(file: Path, address: str, what: str) -> None:
        nonlocal count
        count += 1
        parts = urlsplit(address)
        target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
        name = file.relative_to(site)
        if parts.path.startswith("/") or not target.is_relative_to(site):
            found.append(f"{name}: {what} {address} leads out of the site")
        elif not target.is_file():
            found.append(f"{name}: {what} {address} leads to no file")
        elif target.suffix == ".html":
            reached.add(target)
            if parts.fragment and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{name}: {what} {address} leads to no place in the page")

    for file, page in pages.items():
        name = file.relative_to(site)
        found += [f"{name}: Markdown is left: {line}" for line in page.left]
        twice = [anchor for anchor, times in Counter(page.anchors).items() if times > 1]
        found += [f"{name}: two places are #{anchor}" for anchor in twice]
        for address in page.links:
            if not foreign(address):
                follow(file, address, "the link")
            elif urlsplit(address).scheme not in ("https", "http", "mailto"):
                found.append(f"{name}: the link {address} is of no known kind")
        for address in page.loads:
            if foreign(address):
                found.append(f"{name}: loads {address} from elsewhere")
            elif not address.startswith("data:"):
                follow(file, address, "the file")
    for file in sorted(site.rglob("*.css")):
        for each in LOADED.findall(file.read_text(encoding="utf-8")):
            address = "".join(each)
            if foreign(address):
                found.append(f"{file.relative_to(site)}: loads {address} from elsewhere")
            elif not address.startswith(("data:", "#")):
                follow(file, address, "the file")
    lost = set(pages) - reached
    found += [f"{file.relative_to(site)}: no page links to it" for file in sorted(lost)]
    return found, count
