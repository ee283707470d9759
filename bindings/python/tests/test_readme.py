"""The READMEs' sessions, run word by word in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import SRC

pytestmark = pytest.mark.slow

TREE = Path(__file__).parents[3]
README = TREE / "README.md"
PAGE = TREE / "bindings" / "python" / "README.md"


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)


def python(snippet: str, folder: Path) -> str:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippet],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout


def test_readme_session(tmp_path: Path) -> None:
    # The first example that a user tries would not work.
    snippets = blocks(README, "python")
    assert snippets
    for snippet in snippets:
        assert "<enc" in python(snippet, tmp_path)


def page_session() -> list[str]:
    """The page's snippets without the one on asyncio."""
    return [snippet for snippet in blocks(PAGE, "python") if "asyncio" not in snippet]


def test_page_session(tmp_path: Path) -> None:
    # The same, for those who find the package alone.
    shown = python("\n".join([*page_session(), "caller.close()\ncallee.close()"]), tmp_path)
    assert re.fullmatch(r"<CallKey: 32 secret bytes> [0-9a-f]{16}\n", shown)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.TaskGroup is new in Python 3.11")
def test_page_asyncio(tmp_path: Path) -> None:
    # A program with an event loop would stand still for a disk, wipe what its threads use, or lose a key it has opened.
    (asynchronous,) = (snippet for snippet in blocks(PAGE, "python") if "asyncio" in snippet)
    python("\n".join([*page_session(), "caller.close()\ncallee.close()", asynchronous]), tmp_path)


def steps(session: str) -> list[tuple[str, str]]:
    """The pairs (command, output) of a terminal session."""
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.M)
    assert session.count("\n") == sum(1 + shown.count("\n") for _, shown in found)  # nothing stands outside of a step
    return found


@pytest.mark.parametrize("path", [README, PAGE], ids=["README", "page"])
def test_terminal_sessions(path: Path, tmp_path: Path) -> None:
    # What a person types from the README would be refused, or show something else. (… stands for lines left out.)
    sessions = blocks(path, "console")
    assert sessions
    mark = "== 7f3a =="
    for session in sessions:
        expected = steps(session)
        script = "".join(f"{command}\nkept=$?; echo '{mark}'; (exit $kept)\n" for command, _ in expected)
        run = subprocess.run(
            ["sh", "-c", script],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            cwd=tmp_path,
            env={
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(SRC),
                "PYTHONUTF8": "1",
            },
        )
        assert run.stderr == ""
        shown = run.stdout.split(mark + "\n")[:-1]
        assert len(shown) == len(expected)
        for (command, wanted), got in zip(expected, shown):
            pattern = re.escape(wanted).replace("…\\\n", "(?:.*\\n)*")
            assert re.fullmatch(pattern, got), f"$ {command}\n{got}"
