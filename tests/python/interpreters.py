"""Test the wheel in build/dist/ on other interpreters than tests.python.run: ``python3 -m tests.python.interpreters``.

The oldest and the newest CPython and PyPy, or VERSIONS='3.9 3.13 pypy', or PYTHON=/path/of/one. Each one's own pip
installs the wheel in a virtual environment, which also says that the wheel's tag fits. One line for each interpreter,
two at a time.

An interpreter is the one on PATH, else Debian's, in a root that tests/debian.py keeps; 'pypy@forky' asks for that
Debian's. If there is no root, GET=yes and CI make it; that takes 250 MB and a minute, and needs root.

tests.python.run has all the tests, on one interpreter. Here the races are short, and one.py leaves some out or shortens
them, but for FULL=yes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Callable

from tests.debian import Lacking, Root
from tools.dist import DIST, made
from tools.script import BUILD, IN_CI, PYTHON, ROOT, Failed, Word, run, start, words
from tools.venv import venv
from tools.version import VERSION

WORK = BUILD / "python"
# Which Debian has it.
RELEASES = {
    "3.9": "bullseye",
    "3.11": "bookworm",
    "pypy": "bookworm",
    "3.13": "trixie",
    "3.14": "forky",
    "3.15": "forky",
}
# The wheel asks for a newer glibc than bullseye's, and a test reads a store with SQLite 3.37 or later.
NEWER = {"bullseye": ("libc6/bookworm", "libsqlite3-0/bookworm")}
# The tests' dependencies. pip evaluates the conditions of a dependency for the interpreter that it runs on, so those
# of Python 3.9 and 3.10 are named.
PACKAGES = ("pytest>=7", "exceptiongroup", "tomli", "typing-extensions")
# What the tests of callkey.srtp and callkey.capture need, without dependencies, since PyPy has its own cffi. pylibsrtp
# has no wheel for a newer PyPy than 3.9: there libsrtp does not judge.
BINARIES = ("cryptography", "dpkt")
CPYTHON_BINARIES = ("cffi", "pycparser", "pylibsrtp")

# Runs a command next to the interpreter, with its output in a file; returns the exit status.
Runner = Callable[[tuple[Word, ...], Path], int]


def here(command: tuple[Word, ...], log: Path) -> int:
    with log.open("w", encoding="utf-8") as out:
        return subprocess.run(words(*command), cwd=ROOT, stdout=out, stderr=out, check=False).returncode


def held(runner: Runner, log: Path, *command: Word) -> str:
    status = runner(command, log)
    told = log.read_text(encoding="utf-8", errors="replace")
    if status != 0:
        raise Failed(f"{command[0]}: exit status {status}\n{told}")
    return told


def get_wheels(pip: Path, implementation: str, version: str, abi: str, folder: Path) -> None:
    pypy = implementation == "PyPy"
    binaries = (*BINARIES, *(() if pypy else CPYTHON_BINARIES))
    complete = " ".join((version, abi, *PACKAGES, *binaries))
    mark = folder / "complete"
    if mark.is_file() and mark.read_text(encoding="utf-8") == complete:
        return
    for file in folder.glob("*"):
        file.unlink()
    target = ("--implementation", "pp" if pypy else "cp", "--python-version", version)
    download = (pip, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", folder)
    download = (*download, "--only-binary", ":all:", *target)
    run(*download, *PACKAGES, quiet=True)
    run(*download, "--no-deps", *(("--abi", abi) if pypy else ()), *binaries, quiet=True)
    mark.write_text(complete, encoding="utf-8")


def test_on(name: str, python: str, runner: Runner) -> str:
    """Test an interpreter, with a folder of that name; returns its line."""
    folder = WORK / name
    (folder / "wheels").mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    tell = (
        "import platform as p, sysconfig as s; "
        "print(p.python_implementation(), p.python_version(), s.get_config_var('SOABI').replace('-', '_'))"
    )
    implementation, number, abi = held(runner, log, python, "-c", tell).split()
    pip = venv(WORK / "pip", python=sys.executable)
    major_minor = ".".join(number.split(".")[:2])
    get_wheels(pip, implementation, major_minor, abi, folder / "wheels")
    paths = (folder.relative_to(ROOT), the_wheel().relative_to(ROOT))
    full = ("env", "FULL=yes") if os.environ.get("FULL") else ()
    last = held(runner, log, *full, python, "-m", "tests.python.one", *paths).splitlines()[-1]
    return f"{implementation} {number}: {last}"


def the_wheel() -> Path:
    wheel = made("wheel")
    if wheel is None:
        raise Failed(f"There is no wheel of {VERSION} in {DIST}; run 'make wheel' first.")
    return wheel


def usable(python: str) -> bool:
    """Whether PATH has this interpreter, with what makes virtual environments."""
    return bool(shutil.which(python)) and here((python, "-c", "import venv, ensurepip"), Path(os.devnull)) == 0


def test_version(version: str) -> str:
    """Test a version of VERSIONS, on PATH or in a root. Raises Lacking."""
    number, _, release = version.partition("@")
    python = "pypy3" if number == "pypy" else f"python{number}"
    if not release and usable(python):
        return test_on(version, python, here)
    release = release or RELEASES.get(number, "")
    if not release:
        raise Failed(f"no Debian is known for Python {number}; give the interpreter as PYTHON")
    root = Root(release)
    packages = (python, f"{python}-venv", *NEWER.get(release, ()))
    if os.environ.get("GET") == "yes" or IN_CI:
        root.install(*packages)
    elif not root.has(*packages):
        raise Lacking(
            f"{python} and its module venv, get them from your system, or as root Debian's in build/{release} "
            'with "make test-pythons"'
        )

    def there(command: tuple[Word, ...], log: Path) -> int:
        return root.run(*command, log=log)

    return test_on(version, python, there)


def main(_: list[str]) -> int:
    the_wheel()
    if os.environ.get("PYTHON", "python3") != "python3":
        print(test_on(os.path.basename(PYTHON), PYTHON, here))
        return 0
    status = 0
    versions = os.environ.get("VERSIONS", "").split() or ["3.9", "3.15", "pypy"]
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(test_version, version) for version in versions]
        for one in as_completed(running):
            try:
                print(one.result(), flush=True)
            except Lacking as lacking:
                status |= lacking.status(0)
            except Failed as failure:
                print(f"FAIL {failure}", file=sys.stderr, flush=True)
                status = 1
    return status


if __name__ == "__main__":
    start(main)
