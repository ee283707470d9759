"""Shared by the project's scripts: run programs, report missing tools, count results.

A script is a module that is started in the project's folder, e.g. ``python3 -m tests.musl.run``. It needs only
Python 3.9.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, NoReturn, Optional, Union

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
GO = os.environ.get("GO") or "go"
PYTHON = os.environ.get("PYTHON") or sys.executable
IN_CI = os.environ.get("CI") == "true"
DRY_RUN = os.environ.get("DRY_RUN") == "1"

Word = Union[str, Path]


class Failed(Exception):
    """A step failed; the text names the step and the reason."""


def skip(needs: str, get: str) -> NoReturn:
    """End the script: this machine lacks something. In CI that is a failure."""
    print(f'skipped: needs {needs}, get it with "{get}"', file=sys.stderr)
    raise SystemExit(1 if IN_CI else 0)


def need(command: str, packages: str) -> None:
    """Skip unless the command is on PATH; ``packages`` are Debian's."""
    if shutil.which(command) is None:
        skip(command, f"apt-get install {packages}")


def usage(text: Optional[str]) -> NoReturn:
    """End the script, which was started with the wrong arguments."""
    print(text, file=sys.stderr)
    raise SystemExit(2)


def expect(condition: object, otherwise: str) -> None:
    if not condition:
        raise Failed(otherwise)


# What tools leave among the sources.
LEFT = {"__pycache__", "node_modules", "dist", "build", ".venv", ".build"}


def sources(*names: str) -> list[str]:
    """The names of these files and of all files in these folders, as they are: a tree need not be one of git's."""
    found = set()
    for name in names:
        for file in (ROOT / name, *(ROOT / name).rglob("*")):
            inside = file.relative_to(ROOT)
            if file.is_file() and not LEFT.intersection(inside.parts) and ".egg-info/" not in inside.as_posix():
                found.add(inside.as_posix())
    return sorted(found)


def words(*command: Word) -> list[str]:
    return [str(word) for word in command]


def line(*command: Word) -> str:
    """A command for an error text, shortened if it is long."""
    text = shlex.join(words(*command))
    return text if len(text) <= 300 else text[:300] + " …"


def run(
    *command: Word,
    env: Optional[dict[str, str]] = None,
    cwd: Optional[Path] = None,
    timeout: Optional[float] = None,
    quiet: bool = False,
) -> str:
    """Run a program and return its stdout. If quiet, its output is shown only if it fails; otherwise its stderr is
    shown at once.

    ``env`` is added to this process's variables. Raises Failed with the exit status.
    """
    try:
        done = subprocess.run(
            words(*command),
            env={**os.environ, **(env or {})},
            cwd=cwd or ROOT,
            timeout=timeout,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if quiet else None,
            check=False,
        )
    except FileNotFoundError:
        raise Failed(f"there is no {command[0]}") from None
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{line(*command)}: still running after {late.timeout:.0f} s") from None
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        raise Failed(f"{line(*command)}: {ending(done.returncode)}")
    return done.stdout


def go_run(package: str, *arguments: Word) -> str:
    """Run a Go program of this project and return its stdout. It is built for this machine, whatever the environment
    says to build the library for."""
    host = dict.fromkeys(("GOOS", "GOARCH", "GOARM", "GOEXPERIMENT", "GOFLAGS", "CC"), "")
    return run(GO, "run", package, *arguments, env=host)


def refused(says: str, *command: Word, env: Optional[dict[str, str]] = None) -> None:
    """Run a program that must fail and print the reason."""
    done = subprocess.run(
        words(*command),
        env={**os.environ, **(env or {})},
        cwd=ROOT,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    expect(done.returncode != 0, f"{line(*command)}: not refused")
    expect(says in done.stdout, f"{line(*command)}: does not say {says!r}:\n{done.stdout}")


def step(*command: Word, env: Optional[dict[str, str]] = None) -> None:
    """Run a build step and show its output; with DRY_RUN=1 print the command instead."""
    if DRY_RUN:
        settings = [f"{name}={value}" for name, value in (env or {}).items()]
        print(shlex.join(words(*(["env", *settings] if settings else []), *command)), flush=True)
    else:
        sys.stdout.write(run(*command, env=env))


def ending(status: int) -> str:
    """The end of a program as text: its exit status or signal."""
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def compiler(variable: str = "CC", otherwise: str = "cc") -> list[str]:
    """The C compiler with its flags, from the environment."""
    return shlex.split(os.environ.get(variable) or otherwise)


class Tally:
    """Counts results for the last line of a script: ``N passed, N failed``."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped: list[str] = []

    def hold(self, line: str) -> None:
        print(line, flush=True)
        self.passed += 1

    def fail(self, line: str) -> None:
        print(f"FAIL {line}", flush=True)
        self.failed += 1

    @contextmanager
    def test(self, line: str) -> Iterator[None]:
        """Count a block: it passes unless it raises Failed."""
        try:
            yield
        except Failed as failure:
            print(failure)
            self.fail(line)
        else:
            self.hold(line)

    def end(self) -> int:
        """Print the last line and return the exit status: 0 if something was tried and nothing failed."""
        line = f"{self.passed} passed, {self.failed} failed"
        print(line + (f", {len(self.skipped)} skipped" if self.skipped else ""), flush=True)
        return 0 if self.failed == 0 and self.passed + len(self.skipped) > 0 else 1


def start(body: Callable[[list[str]], Optional[int]]) -> NoReturn:
    """Run a script's body with its arguments. A Failed becomes one line and status 1."""
    try:
        raise SystemExit(body(sys.argv[1:]) or 0)
    except Failed as failure:
        print(f"FAIL {failure}", file=sys.stderr)
        raise SystemExit(1) from None
