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

PYPY = sys.implementation.name == "pypy"

# Of the slow tests those that judge a text which tests.python.run judges through the same binding: the sessions of the
# demo, the examples and the documentation, the library's own view of the environment, colours, what the command shows
# of damaged captures, and an output beyond one that argparse writes and one that the command writes. What an
# interpreter can do in its own way stays: the binding, buffers, ends of objects, threads, signals, processes, texts,
# argparse.
LEFT_OUT = (
    "tests/test_demo.py",
    "tests/test_environment.py",
    "tests/test_examples.py",
    "tests/test_readme.py",
    "tests/test_command.py::test_colours",
    "tests/test_command.py::test_progress",
    "tests/test_inspect_command.py::test_anything",
    "tests/test_command.py::test_output_lost[tree]",
    "tests/test_command.py::test_output_lost[tree --svg -]",
)
# On PyPy, where each takes a dozen seconds, also hostile captures, which CPython judges with the same Python code, and
# the memory for a large one.
LEFT_OUT_ON_PYPY = (
    "tests/test_capture.py::test_any_bytes",
    "tests/test_capture.py::test_floods",
    "tests/test_capture_size.py",
)
# PyPy takes minutes for 512 MiB, which test-full has on CPython.
CAPTURE_MIB = "6"
# PyPy makes its nursery half as large as the processor's cache, which can be hundreds of MiB. A collection takes longer
# then, and a small capture takes more memory than a large one may.
NURSERY = "4M"
# pylibsrtp has no wheels for PyPy (interpreters.py). What libsrtp judges on CPython is the same Python code, and
# test_srtp.py has packets that libsrtp made. PyPy's HMAC is written in Python, and leaves copies of its key.
CPYTHON_ONLY = ("tests/test_srtp_judged.py", "tests/test_srtp_residue.py")
# numpy takes longer to install than these tests to run. Other arrays are tried everywhere.
NUMPY = ("tests/test_srtp_numpy.py",)
# PyAV has no wheels for all of them.
AV = ("tests/test_capture_wav.py",)
# It asks the C compiler for the layout of the structs, and a root has none.
COMPILES = ("tests/test_declarations.py::test_same_layout",)


def main(arguments: list[str]) -> int:
    folder, wheel = map(Path, arguments)
    # glibc overwrites freed memory, so a read after free gives wrong bytes.
    os.environ.update(MALLOC_PERTURB_="165", PIP_ROOT_USER_ACTION="ignore", PYPY_GC_NURSERY=NURSERY)
    python = venv(
        ROOT / folder / "venv",
        *("--no-index", "--find-links", folder / "wheels", wheel, "pytest", "exceptiongroup", "tomli"),
        *("cryptography", "dpkt", *(() if PYPY else ("pylibsrtp",))),
        python=sys.executable,
        belongs_to=f"{ROOT} {hashlib.sha256(wheel.read_bytes()).hexdigest()}",
    )
    pytest = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--races", "200", "--durations", "12")
    ignored = tuple(f"--ignore={test}" for test in (*NUMPY, *AV, *(CPYTHON_ONLY if PYPY else ())))
    left_out = (*LEFT_OUT, *(LEFT_OUT_ON_PYPY if PYPY else ()))
    length: tuple[str, ...] = ()
    if os.environ.get("FULL"):
        left_out, length = (), ("--full", "--capture-mib", CAPTURE_MIB)
    chosen = tuple(f"--deselect={test}" for test in (*left_out, *(() if shutil.which("cc") else COMPILES)))
    command = words(*pytest, *ignored, *length, *chosen)
    return subprocess.run(command, cwd=ROOT / "bindings" / "python", check=False).returncode


if __name__ == "__main__":
    start(main)
