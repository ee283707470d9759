"""Compiles all C of the project with -Wall and -Wextra, with each of the compilers:

python3 -m tools.c_warnings COMPILER...    e.g. gcc clang

It compiles the shim and the header like the library, and every test, example and benchmark, except drivers of other
engines. It compiles files for Windows if there is a compiler with the Windows headers.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Optional

from tools import tree
from tools.script import GO, IN_CI, ROOT, Failed, expect, run, start, usage

WINDOWS = "x86_64-w64-mingw32"
NEEDS_JDK = ("tests/host/jvm.c", "bindings/kotlin/src/main/c/call.c", "bindings/kotlin/src/main/c/callkey_jni.c")
# They need headers of other engines; `make test-engines` compiles them, with the same warnings.
ENGINES = "tests/engines/*/driver.c"
# The optimizer finds variables that are used before they are set.
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror")


def declare_exports(folder: Path) -> None:
    """Make _cgo_export.h: what cgo declares for the shim."""
    capi = ROOT / "capi"
    files = run(GO, "list", "-f", '{{join .CgoFiles " "}}', ".", cwd=capi).split()
    run(GO, "tool", "cgo", "-objdir", folder, "--", "-I../include", "-DCALLKEY_BUILD", *files, cwd=capi)


def stand_ins(folder: Path, headers: list[str], sources: list[str]) -> None:
    """Headers that a test's script generates are empty here."""
    known = {Path(name).name for name in headers} | {"_cgo_export.h"}
    for name in headers + sources:
        for included in re.findall(r'^# *include "([a-z_]*\.h)"$', (ROOT / name).read_text(), re.MULTILINE):
            if included not in known:
                (folder / included).touch()


def jdk_headers() -> Optional[Path]:
    home = os.environ.get("JAVA_HOME")
    javac = shutil.which(f"{home}/bin/javac" if home else "javac")
    expect(javac or not IN_CI, "there is no javac")
    return Path(javac).resolve().parents[1] / "include" if javac else None


def commands(compiler: str, sources: list[str], jdk: Optional[Path]) -> Iterator[tuple[str, list[str]]]:
    """Each file with the compilers that it is for."""
    for_windows = [compiler, "-target", WINDOWS] if compiler.startswith("clang") else [f"{WINDOWS}-gcc"]
    has_windows = shutil.which(f"{WINDOWS}-gcc") is not None
    for file in sources:
        only_windows = file.endswith("_windows.c")
        if not only_windows and (jdk or file not in NEEDS_JDK):
            yield file, [compiler]
        if has_windows and (only_windows or file.startswith("capi/")):
            yield file, for_windows


def main(compilers: list[str]) -> None:
    if not compilers:
        usage(__doc__)
    for compiler in compilers:
        expect(shutil.which(compiler), f"there is no {compiler}")
    # jni_md.h of Windows would come before that of the JDK.
    headers = [name for name in tree.files("*.h") if not name.endswith("/jni_md.h")]
    sources = [name for name in tree.files("*.c") if not fnmatchcase(name, ENGINES)]
    jdk = jdk_headers()
    with tempfile.TemporaryDirectory() as work:
        cgo, made = Path(work, "cgo"), Path(work, "made")
        cgo.mkdir()
        made.mkdir()
        declare_exports(cgo)
        stand_ins(made, headers, sources)
        folders = ["include", "capi", *sorted({str(Path(name).parent) for name in headers}), cgo, made]
        includes = [f"-I{folder}" for folder in folders + ([jdk, jdk / "linux"] if jdk else [])]

        def compile_one(job: tuple[str, list[str]]) -> None:
            file, command = job
            define = "-DCALLKEY_BUILD" if file.startswith("capi/") else "-DCALLKEY_NO_NONNULL"
            try:
                run(*command, define, *FLAGS, *includes, "-c", "-o", os.devnull, file, quiet=True)
            except Failed:
                raise Failed(f"warnings in {file}, with {' '.join(command)} {define}") from None

        jobs = [job for compiler in compilers for job in commands(compiler, sources, jdk)]
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(compile_one, jobs))
    print(f"warnings: none in {len(jobs)} compilations of the C files, with {' '.join(compilers)}")


if __name__ == "__main__":
    start(main)
