"""Build the Kotlin package and test it: ``python3 -m tests.kotlin.run [--build] LIBRARY [TEST...]``.

LIBRARY is libcallkey_jni in its place in build/kotlin/native. With --build it is packed into the jar, without tests.
Each TEST is a class, e.g. VectorTest. Maven gets what the package and its tests need when they run for the first time,
and then works offline. The tests run with -Xcheck:jni, which must find nothing but that the signal handlers of the Go
runtime stand before the JVM's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.script import BUILD, GO, IN_CI, ROOT, Failed, expect, need, run, start
from tools.version import VERSION

PACKAGE = ROOT / "bindings/kotlin"
BUILT = BUILD / "kotlin"
REPORTS = BUILT / "surefire-reports"
# What -Xcheck:jni says of a wrong call.
WRONG = re.compile(r"WARNING in native method|WARNING: JNI|FATAL ERROR in native method|JNI call made .*")
# Half the processor time for programs that end soon: no optimising compiler, no collector's threads.
BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
COUNT = re.compile(r"Tests run: (\d+), Failures: 0, Errors: 0, Skipped: (\d+)")


def maven(*words: str) -> str:
    """What Maven says. It goes online only for what the local repository lacks."""
    for offline in (["-o"], []):
        done = subprocess.run(
            ["mvn", "-B", *offline, *words],
            cwd=PACKAGE,
            env={**os.environ, "MAVEN_OPTS": f"{BRIEF} {os.environ.get('MAVEN_OPTS', '')}"},
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout
        if "offline mode" not in done.stdout:
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


def write_readme() -> None:
    """The README's session in Kotlin, so that Maven compiles it; the tests run it and the one in Java."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"^```kotlin\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    expect(len(snippets) == 1, "README.md: not one Kotlin snippet")
    (BUILT / "readme").mkdir(exist_ok=True)
    (BUILT / "readme/Readme.kt").write_text(snippets[0], encoding="utf-8")


def main(arguments: list[str]) -> None:
    need("javac", "default-jdk-headless")
    need("mvn", "maven")
    only_build = "--build" in arguments
    library, *tests = [word for word in arguments if word != "--build"]
    same_version()
    for old in ("classes", "test-classes", "surefire-reports", "readme"):
        shutil.rmtree(BUILT / old, ignore_errors=True)
    platform = f"-Dcallkey.platform={Path(library).resolve().parent.name}"
    if only_build:
        maven("package", platform, "-Dmaven.test.skip=true")
        print(BUILT / f"callkey-{VERSION}.jar")
        return
    write_readme()
    run(GO, "build", "-o", BUILT / "search", "./tests/boundary/search", env={"GOOS": "", "GOARCH": "", "CC": ""})
    said = maven("verify", platform, *([f"-Dtest={','.join(tests)}"] if tests else []))
    checked(said)
    counts = COUNT.findall(said)
    expect(counts and int(counts[-1][0]) > 0, f"no tests ran:\n{said[-4000:]}")
    count, skipped = map(int, counts[-1])
    if skipped:
        expect(not IN_CI, f"{skipped} tests were skipped")
        print(f'skipped: needs a kernel that lets users mount, get it with "sudo"; {skipped} of the tests')
    print(f"{count - skipped} tests passed, -Xcheck:jni found nothing")


if __name__ == "__main__":
    start(main)
