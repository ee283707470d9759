"""The POM beside a jar or an AAR."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from pathlib import Path

from tools.script import expect
from tools.version import VERSION


def described(file: Path, artifact: str, packaging: str) -> None:
    """It has what Maven Central asks for, as far as the project has the facts."""
    text = file.read_text(encoding="utf-8").replace(' xmlns="http://maven.apache.org/POM/4.0.0"', "")
    root = xml.fromstring(text)
    facts = {name: root.findtext(name) for name in ("groupId", "artifactId", "version", "packaging")}
    wanted = {"groupId": "libcallkey", "artifactId": artifact, "version": VERSION, "packaging": packaging}
    expect(facts == wanted, f"{file}: {facts}")
    expect(all(root.findtext(name) for name in ("name", "description", "licenses/license/name")), f"{file}: {text}")
    needed = [one.findtext("artifactId") for one in root.findall("dependencies/dependency")]
    expect(needed == ["kotlin-stdlib"] and "${" not in text, f"{file}: {text}")
