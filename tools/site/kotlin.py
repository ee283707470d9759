"""The Kotlin reference, from the pages that Dokka makes of the Kotlin package.

Dokka's HTML would be a second site, with another look and another search, and a page for each member. But it has every
link resolved and a class for every part, so it becomes pages here, one for each type.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Optional
from xml.etree import ElementTree

from tests.debian import Lacking
from tools.script import expect
from tools.site.dokka.run import generate
from tools.site.page import Reference, code, escaped, fenced, first_sentence, index, table

EMPTY = {"br", "hr", "img", "input", "link", "meta", "wbr"}
# Above these a declaration has a line for each parameter.
COLUMNS = 90
# What every enum has from the compiler.
OF_ENUMS = {"entries", "valueOf", "values"}
COMPANION = "Companion"
NEEDS = {"javac": "default-jdk-headless", "mvn": "maven"}
HEADS = {
    "Parameters": ("parameter", "what it holds"),
    "Throws": ("exception", "when"),
}
TAGS = {"Return": "Returns"}

Element = ElementTree.Element


class Reader(HTMLParser):
    """The tree of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = ElementTree.TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.tree.start(tag, {name: (value or "").strip() for name, value in attrs})
        if tag in EMPTY:
            self.tree.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            self.tree.end(tag)

    def handle_data(self, data: str) -> None:
        self.tree.data(data)


def text_of(element: Element) -> str:
    return "".join(element.itertext())


def symbol(element: Element) -> str:
    """A declaration: each annotation in a line, and each parameter if all are long."""

    def text(each: Element, lines: bool) -> str:
        kind = each.get("class", "")
        inside = (each.text or "") + "".join(text(child, lines) + (child.tail or "") for child in each)
        if lines and kind == "parameter":
            return f"\n    {inside.rstrip()}"
        if lines and kind == "parameters":
            return f"{inside},\n"
        return f"{inside.strip()}\n" if kind == "block" and inside.strip() else inside

    def tidy(told: str) -> str:
        return re.sub(r"\n\n+", "\n", told).strip()

    short = tidy(text(element, lines=False))
    return short if len(short.splitlines()[-1]) <= COLUMNS else tidy(text(element, lines=True))


class Declaration:
    """What Dokka wrote of one name: a type, or a member with its overloads."""

    def __init__(self, file: Path) -> None:
        reader = Reader()
        reader.feed(file.read_text(encoding="utf-8"))
        reader.close()
        main = reader.tree.close().find(".//div[@id='content']")
        assert main is not None
        self.main = main
        self.file = file
        self.member = main.get("data-page-type") == "member"
        path = main.find("div[@class='breadcrumbs']")
        assert path is not None
        # The module and the package come first.
        self.names = [text_of(each) for each in path if each.get("class") != "delimiter"][2:]

    @property
    def name(self) -> str:
        return self.names[-1]

    def called(self) -> str:
        """The name in code: a companion's members are called on its class."""
        return ".".join(name for name in self.names if name != COMPANION)

    def title(self) -> str:
        if self.member and self.names[-2:-1] == [self.name]:
            return "Constructor"
        return f"{self.names[-3]}.{self.name}" if self.names[-2:-1] == [COMPANION] else self.name

    def blocks(self) -> Iterator[Element]:
        """Each declaration, followed by what its comment says."""
        for path in ("div[@class='platform-hinted']/div", "div[@class='cover']/div[@class='platform-hinted']/div"):
            for content in self.main.findall(path):
                yield from content

    def documented(self) -> bool:
        return any(block.get("class") != "symbol monospace" for block in self.blocks())

    def declared(self) -> str:
        return " ".join(symbol(block) for block in self.blocks() if block.get("class") == "symbol monospace")

    def first_paragraph(self) -> str:
        return next((" ".join(text_of(block).split()) for block in self.blocks() if block.tag == "p"), "")

    def sections(self) -> Iterator[tuple[str, list[Path]]]:
        """The kind of some members, and their pages."""
        for body in self.main.findall("div[@class='tabbedcontent']/div[@class='tabs-section-body']/div"):
            links = body.findall(".//span[@class='inline-flex']/div/a")
            files = [(self.file.parent / link.get("href", "")).resolve() for link in links]
            yield body.get("data-togglable", ""), files

    def briefs(self, member: Path) -> Iterator[Element]:
        """The paragraphs that the table of members has of one."""
        for row in self.main.findall("div[@class='tabbedcontent']//div[@class='main-subrow keyValue']"):
            link = row.find(".//span[@class='inline-flex']/div/a")
            if link is not None and (self.file.parent / link.get("href", "")).resolve() == member:
                yield from row.iterfind(".//div[@class='brief']/p")


class Documentation:
    """The pages of one package."""

    def __init__(self, folder: Path) -> None:
        self.site = Reference("reference/kotlin", "Kotlin")
        self.declarations = {file: Declaration(file) for file in sorted(folder.resolve().rglob("*.html"))}
        expect(len(self.declarations) > 100, f"Dokka wrote {len(self.declarations)} declarations")
        self.package = self.declarations[folder.resolve() / "index.html"]
        self.types = {each.name for each in self.declarations.values() if not each.member and len(each.names) == 1}

    def place(self, found: Declaration) -> str:
        """The page and the anchor of a declaration, from another page of this reference."""
        if found is self.package:
            return "index.md"
        page = found.names[0] if found.names[0] in self.types else "functions"
        return f"{page}.md" if found.names == [page] else f"{page}.md#{'.'.join(found.names)}"

    def inline(self, element: Element, at: Declaration) -> str:
        parts = [escaped(element.text or "")]
        for child in element:
            parts += [self.piece(child, at), escaped(child.tail or "")]
        return re.sub(r"\s+", " ", "".join(parts))

    def piece(self, element: Element, at: Declaration) -> str:
        kind = element.tag
        if kind == "code" or "data-unresolved-link" in element.attrib:
            return code(text_of(element))
        if kind == "a":
            return self.link(element, at)
        if kind in ("i", "strong"):
            mark = "*" if kind == "i" else "**"
            return f"{mark}{self.inline(element, at)}{mark}"
        expect(kind in ("div", "p", "span", "u", "wbr"), f"Dokka: {at.called()}: no rule for <{kind}> in a line")
        return self.inline(element, at)

    def link(self, element: Element, at: Declaration) -> str:
        """A link. One to the page's own declaration is to a parameter of it."""
        address = element.get("href", "")
        if ":" in address:
            return f"[{self.inline(element, at)}]({address})"
        target = self.declarations[(at.file.parent / address).resolve()]
        return code(text_of(element)) if target is at else f"[{code(text_of(element))}]({self.place(target)})"

    def described(self, at: Declaration) -> str:
        """Everything of a declaration but its title and its members."""
        parts = []
        head = ""
        for block in at.blocks():
            if block.tag == "h4":
                head = text_of(block)
            elif block.tag != "hr":
                parts.append(self.block(block, head, at))
        return "\n\n".join(part for part in parts if part)

    def block(self, block: Element, head: str, at: Declaration) -> str:
        kind = block.get("class", "")
        if kind == "symbol monospace":
            return fenced("kotlin", symbol(block))
        if kind == "table":
            return self.rows(block, head, at)
        if kind == "kdoc-tag":
            title = text_of(block[0])
            return f"**{TAGS.get(title, title)}:** " + " ".join(self.inline(each, at) for each in block[1:])
        if kind == "sample-container":
            for line in block.iter("br"):
                line.text = "\n"
            return fenced("kotlin", text_of(block[0]))
        if block.tag in ("ul", "ol"):
            mark = "*" if block.tag == "ul" else "1."
            return "\n".join(f"{mark} {self.inline(item, at).strip()}" for item in block)
        expect(block.tag == "p", f"Dokka: {at.called()}: no rule for <{block.tag}>")
        return self.inline(block, at)

    def rows(self, block: Element, head: str, at: Declaration) -> str:
        cells = []
        for row in block.findall("div/div"):
            name, text = row
            shown = self.inline(name, at).strip()
            # Dokka underlines the name of a parameter.
            cells.append((code(text_of(name).strip()) if name.find(".//u") is not None else shown, text))
        if not any(text_of(text).strip() for _, text in cells):
            return f"**{head}:** " + ", ".join(name for name, _ in cells)
        columns = HEADS.get(head, (head.lower(), ""))
        return table(columns, ((name, self.inline(text, at).strip()) for name, text in cells))

    def members(self, owner: Declaration, level: int) -> str:
        parts = []
        for kind, files in owner.sections():
            found = [self.declarations[file] for file in files]
            if any(each for each, _ in owner.sections() if each == "ENTRY"):
                found = [each for each in found if each.name not in OF_ENUMS]
            for each in found:
                self.name(each)
            bare = [each for each in found if kind == "ENTRY" or (kind == "PROPERTY" and not each.documented())]
            if kind == "ENTRY":
                parts.append(table(["entry", "what it is"], (self.entry(each) for each in bare)))
            elif bare:
                rows = [self.property(each, owner) for each in bare]
                width = 3 if any(said for _, _, said in rows) else 2
                heads = ["property", "declaration", "what it holds"][:width]
                parts.append(table(heads, (row[:width] for row in rows)))
            for each in found:
                if each in bare:
                    continue
                if each.name != COMPANION or each.documented():
                    parts += [f"{'#' * level} {escaped(each.title())} {{ #{'.'.join(each.names)} }}"]
                    parts += [self.described(each)]
                below = level if each.name == COMPANION else min(level + 1, 5)
                parts += [self.members(each, below)] if not each.member else []
        return "\n\n".join(part for part in parts if part)

    def entry(self, found: Declaration) -> tuple[str, str]:
        said = (self.inline(block, found) for block in found.blocks() if block.tag == "p")
        return code(found.name, ".".join(found.names)), " ".join(said)

    def property(self, found: Declaration, owner: Declaration) -> tuple[str, str, str]:
        """A property that has no comment, but may have a line in the one of its class: Dokka shows it there alone."""
        said = " ".join(self.inline(each, owner) for each in owner.briefs(found.file))
        return code(found.name, ".".join(found.names)), code(found.declared()), said

    def name(self, found: Declaration) -> None:
        self.site.names.setdefault(found.called(), f"{self.site.folder}/{self.place(found)}")

    def pages(self) -> Reference:
        listed: dict[str, dict[str, str]] = {"Types": {}, "Functions": {}}
        types: list[object] = []
        functions = []
        for kind, files in self.package.sections():
            for found in (self.declarations[file] for file in files):
                self.name(found)
                said = first_sentence(found.first_paragraph())
                if kind == "TYPE":
                    listed["Types"][found.name] = said
                    text = "\n\n".join([self.described(found), self.members(found, 2)])
                    types.append(self.site.add(found.name, found.name, text))
                else:
                    listed["Functions"][found.name] = said
                    functions.append(f"## {escaped(found.name)} {{ #{found.name} }}\n\n{self.described(found)}")
        overview = ["The package of [Kotlin and Java](../../bindings/kotlin/README.md): all names are in `callkey`."]
        overview += [f"## {head}\n\n{index(names)}" for head, names in listed.items() if names]
        first = self.site.add("index", "Kotlin reference", "\n\n".join(overview))
        last = self.site.add("functions", "Functions", "\n\n".join(functions))
        self.site.navigation = [first, last, {"Types": types}]
        return self.site


def lacking() -> None:
    """Raises Lacking without a JDK or Maven."""
    missing = [package for command, package in NEEDS.items() if shutil.which(command) is None]
    if missing:
        raise Lacking(f'a JDK and Maven, get them with "apt-get install {" ".join(missing)}"')


def reference(work: Path) -> Reference:
    lacking()
    return Documentation(generate(work)).pages()
