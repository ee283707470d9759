"""Test the Kotlin package: ``python3 -m tests.kotlin.run LIBRARY [TEST...]``.

LIBRARY is libcallkey_jni in its place in build/kotlin/native. Each TEST is a class, e.g. VectorTest. Maven gets what
the package and its tests need when they run for the first time, and then works offline. The tests run with -Xcheck:jni,
which must find nothing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tools.script import BUILD, ROOT, Failed, expect, need, start
from tools.version import VERSION

PACKAGE = ROOT / "bindings/kotlin"
REPORTS = BUILD / "kotlin/surefire-reports"
# What -Xcheck:jni says of a wrong call.
WRONG = re.compile(r"WARNING in native method|WARNING: JNI|FATAL ERROR in native method|JNI call made .*")


def maven(*words: str) -> str:
    """What Maven says. It goes online only for what the local repository lacks."""
    for offline in (["-o"], []):
        done = subprocess.run(
            ["mvn", "-B", *offline, *words],
            cwd=PACKAGE,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout
        if "in offline mode" not in done.stdout:
            break
    said = [line for line in done.stdout.splitlines() if not line.startswith("[INFO] ") or "Tests" in line]
    raise Failed("\n".join(["mvn " + " ".join(words), *said]))


def same_version() -> None:
    """The pom has the header's version."""
    text = (PACKAGE / "pom.xml").read_text(encoding="utf-8")
    found = re.search(r"<version>(.*?)</version>", text)
    expect(found and found[1] == VERSION, f"bindings/kotlin/pom.xml: the version is not {VERSION}, as in callkey.h")


def checked(said: str) -> None:
    """Whether -Xcheck:jni found something, which surefire may keep in a file."""
    for text in (said, *(file.read_text(errors="replace") for file in REPORTS.glob("*.dump*"))):
        wrong = WRONG.search(text)
        if wrong:
            raise Failed(f"-Xcheck:jni says:\n{text[wrong.start() : wrong.start() + 2000]}")


def main(arguments: list[str]) -> None:
    need("javac", "default-jdk-headless")
    need("mvn", "maven")
    library, *tests = arguments
    same_version()
    for old in ("classes", "test-classes", "surefire-reports"):
        shutil.rmtree(BUILD / "kotlin" / old, ignore_errors=True)
    platform = Path(library).resolve().parent.name
    said = maven("package", f"-Dcallkey.platform={platform}", *([f"-Dtest={','.join(tests)}"] if tests else []))
    checked(said)
    count = re.findall(r"Tests run: (\d+), Failures: 0, Errors: 0, Skipped: 0", said)
    expect(count and int(count[-1]) > 0, f"no tests ran, or some were skipped:\n{said[-4000:]}")
    print(f"{count[-1]} tests passed, -Xcheck:jni found nothing")


if __name__ == "__main__":
    start(main)
