"""Links the library of the Kotlin package: python3 -m tools.jni ARCHIVE OUTPUT

It is one shared library of the static archive and the C of bindings/kotlin, so that a JVM has one Go runtime and one
file to load. It exports only what the JVM looks for. CC selects the compiler, JAVA_HOME the JDK with jni.h; otherwise
it is that of the javac on PATH. DRY_RUN=1 prints the commands instead of running them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.script import ROOT, Failed, compiler, start, step, usage

SOURCES = ROOT / "bindings/kotlin/src/main/c"


def jdk() -> Path:
    """The JDK's folder."""
    home = os.environ.get("JAVA_HOME")
    if home:
        return Path(home)
    javac = shutil.which("javac")
    if javac is None:
        raise Failed('jni.h needs a JDK: get it with "apt-get install default-jdk-headless", or set JAVA_HOME')
    return Path(javac).resolve().parents[1]


def link(archive: Path, output: Path) -> None:
    headers = jdk() / "include"
    step("mkdir", "-p", output.parent)
    flags = [f"-soname,{output.name}", "--build-id=none", f"--version-script={SOURCES / 'callkey_jni.map'}"]
    # nodelete: a JVM unloads the libraries of a class loader that is gone, and a Go runtime cannot end.
    flags += ["-z,relro", "-z,now", "-z,defs", "-z,nodelete", "-s"]
    step(
        *compiler(),
        *("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-pthread"),
        *(f"-I{folder}" for folder in (ROOT / "include", headers, headers / "linux")),
        *("-o", output, *sorted(SOURCES.glob("*.c")), archive),
        *(f"-Wl,{flag}" for flag in flags),
    )


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        usage(__doc__)
    link(Path(arguments[0]), Path(arguments[1]))


if __name__ == "__main__":
    start(main)
