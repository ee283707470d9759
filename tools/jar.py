"""Builds the Kotlin package: python3 -m tools.jar [--out FOLDER] [LIBRARY...], default build/kotlin. In it:

callkey-VERSION.jar           the classes, and each LIBRARY: libcallkey_jni in a folder named as its platform
callkey-VERSION-sources.jar   for the reader and an IDE
callkey-VERSION-javadoc.jar   its reference, as Java declares it
callkey-VERSION.pom           what Maven and Gradle need to know of it

With --classes it builds only the jar. Maven gets what it needs when it runs for the first time, and then works offline.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tools import pom
from tools.lock import locked
from tools.script import BUILD, ROOT, Failed, expect, start
from tools.version import VERSION

PACKAGE = ROOT / "bindings/kotlin"
BUILT = BUILD / "kotlin"
# Half the processor time for programs that end soon: no optimising compiler, no collector's threads.
BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
EPOCH = (1980, 1, 1, 0, 0, 0)


def run_maven(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["mvn", "-B", *words],
        cwd=PACKAGE,
        env={**os.environ, "MAVEN_OPTS": f"{BRIEF} {os.environ.get('MAVEN_OPTS', '')}"},
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def maven(*words: str) -> str:
    """What Maven says. It goes online only for what the local repository lacks, and alone, because two runs would write
    the same files there."""
    done = run_maven("-o", *words)
    if done.returncode != 0 and "offline mode" in done.stdout:
        with locked(BUILD / "maven.lock"):
            done = run_maven(*words)
    if done.returncode == 0:
        return done.stdout
    said = [line for line in done.stdout.splitlines() if not line.startswith("[INFO] ") or "Tests" in line]
    raise Failed("\n".join(["mvn " + " ".join(words), *said]))


def same_version() -> None:
    """The pom has the header's version."""
    text = (PACKAGE / "pom.xml").read_text(encoding="utf-8")
    found = re.search(r"<version>(.*?)</version>", text)
    expect(found and found[1] == VERSION, f"bindings/kotlin/pom.xml: the version is not {VERSION}, as in callkey.h")


def stage(libraries: Iterable[Path], out: Path) -> None:
    """Puts the libraries where Maven takes them from: these and no others."""
    native = out / "native"
    shutil.rmtree(native, ignore_errors=True)
    native.mkdir(parents=True)
    for library in libraries:
        platform = library.resolve().parent.name
        expect(re.fullmatch(r"[a-z]+-[a-z0-9]+", platform), f"{library}: its folder is not named as a platform")
        folder = native / "callkey/native" / platform
        expect(not folder.exists(), f"{platform}: two libraries")
        folder.mkdir(parents=True)
        shutil.copy(library, folder)


def pack(archive: Path, folder: Path) -> None:
    """A jar of a folder's files. The same files give the same bytes."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as jar:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            info = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
            jar.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED)


def even(archive: Path) -> None:
    """Gives all files in a jar of Maven's the same mode. Maven takes it from the files, where the umask decides."""
    with zipfile.ZipFile(archive) as made:
        entries = [(info, made.read(info)) for info in made.infolist()]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as jar:
        for info, content in entries:
            info.external_attr = 0o40755 << 16 | 0x10 if info.is_dir() else 0o100644 << 16
            jar.writestr(info, content)


def clean(out: Path) -> None:
    for old in ("classes", "test-classes", "surefire-reports", "readme"):
        shutil.rmtree(out / old, ignore_errors=True)


def build(libraries: Iterable[Path], out: Path, classes: bool) -> Path:
    """The jar, and what goes with it unless only classes are wanted."""
    for command, package in (("javac", "default-jdk-headless"), ("mvn", "maven")):
        expect(shutil.which(command), f'there is no {command}: get it with "apt-get install {package}"')
    same_version()
    clean(out)
    stage(libraries, out)
    maven("package", f"-Dcallkey.build={out}", "-Dmaven.test.skip=true")
    jar = out / f"callkey-{VERSION}.jar"
    for archive in (jar, out / f"callkey-{VERSION}-sources.jar"):
        even(archive)
    if not classes:
        from tools.site.dokka.run import javadoc  # it needs this module

        pack(out / f"callkey-{VERSION}-javadoc.jar", javadoc(out / "javadoc"))
        (out / f"callkey-{VERSION}.pom").write_text(pom.published("callkey", "jar"), encoding="utf-8")
    return jar


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="tools.jar", usage=__doc__)
    parser.add_argument("--out", type=Path, default=BUILT)
    parser.add_argument("--classes", action="store_true")
    parser.add_argument("libraries", type=Path, nargs="*")
    given = parser.parse_args(arguments)
    print(build(given.libraries, given.out.absolute(), given.classes))


if __name__ == "__main__":
    start(main)
