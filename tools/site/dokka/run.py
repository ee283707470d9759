"""Run Dokka on the Kotlin package. Maven gets it, in the versions of pom.xml; sha256 has the digest of each file."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from tests.kotlin.run import PACKAGE, maven
from tools.script import BUILD, Failed, expect

HERE = Path(__file__).resolve().parent
JARS = BUILD / "dokka"
# Half a minute; a Dokka that waits for something must not hold the build up.
TIMEOUT = 600


def wrong() -> str:
    """What is wrong with the files that are there; empty if nothing is."""
    wanted = dict(line.split()[::-1] for line in (HERE / "sha256").read_text(encoding="utf-8").splitlines())
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in JARS.glob("*")}
    differing = sorted(dict(wanted.items() ^ found.items()))
    return f"tools/site/dokka/sha256 has other digests for {' '.join(differing)}" if differing else ""


def get() -> None:
    if not wrong():
        return
    shutil.rmtree(JARS, ignore_errors=True)
    maven("-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={JARS}")
    expect(not (told := wrong()), told)


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


def generate(work: Path) -> Path:
    """The folder of the package's pages."""
    get()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    settings = work / "settings.json"
    settings.write_text(json.dumps(configuration(work / "out"), indent=1), encoding="utf-8")
    command = ["java", "-XX:+UseSerialGC", "-cp", f"{JARS}/*", str(HERE / "Generate.java"), str(settings)]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        done = subprocess.run(command, text=True, errors="replace", timeout=TIMEOUT, check=False, **both)
    except subprocess.TimeoutExpired:
        raise Failed(f"Dokka: still running after {TIMEOUT} s") from None
    if done.returncode:
        told = [line for line in done.stdout.splitlines() if line.startswith(("warn", "error"))]
        raise Failed("Dokka:\n" + "\n".join(told or [done.stdout[-4000:]]))
    return work / "out/callkey/callkey"
