"""Virtual environments of Python in build/."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.lock import locked
from tools.script import PYTHON, Failed, Word, run, words


def venv(folder: Path, *packages: Word, python: Word = PYTHON, belongs_to: str = "") -> Path:
    """The interpreter of an environment with these packages, or options, of pip's.

    It is made if there is none, and anew for another interpreter, for other packages, and for another text that it
    ``belongs_to``. Another process, or thread, that wants the same folder waits, so no caller needs a lock.
    Raises Failed.
    """
    told = run(python, "-c", "import sys; print(sys.version, sys.executable)")
    made_for = "\n".join([told, *words(*packages), belongs_to])
    mark, interpreter = folder / "made-for", folder / "bin" / "python"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not (mark.is_file() and mark.read_text(encoding="utf-8") == made_for):
            make(folder, packages, python)
            mark.write_text(made_for, encoding="utf-8")
    return interpreter


def make(folder: Path, packages: Sequence[Word], python: Word) -> None:
    if subprocess.run(words(python, "-c", "import ensurepip, venv"), stderr=subprocess.DEVNULL, check=False).returncode:
        raise Failed(f"{python} has no venv module; install it (on Debian and Ubuntu the package python3-venv)")
    shutil.rmtree(folder, ignore_errors=True)
    run(python, "-m", "venv", folder, quiet=True)
    if packages:
        # What is imported is compiled then.
        quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
        pip = (folder / "bin" / "python", "-m", "pip", "install", *quiet)
        run(*pip, *packages, quiet=True)
