"""Test examples/postgres: ``python3 -m tests.postgres.run [SECONDS]``, by default 60 of load.

It gets what trial.py needs, a virtual environment in build/ with the example's packages and the Signal client library,
and runs it there. Ends with one line: N passed, N failed.
"""

from __future__ import annotations

import os
from importlib import import_module

from tests.postgres.programs import programs
from tools.script import BUILD, ROOT, Failed, need, skip, start, usage
from tools.venv import venv

EXAMPLE = ROOT / "examples" / "postgres"
REQUIREMENTS = EXAMPLE / "requirements.txt"


def main(arguments: list[str]) -> None:
    if len(arguments) > 1 or not all(word.isdigit() for word in arguments):
        usage(__doc__)
    need("node", "nodejs npm")
    need("npm", "nodejs npm")
    if programs() is None:
        skip("PostgreSQL", "apt-get install postgresql")
    try:
        python = venv(BUILD / "postgres-venv", "-r", REQUIREMENTS, belongs_to=REQUIREMENTS.read_text(encoding="utf-8"))
    except Failed as failure:
        print(failure)
        skip("psycopg and cryptography", f"pip install -r {REQUIREMENTS.relative_to(ROOT)}")
    import_module("tests.signal-client.install").main([])
    path = os.pathsep.join(str(folder) for folder in (ROOT, EXAMPLE, ROOT / "bindings" / "python" / "src"))
    words = [str(python), "-m", "tests.postgres.trial", *(arguments or ["60"])]
    os.execve(python, words, {**os.environ, "PYTHONPATH": path})


if __name__ == "__main__":
    start(main)
