"""Test the Python package against the library in build/: ``python3 -m tests.python.run [ARGUMENT...]``.

pytest gets the arguments, and its own line comes last. PYTHON chooses the interpreter. The types are checked by
tools.style, in `make quick` and `make check`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.script import BUILD, ROOT, Failed, start, words
from tools.venv import venv

PACKAGE = ROOT / "bindings" / "python"
WORK = BUILD / "python"


def environment() -> Path:
    """The interpreter of an environment with the package, as it is in the tree, and what its tests need."""
    project = (PACKAGE / "pyproject.toml").read_text(encoding="utf-8")
    return venv(WORK / "venv", "--editable", f"{PACKAGE}[test]", belongs_to=project)


def main(arguments: list[str]) -> int:
    if not any((BUILD / name).is_file() for name in ("libcallkey.so.0", "libcallkey.dylib")):
        raise Failed(f"There is no library in {BUILD}; run 'make lib' first.")
    python = environment()
    pytest = words(python, "-m", "pytest", "-o", f"cache_dir={WORK / 'pytest'}", *arguments)
    return subprocess.run(pytest, cwd=PACKAGE, check=False).returncode


if __name__ == "__main__":
    start(main)
