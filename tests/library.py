"""The library that a test is linked to, in one of the kinds of tools/build.py."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Optional

from tools.lock import locked
from tools.script import ROOT, run
from tools.version import LIBRARY

SOURCES = (
    *("capi", "core", "include", "tools/overlay", "tools/build.py", "tools/version.env", "go.mod", "go.sum"),
    "platforms/apple/libSystem.tbd",
)


def chosen() -> Path:
    """The environment's LIBRARY, by default that of `make lib`, as an absolute path."""
    return (ROOT / os.environ.get("LIBRARY", LIBRARY)).resolve()


@dataclass(frozen=True)
class Made:
    """How a library was built. That of `make lib` has no file that says so."""

    kind: str = "release"
    env: dict[str, str] = field(default_factory=dict)  # beside this process's variables

    @classmethod
    def of(cls, library: Path) -> Made:
        file = record(library)
        return cls(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else cls()


def record(library: Path) -> Path:
    return library.with_name(f"{library.name}.made")


def current(library: Path, kind: str = "release", env: Optional[dict[str, str]] = None) -> Path:
    """Build the library unless it is of this kind and as new as its sources. Of two scripts that ask for it at once one
    builds it."""
    made = Made(kind, env or {})
    library.parent.mkdir(parents=True, exist_ok=True)
    with locked(library.with_name(f"{library.name}.lock")):
        if not library.exists() or Made.of(library) != made or library.stat().st_mtime < newest_source():
            run(sys.executable, "-m", "tools.build", library, kind, env=env)
            record(library).write_text(json.dumps(asdict(made)), encoding="utf-8")
    return library


def beside(library: Path, kind: str) -> Path:
    """The same library in one more kind, in a folder KIND beside it."""
    made = Made.of(library)
    kinds = kind if made.kind == "release" else f"{made.kind},{kind}"
    return current(library.parent / kind / library.name, kinds, made.env)


def newest_source() -> float:
    files = (file for name in SOURCES for file in (ROOT / name, *(ROOT / name).rglob("*")) if file.is_file())
    return max(file.stat().st_mtime for file in files if not file.name.endswith("_test.go"))


def functions() -> set[str]:
    """The functions that callkey.h declares."""
    lines = (ROOT / "capi/callkey.names").read_text().splitlines()
    return {line for line in lines if not line.startswith("#")}
