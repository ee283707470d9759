"""Run Dokka on the Kotlin package. Maven gets it, in the versions of pom.xml; sha256 has the digest of each file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tools import pinned
from tools.jar import PACKAGE
from tools.script import BUILD, Failed

HERE = Path(__file__).resolve().parent
JARS = BUILD / "dokka"
# Half a minute; a Dokka that waits for something must not hold the build up.
TIMEOUT = 600
# The plugins that make pages for Java. The site does not use them.
FOR_JAVA = ("javadoc-plugin-", "kotlin-as-java-plugin-")


def configuration(out: Path) -> dict[str, object]:
    """Public declarations alone; a link in a comment that leads nowhere is an error; nothing from elsewhere."""
    sources = {
        "sourceSetID": {"scopeId": "callkey", "sourceSetName": "main"},
        "displayName": "JVM",
        "analysisPlatform": "jvm",
        "classpath": [str(file) for file in JARS.glob("kotlin-stdlib-2*.jar")],
        "sourceRoots": [str(PACKAGE / "src/main/kotlin")],
        "documentedVisibilities": ["PUBLIC"],
        "jdkVersion": 11,
        "noStdlibLink": True,
        "noJdkLink": True,
    }
    return {
        "moduleName": "callkey",
        "outputDir": str(out),
        "offlineMode": True,
        "failOnWarning": True,
        "suppressObviousFunctions": True,
        "suppressInheritedMembers": True,
        "sourceSets": [sources],
    }


def run(work: Path, jars: list[Path]) -> Path:
    """The folder with the result."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    settings = work / "settings.json"
    settings.write_text(json.dumps(configuration(work / "out"), indent=1), encoding="utf-8")
    path = ":".join(map(str, jars))
    command = ["java", "-XX:+UseSerialGC", "-cp", path, str(HERE / "Generate.java"), str(settings)]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        done = subprocess.run(command, text=True, errors="replace", timeout=TIMEOUT, check=False, **both)
    except subprocess.TimeoutExpired:
        raise Failed(f"Dokka: still running after {TIMEOUT} s") from None
    if done.returncode:
        told = [line for line in done.stdout.splitlines() if line.startswith(("warn", "error"))]
        raise Failed("Dokka:\n" + "\n".join(told or [done.stdout[-4000:]]))
    return work / "out"


def generate(work: Path) -> Path:
    """The folder of the package's pages, as Kotlin declares it."""
    pinned.get(HERE, JARS)
    jars = [file for file in sorted(JARS.glob("*")) if not file.name.startswith(FOR_JAVA)]
    return run(work, jars) / "callkey/callkey"


def javadoc(work: Path) -> Path:
    """The folder of its reference as Java declares it, in the form of javadoc's."""
    pinned.get(HERE, JARS)
    return run(work, sorted(JARS.glob("*")))
