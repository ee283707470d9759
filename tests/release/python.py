"""The wheel and the sdist, installed into a new virtual environment as pip's user does."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.release.place import fresh
from tests.wheels import pythons
from tools.dist import builder
from tools.script import ROOT, expect, run
from tools.version import VERSION


def session() -> str:
    [found] = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    return str(found)


def use(name: str, package: Path) -> str:
    work = fresh(name)
    run(sys.executable, "-m", "venv", work / "venv", quiet=True)
    bin = work / "venv" / "bin"
    pip = (bin / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir")
    run(*pip, package, cwd=work, quiet=True)
    told = run(bin / "callkey", "selftest", cwd=work)
    expect(f"loaded from  {work}/venv/lib/" in told, f"callkey selftest: the library is not that of the wheel:\n{told}")
    expect(run(bin / "callkey", "--version", cwd=work).split()[1] == VERSION, "callkey --version: another version")
    (work / "session.py").write_text(session(), encoding="utf-8")
    told = run(bin / "python", "session.py", cwd=work)
    expect("<enc " in told, f"README.md: its Python session printed no offer:\n{told}")
    return "pip installs it; callkey selftest and the README's session run"


PYTHONS = {"wheel-linux-arm64": pythons.arm64, "wheel-windows-amd64": pythons.windows}


def emulated(name: str, wheel: Path) -> str:
    """The wheel of another platform, put where that platform's Python looks for packages."""
    python = PYTHONS[name]()
    work = fresh(name)
    pip = (builder(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    platform = ("--only-binary", ":all:", "--platform", python.tag, "--target", work / "packages")
    run(*pip, *platform, wheel, quiet=True)
    (work / "session.py").write_text(session(), encoding="utf-8")
    asked = python.ask([work / "packages"], python.seen(work / "session.py"))
    expect(asked.returncode == 0 and "<enc " in asked.stdout, f"{python.title}: the README's session:\n{asked.stdout}")
    return f"{python.title}: the README's session runs"
