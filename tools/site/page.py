"""Pages of Markdown, and text in them."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# In the header and in the packages' comments these are code, whether or not they are marked as such.
CODE = re.compile(
    r"(?P<marked>``.+?``|`[^`]+`)"
    r"|(?P<guide>\bdocs/[a-z]+\.md\b)"
    r"|(?P<name>\b[A-Z]\w*\.[a-z_]\w*(?:\(\))?|\b[A-Z]\w+Error\b|\*?\b(?:[A-Za-z]\w*->\w+|[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)(?:\(\))?(?:_\*)?"
    r"|\*_[A-Z]+|\*[a-z]\w*|\b_?[A-Za-z]\w*\(\)|</?[a-z_]+(?: [^<>]*)?>)"
)
SPECIAL = re.compile(r"([\\*\[\]|#])")


@dataclass
class Reference:
    """A reference: its pages, by their path in the site, in the order of the navigation; and where each name stands."""

    folder: str
    title: str
    pages: dict[str, str] = field(default_factory=dict)
    navigation: list[object] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, title: str, text: str) -> dict[str, str]:
        """Add a page, and return its entry for the navigation."""
        path = f"{self.folder}/{name}.md"
        self.pages[path] = f"# {title}\n\n{text.strip()}\n"
        return {title.replace("`", ""): path}

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(vars(self)), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> Reference:
        return cls(**json.loads(file.read_text(encoding="utf-8")))


def escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def code(text: str, anchor: str = "") -> str:
    """Code inside a line, also in a table."""
    return (
        f"`` {text} ``".replace("|", "\\|")
        if "`" in text
        else f"`{text}`".replace("|", "\\|") + (f"{{ #{anchor} }}" if anchor else "")
    )


def prose(text: str) -> str:
    """Plain text as Markdown: names are code, a guide is a link, everything else stands for itself."""
    done, at = [], 0
    for found in CODE.finditer(text):
        done.append(escaped(text[at : found.start()]))
        if found["guide"]:
            done.append(f"[{found[0]}](../../{found[0]})")
        else:
            done.append(code(found[0]) if found["name"] else found[0].replace("|", "\\|"))
        at = found.end()
    return "".join(done) + escaped(text[at:])


def paragraphs(text: str, language: str = "text") -> str:
    """Paragraphs of plain text; indented ones are code in that language."""
    parts: list[str] = []
    for part in re.split(r"(\n(?:[ \t]*\n)+)", text.strip("\n")):
        if part.startswith("    ") and parts and parts[-1].startswith("    "):
            parts[-1] += "\n\n" + part
        elif part.strip():
            parts.append(part if part.startswith("    ") else re.sub(r"::$", ":", prose(" ".join(part.split()))))
    return "\n\n".join(
        fenced(language, textwrap.dedent(part)).strip() if part.startswith("    ") else part for part in parts
    )


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown. What a cell has is Markdown already."""
    heads = list(columns)
    lines = [heads, ["---"] * len(heads), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def first_sentence(text: str) -> str:
    text = " ".join(text.split("\n\n")[0].split())
    found = re.match(r"(.*?[^.A-Z][.;:])(?: |$)", text)
    return (found[1] if found else text).rstrip(".;:")


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.strip()}\n```\n"


def index(names: Mapping[str, str]) -> str:
    """A table of names with what each is for."""
    return table(["name", "what it is for"], ((code(name), prose(text)) for name, text in names.items()))
