"""Build the Python package's files for publication, in build/dist/: ``python3 -m tools.dist wheel|sdist``.

A file that was made from the same sources with the same tools is kept. GOOS and GOARCH select the wheel's platform, GO,
CC and PYTHON the tools. There is one wheel for each platform: another one of the same platform is removed.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Optional

from tools.script import BUILD, GO, ROOT, Failed, compiler, run, sources, start, usage
from tools.venv import venv
from tools.version import VERSION

DIST = BUILD / "dist"
PACKAGE = ROOT / "bindings" / "python"
MADE_OF = (
    *("bindings/python", "capi", "core", "include", "tools", "go.mod", "go.sum", "THIRD_PARTY.md", "LICENSE"),
    "platforms/apple/libSystem.tbd",
)
# The end of a wheel's name, by GOOS and GOARCH.
TAGS = {
    ("linux", "amd64"): "manylinux_*_x86_64",
    ("linux", "arm64"): "manylinux_*_aarch64",
    ("darwin", "arm64"): "macosx_*_arm64",
    ("darwin", "amd64"): "macosx_*_x86_64",
    ("windows", "amd64"): "win_amd64",
}
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


Platform = tuple[str, str]


def platform() -> Platform:
    """GOOS and GOARCH, of this machine if the environment names no other."""
    system, architecture = run(GO, "env", "GOOS", "GOARCH").split()
    return system, architecture


def files(kind: str, of: Platform) -> list[Path]:
    """Those of this version that are there, the newest first."""
    if kind == "sdist":
        pattern = f"callkey-{VERSION}.tar.gz"
    elif of in TAGS:
        pattern = f"callkey-{VERSION}-py3-none-{TAGS[of]}.whl"
    else:
        raise Failed(f"no wheel is defined for {'/'.join(of)}")
    return sorted(DIST.glob(pattern), key=lambda file: file.stat().st_mtime, reverse=True)


def made(kind: str, of: Optional[Platform] = None) -> Optional[Path]:
    """The newest one of this version that is there, of wheels for a platform, by default platform()."""
    return next(iter(files(kind, of or platform())), None)


def main(arguments: list[str]) -> None:
    if arguments not in (["wheel"], ["sdist"]):
        usage(__doc__)
    kind, of = arguments[0], platform()
    python = builder()
    DIST.mkdir(parents=True, exist_ok=True)
    for file in DIST.glob("callkey-*"):
        if not file.name.startswith((f"callkey-{VERSION}-", f"callkey-{VERSION}.")):
            file.unlink()
    mark, current = DIST / ("-".join((".wheel", *of)) if kind == "wheel" else ".sdist"), ingredients()
    there = files(kind, of)
    if len(there) == 1 and mark.is_file() and mark.read_text(encoding="utf-8") == f"{there[0].name}\n{current}\n":
        print(f"{there[0].name}: made before, of the same files")
        return
    mark.unlink(missing_ok=True)
    for file in there:
        file.unlink()
    sys.stdout.write(run(python, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", DIST, PACKAGE))
    name = made(kind, of)
    if name is None:
        raise Failed(f"{DIST} has no {kind} of {VERSION}")
    mark.write_text(f"{name.name}\n{current}\n", encoding="utf-8")


if __name__ == "__main__":
    start(main)
