"""Tests the Kotlin package: python3 -m tests.kotlin.run LIBRARY [TEST...]

LIBRARY is libcallkey_jni in a folder named as its platform. Each TEST is a class, e.g. VectorTest, or a
program: virtual, with virtual threads; shrink, with the rules for shrinkers. The tests run with -Xcheck:jni, which must
find nothing but that the signal handlers of the Go runtime stand before the JVM's.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.kotlin import shrink, virtual
from tools.jar import BUILT, clean, maven, same_version, stage
from tools.script import GO, IN_CI, ROOT, Failed, expect, need, run, start, usage

REPORTS = BUILT / "surefire-reports"
# What -Xcheck:jni says of a wrong call.
WRONG = re.compile(r"WARNING in native method|WARNING: JNI|FATAL ERROR in native method|JNI call made .*")
COUNT = re.compile(r"Tests run: (\d+), Failures: 0, Errors: 0, Skipped: (\d+)")


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


PROGRAMS = {"virtual": virtual.check, "shrink": shrink.check}


def main(arguments: list[str]) -> None:
    need("javac", "default-jdk-headless")
    need("mvn", "maven")
    if not arguments:
        usage(__doc__)
    library, chosen = Path(arguments[0]), arguments[1:]
    programs = [name for name in chosen if name in PROGRAMS] if chosen else list(PROGRAMS)
    tests = [name for name in chosen if name not in PROGRAMS]
    same_version()
    clean(BUILT)
    stage([library], BUILT)
    write_readme()
    run(GO, "build", "-o", BUILT / "search", "./tests/boundary/search", env={"GOOS": "", "GOARCH": "", "CC": ""})
    options = [f"-Dcallkey.platform={library.resolve().parent.name}"]
    if tests:
        options.append(f"-Dtest={','.join(tests)}")
    elif chosen:
        options.append("-DskipTests")
    said = maven("verify", *options)
    for name in programs:
        print(f"{name}: {PROGRAMS[name](library)}", flush=True)
    if chosen and not tests:
        return
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
