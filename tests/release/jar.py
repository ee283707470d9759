"""The jars, used by a program in Java with nothing but them and the Kotlin library on its class path."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

from tests.kotlin.published import described
from tests.release.place import fresh, runs_where_it_says
from tools.script import ROOT, Failed, expect, run
from tools.version import VERSION


def kotlin() -> Path:
    """Kotlin's library, where Maven has put it, in the version that our pom names."""
    pom = (ROOT / "bindings/kotlin/pom.xml").read_text(encoding="utf-8")
    found = re.search(r"<kotlin.version>(.*?)</kotlin.version>", pom)
    expect(found, "bindings/kotlin/pom.xml: no kotlin.version")
    assert found
    repository = Path.home() / ".m2/repository/org/jetbrains/kotlin/kotlin-stdlib"
    jar = repository / found[1] / f"kotlin-stdlib-{found[1]}.jar"
    if not jar.is_file():
        raise Failed(f"there is no {jar}, which Maven fetches for make kotlin")
    return jar


def session() -> str:
    [found] = re.findall(r"^```java\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    return str(found)


def use(name: str, jar: Path) -> str:
    work = fresh(name)
    path = os.pathsep.join(map(str, (jar, kotlin())))
    (work / "Session.java").write_text(session(), encoding="utf-8")
    run("javac", "-d", work, "-cp", path, work / "Session.java", quiet=True)
    told = run("java", "-cp", f"{path}{os.pathsep}{work}", "Session")
    expect("<enc " in told, f"README.md: its Java session printed no offer:\n{told}")
    with zipfile.ZipFile(jar) as archive:
        for platform in ("linux-amd64", "linux-arm64"):
            library = archive.extract(f"callkey/native/{platform}/libcallkey_jni.so", work)
            runs_where_it_says(name, Path(library))
    return "javac compiles the README's session with it, and it runs"


def sources(_: str, jar: Path) -> str:
    with zipfile.ZipFile(jar) as archive:
        there = set(archive.namelist())
        texts = {name: archive.read(name) for name in there if name.endswith(".kt")}
    written = {file.name: file.read_bytes() for file in (ROOT / "bindings/kotlin/src/main/kotlin").rglob("*.kt")}
    given = {Path(name).name: text for name, text in texts.items()}
    expect(given == written, f"{jar.name}: not the sources: {sorted(given.keys() ^ written.keys())}")
    expect(len(written) > 50, f"the package has {len(written)} files")
    return f"the {len(written)} files of the package are in it"


def javadoc(_: str, jar: Path) -> str:
    with zipfile.ZipFile(jar) as archive:
        pages = set(archive.namelist())
    wanted = {"index.html", "callkey/CallKey.html", "callkey/Store.html", "callkey/Session.html", "callkey/Call.html"}
    expect(wanted <= pages, f"{jar.name}: lacks {sorted(wanted - pages)}")
    return f"{len(pages)} files, with the pages of CallKey, Store, Session and Call"


def pom(_: str, file: Path) -> str:
    described(file, "callkey", "jar")
    return f"version {VERSION}, and kotlin-stdlib"
