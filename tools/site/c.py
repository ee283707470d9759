"""The C reference: ``reference()`` makes it of include/callkey.h as Doxygen reads it.

Doxygen gets the header with its comments in Doxygen's own form, from `go run ./tools/contract doxygen`, and stops at a
parameter without a comment and at one that is none. Its own HTML would be a second site, with another look and another
search, so the pages are made of its XML.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional
from xml.etree import ElementTree

from tools.script import GO, ROOT, Failed, expect
from tools.site.page import Reference, code, fenced, first_sentence, paragraphs, prose, slug, table

DOXYFILE = Path(__file__).with_name("Doxyfile")
DIRECTIONS = {"": "handle", "in": "in", "out": "out", "inout": "in, out"}

Element = ElementTree.Element


def read(work: Path) -> Path:
    """Run Doxygen and return the folder of its XML."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    settings = DOXYFILE.read_text(encoding="utf-8").replace('"go run', f'"{GO} run')
    settings += f"OUTPUT_DIRECTORY = {work}\n"
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(["doxygen", "-"], input=settings, cwd=ROOT, text=True, check=False, **both)
    if done.returncode or done.stdout.strip():
        raise Failed(f"doxygen:\n{done.stdout}")
    return work / "xml"


def text_of(element: Optional[Element]) -> str:
    """The paragraphs of a description, without its lists of parameters."""
    if element is None:
        return ""
    parts = []
    for para in element.iter("para"):
        words = para.text or ""
        for child in para:
            if child.tag not in ("parameterlist", "simplesect"):
                words += "".join(child.itertext())
            words += child.tail or ""
        parts.append(" ".join(words.split()))
    return "\n\n".join(part for part in parts if part)


def about(member: Element) -> str:
    """What a declaration's comment says of it, without its lists."""
    detailed = member.find("detaileddescription")
    own = ElementTree.Element("own")
    for para in detailed if detailed is not None else ():
        if para.find("parameterlist") is None and para.find("simplesect") is None:
            own.append(para)
    return "\n\n".join(part for part in (text_of(member.find("briefdescription")), text_of(own)) if part)


def name_of(member: Element) -> str:
    return member.findtext("name") or ""


def line_of(member: Element) -> int:
    place = member.find("location")
    return int(place.get("line", "0")) if place is not None else 0


def since(member: Element) -> str:
    found = member.find(".//simplesect[@kind='since']")
    return "".join(found.itertext()).strip() if found is not None else ""


def entries(member: Element, kind: str) -> Iterator[tuple[str, str, str]]:
    """Name, direction and text of each parameter, or status."""
    for each in member.iterfind(f".//parameterlist[@kind='{kind}']/parameteritem"):
        named = each.find("parameternamelist/parametername")
        assert named is not None
        yield named.text or "", named.get("direction", ""), text_of(each.find("parameterdescription"))


def declared(member: Element) -> str:
    """The type and the name."""
    kind = member.find("type")
    assert kind is not None
    return f"{''.join(kind.itertext())} {name_of(member)}".replace("* ", "*")


def prototype(member: Element) -> str:
    """The prototype, a parameter a line if it is long."""
    start = declared(member)
    given = member.findtext("argsstring") or ""
    if len(start) + len(given) < 80:
        return f"{start}{given};"
    return f"{start}(\n    " + given[1:-1].replace(", ", ",\n    ") + ");"


@dataclass
class Part:
    """Declarations that belong together, with the comment above all of them."""

    members: list[Element]
    text: str = ""
    owner: Optional[Element] = None
    macros: bool = False


class Header:
    """Everything that the header declares."""

    def __init__(self, xml: Path) -> None:
        self.xml = xml
        self.site = Reference("reference/c", "C")
        groups = sorted(xml.glob("group__section*.xml"))
        expect(len(groups) > 10, f"Doxygen found {len(groups)} sections in the header")
        self.groups = [self.compound(file) for file in groups]
        self.statuses = {
            name_of(member): text_of(member.find("detaileddescription"))
            for group in self.groups
            for member in group.iter("memberdef")
            if name_of(member) == "CALLKEY_OK" or name_of(member).startswith("CALLKEY_ERR_")
        }

    @staticmethod
    def compound(file: Path) -> Element:
        found = ElementTree.parse(file).getroot().find("compounddef")
        assert found is not None
        return found

    def pages(self) -> Reference:
        overview = [self.overview()]
        for group in self.groups:
            title = group.findtext("title") or ""
            path = f"{self.site.folder}/{slug(title)}.md"
            about_all = paragraphs(text_of(group.find("detaileddescription")))
            listed: dict[str, str] = {}
            sections = [self.section(part, path, listed) for part in self.parts(group)]
            self.site.navigation.append(self.site.add(slug(title), title, "\n\n".join([about_all, *sections])))
            overview += [f"## [{title}]({slug(title)}.md)", about_all]
            if listed:
                overview.append(table(["", ""], ((code(name), prose(what)) for name, what in listed.items())))
        self.site.navigation.insert(0, self.site.add("index", "C reference", "\n\n".join(overview)))
        return self.site

    def overview(self) -> str:
        """The comment at the top of the header, which is nearly Markdown."""
        said = self.compound(self.xml / "callkey_8h.xml").findtext("detaileddescription/para/verbatim") or ""
        parts = []
        for part in said.strip().split("\n\n"):
            # A rule begins with its number and goes on in the lines below.
            rules = re.split(r"^ *(?=\d+\. )", part, flags=re.MULTILINE)
            parts.append("\n".join(prose(" ".join(rule.split())) for rule in rules if rule.strip()))
        return "\n\n".join(parts)

    def parts(self, group: Element) -> list[Part]:
        """The declarations in the header's order: each function, struct and type alone; the members of a named group,
        and macros that stand beside each other, together."""
        owners = {}
        for section in group.findall("sectiondef"):
            if section.find("header") is not None:
                owners.update({id(member): section for member in section})
        found = list(group.iter("memberdef"))
        for inner in group.findall("innerclass"):
            found.append(self.compound(self.xml / f"{inner.get('refid')}.xml"))
        parts: list[Part] = []
        for member in sorted(found, key=line_of):
            if name_of(member).endswith("_INIT"):
                continue
            owner = owners.get(id(member))
            macro = member.get("kind") == "define"
            last = parts[-1] if parts else None
            beside = last and macro and owner is None and last.owner is None and last.macros
            if last and (beside or (owner is not None and last.owner is owner)):
                last.members.append(member)
            else:
                text = text_of(owner.find("description")) if owner is not None else ""
                parts.append(Part([member], text, owner, macro))
        return parts

    def section(self, part: Part, path: str, listed: dict[str, str]) -> str:
        member = part.members[0]
        kind = member.get("kind")
        if kind == "function" and part.owner is None:
            listed[name_of(member)] = first_sentence(about(member))
            return self.function(member, path)
        if kind == "struct":
            name = member.findtext("compoundname") or ""
            listed[name] = first_sentence(about(member))
            return self.struct(member, name, path)
        if kind == "typedef":
            name = name_of(member)
            listed[name] = first_sentence(about(member))
            self.site.names[name] = f"{path}#{name}"
            typedef = fenced("c", f"{member.findtext('definition')};")
            return "\n\n".join([f"## {name} {{ #{name} }}", typedef, paragraphs(about(member))])
        if kind == "function":
            return self.twins(part, path)
        return self.macros(part, path)

    def function(self, member: Element, path: str) -> str:
        name = name_of(member)
        self.site.names[name] = f"{path}#{name}"
        parts = [f"## {name} {{ #{name} }}", paragraphs(about(member)), fenced("c", prototype(member))]
        returns = list(entries(member, "retval"))
        if returns:
            rows = [(code(status), prose(when or self.statuses[status])) for status, _, when in returns]
            parts.append("**Returns**\n\n" + table(["status", "when"], rows))
        given = list(entries(member, "param"))
        if given:
            rows3 = [(code(which), DIRECTIONS[direction], prose(what)) for which, direction, what in given]
            parts.append("**Arguments**\n\n" + table(["argument", "", "what it holds"], rows3))
        if version := since(member):
            parts.append(f"Since {version}.")
        return "\n\n".join(parts)

    def struct(self, member: Element, name: str, path: str) -> str:
        self.site.names[name] = f"{path}#{name}"
        rows, lines = [], []
        for each in member.iter("memberdef"):
            lines.append(f"\t{declared(each)}{each.findtext('argsstring') or ''};")
            rows.append((code(name_of(each)), prose(text_of(each.find("detaileddescription")))))
        parts = [f"## {name} {{ #{name} }}", paragraphs(about(member))]
        parts.append(fenced("c", f"typedef struct {name} {{\n" + "\n".join(lines) + f"\n}} {name};"))
        initial = f"{name.upper()}_INIT"
        if any(name_of(each) == initial for group in self.groups for each in group.iter("memberdef")):
            self.site.names[initial] = f"{path}#{name}"
            parts.append(f"Initialize it with {code(initial)}.")
        if any(text for _, text in rows):
            parts.append("**Members**\n\n" + table(["member", "what it holds"], rows))
        return "\n\n".join(parts)

    def twins(self, part: Part, path: str) -> str:
        for member in part.members:
            name = name_of(member)
            self.site.names[name] = f"{path}#the-same-as-functions"
        functions = "\n".join(prototype(member) for member in part.members)
        heading = "## The same as functions { #the-same-as-functions }"
        return "\n\n".join([heading, paragraphs(part.text), fenced("c", functions)])

    def macros(self, part: Part, path: str) -> str:
        rows = []
        for member in part.members:
            name = name_of(member)
            self.site.names[name] = f"{path}#{name}"
            given = member.find("initializer")
            value = "".join(given.itertext()).strip() if given is not None else ""
            rows.append((name, re.sub(r"^\((-\d+)\)$", r"\1", value), about(member)))
        if not part.text and any(len(text) > 100 for _, _, text in rows):
            return "\n\n".join(f"## {name} {{ #{name} }}\n\n{paragraphs(text)}" for name, _, text in rows)
        start = shared_start([name for name, _, _ in rows])
        heading = ""
        if start != "CALLKEY":
            heading = f"## {start}\\_\\* {{ #{start} }}\n\n"
            self.site.names[f"{start}_*"] = f"{path}#{start}"
        cells = ((code(name, name), code(value), prose(text)) for name, value, text in rows)
        return f"{heading}{paragraphs(part.text)}\n\n" + table(["name", "value", "what it is"], cells)


def shared_start(names: list[str]) -> str:
    """The words that all names begin with: CALLKEY_ENC for CALLKEY_ENC_MSG and CALLKEY_ENC_PKMSG."""
    words = []
    for same in zip(*(name.split("_")[:-1] for name in names)):
        if len(set(same)) > 1:
            break
        words.append(same[0])
    return "_".join(words)


def reference(work: Path) -> Reference:
    return Header(read(work)).pages()
