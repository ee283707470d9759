"""The jar of `make jar` as its user has it: python3 -m tests.kotlin.jar [PLATFORM...]

The README's session in Java runs with nothing but the jar and Kotlin's standard library, on a JVM for each platform:
arm64 under QEMU, Windows under Wine; and there the tests that start no program of their own. `make test-kotlin` has
those of this machine. The libraries for macOS are read and not run. Then the jars and the POM beside it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from tests.debian import Lacking, Root
from tests.kotlin import mac
from tests.kotlin.published import described
from tests.kotlin.run import write_readme
from tests.kotlin.runtimes import WHEELS, WINE, java
from tools import pinned
from tools.build import MAC_LINKER
from tools.jar import BUILT, PACKAGE, maven
from tools.script import BUILD, IN_CI, ROOT, Tally, expect, go_run, need, run, start
from tools.version import JNI_DYLIB, VERSION

JUNIT = Path(__file__).resolve().parent / "junit"
JUNIT_JARS = BUILD / "junit"
# The tests that need a program of this system.
HERE_ONLY = {"Loading", "Readme", "Residue"}
JAR = BUILT / f"callkey-{VERSION}.jar"
# Those with a Java runtime to run here, and the others.
PLATFORMS = (*WHEELS, *mac.PLATFORMS)


def name_of(platform: str) -> str:
    names = {"windows": "callkey_jni.dll", "darwin": JNI_DYLIB}
    return f"callkey/native/{platform}/{names.get(platform.split('-')[0], 'libcallkey_jni.so')}"


def library_of(platform: str, work: Path) -> Path:
    with zipfile.ZipFile(JAR) as packed:
        return Path(packed.extract(name_of(platform), work))


def contents(work: Path) -> None:
    with zipfile.ZipFile(JAR) as packed:
        names = [name for name in packed.namelist() if name.startswith("callkey/native/") and not name.endswith("/")]
        expect(sorted(names) == sorted(map(name_of, PLATFORMS)), f"{JAR} has {names}")
    for platform in PLATFORMS:
        go_run("./tools/contract", "jni", library_of(platform, work))


def session(work: Path) -> None:
    """Compiles the README's session."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [source] = re.findall(r"^```java\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (work / "Session.java").write_text(source, encoding="utf-8")
    run("javac", "--release", "11", "-cp", JAR, "-d", work, work / "Session.java", quiet=True)


def said(platform: str, options: list[str], path: list[Path], *words: str) -> str:
    """What a program says on a platform's JVM."""
    windows = platform.startswith("windows-")
    # What Wine sees of this system is in the project.
    places = [str(file.relative_to(ROOT)) if windows else str(file) for file in path]
    done = subprocess.run(
        ["env", "LC_ALL=C.UTF-8", *java(platform), *options, "-cp", (";" if windows else ":").join(places), *words],
        cwd=ROOT,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=900,
        check=False,
    )
    expect(done.returncode == 0, f"{platform}:\n{done.stdout[-4000:]}")
    return done.stdout


def beside() -> list[Path]:
    """What a program needs beside the jar."""
    return [JAR, *sorted((BUILT / "needs").glob("*.jar"))]


def plays(platform: str, work: Path) -> None:
    temporary = work / f"{platform} \U0001f600"
    temporary.mkdir()
    options = [] if platform.startswith("windows-") else [f"-Djava.io.tmpdir={temporary}"]
    text = said(platform, options, [*beside(), work], "Session")
    expect("<enc" in text, f"{platform}:\n{text[-4000:]}")
    expect(not list(temporary.iterdir()), f"{platform}: {list(temporary.iterdir())} stays")


def passes(platform: str) -> str:
    """The number of tests that pass."""
    names = {file.name[: -len("Test.class")] for file in (BUILT / "test-classes/callkey").glob("*Test.class")}
    chosen = [f"--select-class=callkey.{name}Test" for name in sorted(names - HERE_ONLY)]
    path = [*sorted(JUNIT_JARS.glob("*.jar")), BUILT / "test-classes", *beside()]
    launcher = ("org.junit.platform.console.ConsoleLauncher", "execute", "--details=summary", "--disable-banner")
    text = said(platform, ["-Dtree=."], path, *launcher, *chosen)
    found, passed = (re.search(rf"(\d+) tests {word}", text) for word in ("found", "successful"))
    expect(found and passed and found[1] == passed[1] and int(found[1]) > 900, f"{platform}:\n{text[-4000:]}")
    assert passed
    return passed[1]


def sources() -> None:
    with zipfile.ZipFile(BUILT / f"callkey-{VERSION}-sources.jar") as packed:
        found = {Path(name).name for name in packed.namelist() if name.endswith(".kt")}
    wanted = {file.name for file in (PACKAGE / "src/main/kotlin").rglob("*.kt")}
    expect(found == wanted, f"the sources jar lacks {sorted(wanted - found)}, and has {sorted(found - wanted)}")


def javadoc() -> None:
    with zipfile.ZipFile(BUILT / f"callkey-{VERSION}-javadoc.jar") as packed:
        names = set(packed.namelist())
        expect({"index.html", "callkey/CallKey.html", "callkey/Store.html"} <= names, f"javadoc: {sorted(names)[:20]}")
        page = packed.read("callkey/Store.html").decode()
    expect("takeBundle" in page and "callkey.Native" not in page, "javadoc: the page of Store")


def main(chosen: list[str]) -> int:
    need("javac", "default-jdk-headless")
    need("qemu-aarch64-static", "qemu-user-static")
    need(MAC_LINKER[0], "lld")
    tally = Tally()
    shutil.rmtree(BUILT / "jar-test", ignore_errors=True)
    (BUILT / "jar-test").mkdir()
    with tempfile.TemporaryDirectory(dir=BUILT / "jar-test") as folder:
        work = Path(folder)
        if not chosen:
            with tally.test("the jar has a library for each platform, with the functions that Java looks for"):
                contents(work)
            with tally.test("the sources jar has every source"):
                sources()
            with tally.test("the javadoc jar has the reference"):
                javadoc()
            with tally.test("the POM says what Maven needs to know"):
                described(BUILT / f"callkey-{VERSION}.pom", "callkey", "jar")
            mac.without_lld(tally, work)
        session(work)
        chosen = chosen or list(PLATFORMS)
        for platform in mac.PLATFORMS:
            if platform in chosen:
                mac.judge(tally, platform, library_of(platform, work), [*beside(), work], work)
        run_here = [platform for platform in chosen if platform not in mac.PLATFORMS]
        if run_here:
            pinned.get(JUNIT, JUNIT_JARS)
            write_readme()
            maven("test-compile")
        for platform in run_here:
            try:
                if platform.startswith("windows-"):
                    Root("trixie").install("wine", "wine64")
                    run(WINE, "wineboot", "--init", quiet=True)
                with tally.test(f"{platform}: the README's session in Java"):
                    plays(platform, work)
                if platform != "linux-amd64":
                    with tally.test(f"{platform}: the tests"):
                        print(f"{passes(platform)} tests", flush=True)
            except Lacking as lacking:
                lacking.status(0)
                expect(not IN_CI, f"{platform}: cannot run here")
                tally.skipped.append(platform)
    return tally.end()


if __name__ == "__main__":
    start(main)
