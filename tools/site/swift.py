"""The Swift reference, from the documentation that DocC makes of the Swift package.

DocC's own pages are a program that needs a server at a fixed address and has a search of its own. What they show is in
files of JSON beside them, with every link resolved: those become pages here.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.swift.toolchain import WORK, Toolchain
from tools.script import ROOT, expect
from tools.site.page import Reference, code, escaped, fenced, first_sentence, index, slug, table

PACKAGE = Path("bindings/swift/Sources")
CATALOG = PACKAGE / "CallKey/CallKey.docc"
MODULE_MAP = PACKAGE / "CCallKey/module.modulemap"
BUILT = WORK.relative_to(ROOT) / "site"
HERE = "doc://CallKey/documentation/CallKey"

Node = dict[str, Any]


def convert(swift: Toolchain) -> Path:
    """Compile the module for its symbols, let DocC resolve them, and return the folder of its data. Warnings are
    errors."""
    shutil.rmtree(ROOT / BUILT, ignore_errors=True)
    (ROOT / BUILT / "symbols").mkdir(parents=True)
    files = sorted(str(file.relative_to(ROOT)) for file in (ROOT / PACKAGE / "CallKey").glob("*.swift"))
    module = ("-swift-version", "6", "-parse-as-library", "-module-name", "CallKey", "-emit-module")
    symbols = ("-emit-symbol-graph", "-emit-symbol-graph-dir", BUILT / "symbols")
    public = ("-symbol-graph-minimum-access-level", "public", "-Xcc", f"-fmodule-map-file={MODULE_MAP}")
    swift.run("site-module", "swiftc", *module, "-o", BUILT / "CallKey.swiftmodule", *symbols, *public, *files)
    named = ("--fallback-display-name", "CallKey", "--fallback-bundle-identifier", "CallKey")
    into = ("--additional-symbol-graph-dir", BUILT / "symbols", "--output-path", BUILT / "docs")
    swift.run("site-docc", swift.docc(), "convert", CATALOG, "--warnings-as-errors", *into, *named)
    return ROOT / BUILT / "docs/data/documentation"


class Documentation:
    """The files of one module."""

    def __init__(self, data: Path) -> None:
        self.site = Reference("reference/swift", "Swift")
        self.symbols: dict[str, Node] = {}
        self.references: dict[str, Node] = {}
        for file in sorted(data.rglob("*.json")):
            node = json.loads(file.read_text(encoding="utf-8"))
            self.symbols[node["identifier"]["url"]] = node
            self.references.update(node["references"])
        expect(len(self.symbols) > 100, f"DocC wrote {len(self.symbols)} symbols")
        self.root = self.symbols[HERE]

    def place(self, identifier: str) -> str:
        """The page and the anchor of a symbol, from another page of this reference."""
        names = identifier.removeprefix(f"{HERE}/").split("/")
        top = self.symbols[f"{HERE}/{names[0]}"]
        page = "functions" if top["metadata"]["symbolKind"] == "func" else names[0]
        anchor = anchor_of(names if page == "functions" else names[1:])
        return f"{page}.md" + (f"#{anchor}" if anchor else "")

    def inline(self, nodes: list[Node]) -> str:
        return "".join(self.piece(node) for node in nodes)

    def piece(self, node: Node) -> str:
        kind = node["type"]
        if kind == "text":
            return escaped(node["text"])
        if kind == "codeVoice":
            return code(node["code"])
        if kind == "emphasis":
            return f"*{self.inline(node['inlineContent'])}*"
        if kind == "strong":
            return f"**{self.inline(node['inlineContent'])}**"
        expect(kind == "reference", f"DocC: no rule for {kind}")
        target = self.references[node["identifier"]]
        if node["identifier"] == HERE:
            return f"[{code('CallKey')}](index.md)"
        if node["identifier"] in self.symbols:
            return f"[{code(target['title'])}]({self.place(node['identifier'])})"
        return f"[{escaped(target['title'])}]({target['url']})" if "url" in target else code(target["title"])

    def content(self, nodes: list[Node]) -> str:
        return "\n\n".join(part for node in nodes if (part := self.block(node)))

    def block(self, node: Node) -> str:
        kind = node["type"]
        if kind == "paragraph":
            return self.inline(node["inlineContent"])
        if kind == "codeListing":
            return fenced(node.get("syntax") or "swift", "\n".join(node["code"]))
        if kind == "heading":
            return "" if node["text"] in ("Discussion", "Overview") else f"**{escaped(node['text'])}**"
        if kind == "aside":
            return f"**{node['name']}:** {self.content(node['content'])}"
        if kind in ("unorderedList", "orderedList"):
            mark = "*" if kind == "unorderedList" else "1."
            items = (self.content(item["content"]).replace("\n", "\n    ") for item in node["items"])
            return "\n".join(f"{mark} {item}" for item in items)
        expect(kind == "table", f"DocC: no rule for {kind}")
        cells = [[self.content(cell) for cell in row] for row in node["rows"]]
        return table(cells[0], cells[1:])

    def symbol(self, node: Node) -> str:
        """Everything of one symbol but its title and its members."""
        parts = []
        sections = node.get("primaryContentSections", [])
        for section in sections:
            if section["kind"] == "declarations":
                tokens = section["declarations"][0]["tokens"]
                parts.append(fenced("swift", "".join(token["text"] for token in tokens)))
        parts.append(self.inline(node.get("abstract", [])))
        for section in sections:
            if section["kind"] == "parameters":
                rows = ((code(each["name"]), self.content(each["content"])) for each in section["parameters"])
                parts.append(table(["parameter", "what it holds"], rows))
            elif section["kind"] == "content":
                heading = section["content"][0] if section["content"] else {}
                body = self.content(section["content"])
                if heading.get("type") == "heading" and heading["text"] == "Return Value":
                    body = f"**Returns:** {self.content(section['content'][1:])}"
                parts.append(body)
            else:
                expect(section["kind"] == "declarations", f"DocC: no rule for {section['kind']}")
        return "\n\n".join(part for part in parts if part)

    def members(self, node: Node, above: list[str], level: int) -> str:
        parts = []
        for topic in node.get("topicSections", []):
            for identifier in topic["identifiers"]:
                member = self.symbols.get(identifier)
                # A group holds what the standard library adds to every type of its kind.
                if member is None or member["metadata"]["role"] == "collectionGroup":
                    continue
                names = [*above, identifier.split("/")[-1]]
                title = names[-1]
                self.name(".".join([*above, title.split("(")[0]]), identifier)
                head = f"{'#' * level} {escaped(title)} {{ #{anchor_of(names[1:])} }}"
                parts += [head, self.symbol(member), self.members(member, names, min(level + 1, 5))]
        return "\n\n".join(part for part in parts if part)

    def name(self, name: str, identifier: str) -> None:
        self.site.names.setdefault(name, f"{self.site.folder}/{self.place(identifier)}")

    def pages(self) -> Reference:
        overview = [self.symbol(self.root)]
        functions = []
        for topic in self.root["topicSections"]:
            listed: dict[str, str] = {}
            group: list[object] = []
            for identifier in topic["identifiers"]:
                node, title = self.symbols[identifier], identifier.split("/")[-1]
                abstract = (each.get("text", each.get("code", "")) for each in node.get("abstract", []))
                listed[title] = first_sentence("".join(abstract))
                self.name(title.split("(")[0], identifier)
                if node["metadata"]["symbolKind"] == "func":
                    functions.append(f"## {escaped(title)} {{ #{anchor_of([title])} }}\n\n{self.symbol(node)}")
                else:
                    kind = f"*{node['metadata']['roleHeading']}*"
                    text = f"{kind}\n\n{self.symbol(node)}\n\n{self.members(node, [title], 2)}"
                    group.append(self.site.add(title, title, text))
            if group:
                self.site.navigation.append({topic["title"]: group})
            overview.append(f"## {topic['title']}\n\n{index(listed)}")
        self.site.navigation.insert(0, self.site.add("index", "Swift reference", "\n\n".join(overview)))
        self.site.navigation.append(self.site.add("functions", "Functions", "\n\n".join(functions)))
        return self.site


def anchor_of(names: list[str]) -> str:
    return ".".join(slug(name) or slug(str(name.encode().hex())) for name in names)


def reference(swift: Toolchain) -> Reference:
    return Documentation(convert(swift)).pages()
