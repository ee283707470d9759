"""Build the Python package's files for publication, in build/dist/: ``python3 -m tools.dist wheel|sdist``.

A file that was made from the same sources with the same tools is kept. GO, CC, GOARCH and PYTHON select the tools.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Optional

from tools.script import BUILD, ROOT, Failed, compiler, run, sources, start, usage
from tools.venv import venv
from tools.version import VERSION

DIST = BUILD / "dist"
PACKAGE = ROOT / "bindings" / "python"
MADE_OF = ("bindings/python", "capi", "core", "include", "tools", "go.mod", "go.sum", "THIRD_PARTY.md", "LICENSE")
# The environment variables that Go and pip read; a wheel depends on them.
SETTINGS = (
    "GO",
    "CC",
    "GOOS",
    "GOARCH",
    "GOFLAGS",
    "CGO_CFLAGS",
    "CGO_LDFLAGS",
    "SOURCE_DATE_EPOCH",
    "WITHOUT_LIBSIGNAL",
)


def ingredients() -> str:
    """A checksum of the files, the settings and the versions of the tools. Another one may give another package."""
    digest = hashlib.sha256()
    for name in sources(*MADE_OF):
        file = ROOT / name
        if not name.endswith("_test.go"):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{name} {file.stat().st_mode:o} {content}\n".encode())
    for setting in SETTINGS:
        digest.update(f"{setting}={os.environ.get(setting, '')}\n".encode())
    for tool in ([os.environ.get("GO") or "go", "version"], [*compiler(), "--version"]):
        try:
            digest.update(run(*tool).encode())
        except Failed as failure:
            digest.update(str(failure).encode())
    return f"{sys.version} {digest.hexdigest()}"


def builder() -> Path:
    """The Python with what packs them, in pinned versions."""
    pins = ROOT / "tools" / "dist.txt"
    return venv(BUILD / "python" / "dist-venv", "-r", pins, belongs_to=pins.read_text(encoding="utf-8"))


def made(kind: str, machine: str = "*") -> Optional[Path]:
    """The newest one of this version that is there, of wheels for a machine."""
    pattern = f"callkey-{VERSION}.tar.gz" if kind == "sdist" else f"callkey-{VERSION}-py3-none-*_{machine}.whl"
    return max(DIST.glob(pattern), key=lambda file: file.stat().st_mtime, default=None)


def main(arguments: list[str]) -> None:
    if arguments not in (["wheel"], ["sdist"]):
        usage(__doc__)
    kind = arguments[0]
    python = builder()
    DIST.mkdir(parents=True, exist_ok=True)
    for file in DIST.glob("callkey-*"):
        if not file.name.startswith((f"callkey-{VERSION}-", f"callkey-{VERSION}.")):
            file.unlink()
    mark, current = DIST / f".{kind}", ingredients()
    there = made(kind)
    if there and mark.is_file() and mark.read_text(encoding="utf-8") == f"{there.name}\n{current}\n":
        print(f"{there.name}: made before, of the same files")
        return
    mark.unlink(missing_ok=True)
    sys.stdout.write(run(python, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", DIST, PACKAGE))
    there = made(kind)
    if there is None:
        raise Failed(f"{DIST} has no {kind} of {VERSION}")
    mark.write_text(f"{there.name}\n{current}\n", encoding="utf-8")


if __name__ == "__main__":
    start(main)
