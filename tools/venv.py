"""Virtual environments of Python in build/."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.script import PYTHON, Failed, Word, run, words


def venv(folder: Path, *packages: Word, python: Word = PYTHON, belongs_to: str = "") -> Path:
    """The interpreter of an environment with these packages, or options, of pip's.

    It is made if there is none, and anew for another interpreter, for other packages, and for another text that it
    ``belongs_to``. Raises Failed.
    """
    told = run(python, "-c", "import sys; print(sys.version, sys.executable)")
    made_for = "\n".join([told, *words(*packages), belongs_to])
    mark, interpreter = folder / "made-for", folder / "bin" / "python"
    if mark.is_file() and mark.read_text(encoding="utf-8") == made_for:
        return interpreter
    if subprocess.run(words(python, "-c", "import ensurepip, venv"), stderr=subprocess.DEVNULL, check=False).returncode:
        raise Failed(f"{python} has no venv module; install it (on Debian and Ubuntu the package python3-venv)")
    shutil.rmtree(folder, ignore_errors=True)
    run(python, "-m", "venv", folder, quiet=True)
    if packages:
        run(interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages, quiet=True)
    mark.write_text(made_for, encoding="utf-8")
    return interpreter
