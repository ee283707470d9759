"""Compute the known answers once more: ``python3 -m testdata.vectors.check``.

independent.py does it, which shares no code with the library, in a virtual environment of its own.
"""

from __future__ import annotations

from tools.script import BUILD, ROOT, Failed, run, skip, start
from tools.venv import venv


def main(_: list[str]) -> None:
    try:
        python = venv(BUILD / "vectors-venv", "cryptography")
    except Failed as failure:
        print(failure)
        skip("the Python package cryptography", "pip install cryptography")
    print(run(python, "independent.py", "--check", cwd=ROOT / "testdata" / "vectors"), end="")


if __name__ == "__main__":
    start(main)
