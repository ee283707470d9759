"""Links the library of the Kotlin package: python3 -m tools.jni ARCHIVE OUTPUT

It is one shared library of the static archive and the C of bindings/kotlin, so that a JVM has one Go runtime and one
file to load. It exports only what the JVM looks for. OUTPUT is a .so for Linux or a .dll for Windows. CC selects the
compiler, JAVA_HOME the JDK with jni.h; otherwise it is that of the javac on PATH. DRY_RUN=1 prints the commands instead
of running them. Those for Android and macOS are made by tools.build: Go makes no archive for Android, and only a Mac
makes the one object for macOS that the static archive is.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools.script import ROOT, Failed, compiler, start, step, usage

SOURCES = ROOT / "bindings/kotlin/src/main/c"
FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-fPIC", f"-I{ROOT / 'include'}")


def jdk() -> Path:
    """The JDK's folder."""
    home = os.environ.get("JAVA_HOME")
    if home:
        return Path(home)
    javac = shutil.which("javac")
    if javac is None:
        raise Failed('jni.h needs a JDK: get it with "apt-get install default-jdk-headless", or set JAVA_HOME')
    return Path(javac).resolve().parents[1]


def sources() -> list[Path]:
    return sorted(SOURCES.glob("*.c"))


def objects(folder: Path, *more: str) -> list[Path]:
    """The C of bindings/kotlin, compiled into a folder: with the jni.h of the compiler's own system, as Android has, or
    what ``more`` has."""
    made = []
    for source in sources():
        made.append(folder / f"{source.stem}.o")
        # Without the folders' names in the debug information, the same sources give the same bytes anywhere.
        places = (f"-ffile-prefix-map={ROOT}=.", f"-ffile-prefix-map={folder}=.")
        step(*compiler(), *FLAGS, *more, "-g", *places, "-c", source, "-o", made[-1])
    return made


def mac_objects(folder: Path) -> list[Path]:
    return objects(folder, "-Werror", *(f"-I{place}" for place in (SOURCES / "darwin", jdk() / "include")))


def link(archive: Path, output: Path) -> None:
    headers = jdk() / "include"
    step("mkdir", "-p", output.parent)
    common = [*compiler(), *FLAGS, "-Werror", "-shared", "-s", "-o", output, *sources()]
    if output.suffix == ".dll":
        step(
            *common,
            *(f"-I{folder}" for folder in (SOURCES / "windows", headers)),
            *("-DCALLKEY_STATIC", "-static-libgcc", "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive"),
            # No time stamp, and no preferred address made from the path of the output.
            *("-Wl,--no-insert-timestamp", "-Wl,--disable-auto-image-base"),
            *("-Wl,--dynamicbase", "-Wl,--high-entropy-va", "-Wl,--nxcompat"),
        )
        return
    flags = [f"-soname,{output.name}", "--build-id=none", f"--version-script={SOURCES / 'callkey_jni.map'}"]
    # nodelete: a JVM unloads the libraries of a class loader that is gone, and a Go runtime cannot end.
    flags += ["-z,relro", "-z,now", "-z,defs", "-z,nodelete"]
    step(
        *common,
        *(f"-I{folder}" for folder in (headers, headers / "linux")),
        *(archive, "-pthread", *(f"-Wl,{flag}" for flag in flags)),
    )


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        usage(__doc__)
    link(Path(arguments[0]), Path(arguments[1]))


if __name__ == "__main__":
    start(main)
