"""Test the wheel on the interpreter that runs this: ``PYTHON -m tests.python.one FOLDER WHEEL``.

Nothing is fetched, since a root reaches only what apt-get reaches: FOLDER/wheels has what the tests need.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.script import ROOT, start, words
from tools.venv import venv

# Slow tests that do not depend on the interpreter: the demo's processes, the variables of the environment and
# the progress bar.
LEFT_OUT = (
    *("--ignore", "tests/test_demo.py", "--ignore", "tests/test_environment.py"),
    *("--deselect", "tests/test_command.py::test_progress"),
)
# It asks the C compiler for the layout of the structs, and a root has none.
COMPILES = ("--deselect", "tests/test_declarations.py::test_same_layout")


def main(arguments: list[str]) -> int:
    folder, wheel = map(Path, arguments)
    # glibc overwrites freed memory, so a read after free gives wrong bytes.
    os.environ.update(MALLOC_PERTURB_="165", PIP_ROOT_USER_ACTION="ignore")
    python = venv(
        ROOT / folder / "venv",
        *("--no-index", "--find-links", folder / "wheels", wheel, "pytest", "exceptiongroup", "tomli"),
        python=sys.executable,
        belongs_to=f"{ROOT} {hashlib.sha256(wheel.read_bytes()).hexdigest()}",
    )
    pytest = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--races", "200", "--durations", "12")
    left_out = (*LEFT_OUT, *(() if shutil.which("cc") else COMPILES))
    return subprocess.run(words(python, *pytest, *left_out), cwd=ROOT / "bindings" / "python", check=False).returncode


if __name__ == "__main__":
    start(main)
