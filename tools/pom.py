"""The POMs that are published, from the facts in bindings/kotlin/pom.xml: python3 -m tools.pom ARTIFACT PACKAGING

That one says how the package is built; a published one says what it is, under which licence, and what it needs.
"""

from __future__ import annotations

import xml.etree.ElementTree as xml

from tools.script import ROOT, expect, start, usage

FILE = ROOT / "bindings/kotlin/pom.xml"
SPACE = "http://maven.apache.org/POM/4.0.0"


def published(artifact: str, packaging: str) -> str:
    # The file is our own.
    source = xml.parse(FILE).getroot()
    spaces = {"": SPACE}
    properties = {element.tag.split("}")[1]: element.text or "" for element in source.find("properties", spaces) or ()}
    out = xml.Element("project", {"xmlns": SPACE})

    def add(parent: xml.Element, name: str, text: str) -> None:
        expect(text, f"bindings/kotlin/pom.xml: no {name}")
        for key, value in properties.items():
            text = text.replace(f"${{{key}}}", value)
        xml.SubElement(parent, name).text = text

    add(out, "modelVersion", "4.0.0")
    for name in ("groupId", "version"):
        add(out, name, source.findtext(name, "", spaces))
    add(out, "artifactId", artifact)
    add(out, "packaging", packaging)
    add(out, "name", artifact)
    add(out, "description", source.findtext("description", "", spaces))
    licences = xml.SubElement(out, "licenses")
    for licence in source.findall("licenses/license", spaces):
        one = xml.SubElement(licences, "license")
        for name in ("name", "url"):
            add(one, name, licence.findtext(name, "", spaces))
    needs = xml.SubElement(out, "dependencies")
    for dependency in source.findall("dependencies/dependency", spaces):
        if dependency.findtext("scope", "compile", spaces) == "compile":
            one = xml.SubElement(needs, "dependency")
            for name in ("groupId", "artifactId", "version"):
                add(one, name, dependency.findtext(name, "", spaces))
            # What the classes' own signatures name is needed to compile against them.
            add(one, "scope", "compile")
    xml.indent(out)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(out, encoding="unicode") + "\n"


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        usage(__doc__)
    print(published(*arguments), end="")


if __name__ == "__main__":
    start(main)
