"""``make newest``: would the newest versions of the dependencies work?

In a copy of the tree, in build/newest, it raises each dependency to its newest version and runs the short tests: Go,
the modules that go.mod requires, the Python tools of tools/requirements.txt, the official Signal client. This tree is
never changed. At the end it prints a table: name, used, newest, and whether the tests passed; a dependency that does
not pass is a result, not a failure.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable, Optional

from tools.script import BUILD, ROOT, Failed, Word, run, start

PLACE = BUILD / "newest"
TREE = PLACE / "tree"
PACKAGE = TREE / "bindings" / "python"
VENV = PLACE / "venv"
CLIENT = "@signalapp/libsignal-client"
TAGS = ("-tags", "sqlite_omit_load_extension")
LISTED = "{{if not (or .Indirect .Main)}}{{.Path}} {{.Version}} {{with .Update}}{{.Version}}{{end}}{{end}}"

Environment = Optional[dict[str, str]]


@dataclass(frozen=True)
class Dependency:
    name: str
    used: str
    newest: str
    trial: Callable[[], None]
    """Raise it in the copy and run the tests. Raises Failed."""


def inside(*command: Word, env: Environment = None, cwd: Path = TREE) -> str:
    return run(*command, env=env, cwd=cwd, timeout=1800, quiet=True)


def go(*arguments: Word, env: Environment = None) -> str:
    return inside(os.environ.get("GO") or "go", *arguments, env=env)


def copy() -> None:
    shutil.rmtree(TREE, ignore_errors=True)
    left_out = shutil.ignore_patterns("build", ".git", ".build", "node_modules", "__pycache__")
    shutil.copytree(ROOT, TREE, symlinks=True, ignore=left_out)


def library(env: Environment = None) -> None:
    inside("make", "-s", "--no-print-directory", "build/libcallkey.so.0", env=env)


def short_tests(env: Environment = None) -> None:
    go("vet", *TAGS, "./...", env=env)
    library(env)
    go("test", "-short", "-vet=off", *TAGS, "./core/...", "./capi/...", env=env)


def toolchain() -> Iterator[Dependency]:
    used = go("env", "GOVERSION").strip()[len("go") :]
    versions = json.loads(go("list", "-m", "-versions", "-json", "go"))["Versions"]
    newest = [version for version in versions if re.fullmatch(r"[\d.]+", version)][-1]
    yield Dependency("go", used, newest, partial(short_tests, {"GOTOOLCHAIN": f"go{newest}"}))


def modules() -> Iterator[Dependency]:
    def trial(*raised: str) -> None:
        kept = {name: (TREE / name).read_bytes() for name in ("go.mod", "go.sum")}
        try:
            go("get", *raised)
            go("mod", "tidy")
            short_tests()
        finally:
            for name, content in kept.items():
                (TREE / name).write_bytes(content)

    for line in go("list", "-m", "-u", "-f", LISTED, "all").splitlines():
        path, used, *newest = line.split()
        yield Dependency(path, used, newest[0] if newest else used, partial(trial, f"{path}@latest"))
    yield Dependency("all modules together", "", "newest", partial(trial, "-u", "./..."))


def python_tools() -> Iterator[Dependency]:
    python = VENV / "bin" / "python"
    commands: dict[str, tuple[Path, tuple[Word, ...]]] = {
        "ruff": (TREE, (VENV / "bin" / "ruff", "check", "-q", ".")),
        "mypy": (PACKAGE, (python, "-m", "mypy")),
        "pytest": (PACKAGE, (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow")),
    }
    requirements = TREE / "tools" / "requirements.txt"

    def trial(name: str) -> None:
        inside(sys.executable, "-m", "venv", "--clear", VENV)
        inside(python, "-m", "pip", "install", "-q", "-r", requirements)
        inside(python, "-m", "pip", "install", "-q", "--upgrade", name)
        library()
        folder, command = commands[name]
        inside(*command, env={"PYTHONPATH": str(PACKAGE / "src")}, cwd=folder)

    for name in commands:
        pinned = re.findall(rf"^{name}==([\d.]+)", requirements.read_text(encoding="utf-8"), re.M)
        told = inside(sys.executable, "-m", "pip", "index", "versions", name)
        yield Dependency(name, pinned[0], told.split("(", 1)[1].split(")")[0], partial(trial, name))


def signal_client() -> Iterator[Dependency]:
    """The newer of the two: WhatsApp's messages are like the older one."""
    if shutil.which("npm") is None:
        print('skipped: the Signal client needs Node.js, get it with "apt-get install nodejs npm"', file=sys.stderr)
        return
    tests = TREE / "tests" / "signal-client"
    folder = max((f.parent for f in tests.glob("*/package.json")), key=lambda f: [int(n) for n in f.name.split(".")])
    used = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"][CLIENT]

    def trial() -> None:
        inside("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", f"{CLIENT}@latest", cwd=folder)
        inside(sys.executable, "-m", "tests.signal-client.install")
        go("test", "-count=1", *TAGS, "./tests/signal-client")

    yield Dependency(CLIENT, used, inside("npm", "view", CLIENT, "version").strip(), trial)


def tried(dependency: Dependency) -> str:
    if dependency.newest == dependency.used:
        return "is the newest"
    print(f"{dependency.name} {dependency.newest} ...", flush=True)
    try:
        dependency.trial()
    except Failed as failure:
        print(failure, flush=True)
        return "FAILED"
    return "passed"


def main(arguments: list[str]) -> None:
    copy()
    rows = [("name", "used", "newest", "tests")]
    for source in (toolchain, modules, python_tools, signal_client):
        if arguments and source.__name__ not in arguments:
            continue
        for dependency in source():
            rows.append((dependency.name, dependency.used, dependency.newest, tried(dependency)))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        print("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    start(main)
