"""The style of the Python code: ``python3 -m tools.style [FILE...]``.

ruff looks at the files (all without an argument) and at their format, by ruff.toml; ``mypy --strict`` at the Python
package with its tests and demo, by bindings/python/pyproject.toml. What ruff can mend, ``python3 -m tools.style --fix``
mends. Both are the versions of tools/requirements.txt, in build/style.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.script import BUILD, ROOT, Failed, run, skip, start

VENV = BUILD / "style"
REQUIREMENTS = ROOT / "tools" / "requirements.txt"


def installed() -> Path:
    """The folder of ruff, mypy and pytest. It is made anew for another interpreter and for other versions."""
    made_for = f"{sys.version} {sys.executable}\n{REQUIREMENTS.read_text(encoding='utf-8')}"
    mark, commands = VENV / "made-for", VENV / "bin"
    if mark.is_file() and mark.read_text(encoding="utf-8") == made_for:
        return commands
    try:
        run(sys.executable, "-m", "venv", "--clear", VENV, quiet=True)
        run(commands / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS, quiet=True)
    except Failed as failure:
        print(failure, file=sys.stderr)
        skip("ruff and mypy", f"apt-get install python3-venv, and {commands / 'pip'} install -r {REQUIREMENTS}")
    mark.write_text(made_for, encoding="utf-8")
    return commands


def main(arguments: list[str]) -> None:
    commands = installed()
    ruff = commands / "ruff"
    fix = "--fix" in arguments
    files = [file for file in arguments if file != "--fix"] or ["."]
    cache = ("--cache-dir", BUILD / "ruff")
    run(ruff, "check", "--quiet", *cache, *(["--fix"] if fix else []), *files, quiet=True)
    print("ruff: nothing")
    run(ruff, "format", *cache, *([] if fix else ["--diff"]), "--quiet", *files, quiet=True)
    print("format: nothing")
    found = run(
        commands / "mypy", "--cache-dir", BUILD / "mypy", cwd=ROOT / "bindings" / "python", quiet=True
    ).splitlines()
    print(f"mypy: {found[-1]}")


if __name__ == "__main__":
    start(main)
