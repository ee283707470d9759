"""The man pages and the shell completion of the callkey command: ``python3 -m tests.python.terminal``.

Every page renders without a warning, and bash, zsh and fish complete each word that is begun here. One line for each;
the last one counts them.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.script import IN_CI, Tally, expect, start, words
from tools.terminal import PLACES, SHARE

# What is typed, and the words that its last one may become. No word: nothing is completed.
TYPED = (
    ("callkey der", ["derive"]),
    ("callkey se", ["select", "selftest", "session"]),
    ("callkey session ex", ["export"]),
    ("callkey derive --any", ["--any-id"]),
    ("callkey derive --read-as he", ["hex"]),
    ("callkey derive --hex --key only-th", ["only-this.key"]),
    ("callkey inspect only-th", ["only-this.key"]),
    ("callkey session export --storage-k", ["--storage-key"]),
    ("callkey frame --call", []),
)
FILE = "only-this.key"
WAIT = 60
"""Seconds that a shell may take, on any machine."""


def pages() -> list[Path]:
    found = sorted((SHARE / "man").rglob("*.1"))
    expect(found, f"there is no man page in {SHARE}")
    return found


def rendered(page: Path) -> None:
    done = subprocess.run(words("groff", "-ww", "-mandoc", "-Tutf8", page), capture_output=True, text=True, check=False)
    expect(done.returncode == 0 and not done.stderr, f"groff warns of {page.name}:\n{done.stderr}")
    expect(page.stem in done.stdout, f"groff shows no {page.stem}")


def linted(page: Path) -> None:
    done = subprocess.run(words("mandoc", "-Tlint", "-W", "warning", page), capture_output=True, text=True, check=False)
    # A page has the version, and no date, so that it is the same whenever it is made.
    wrong = [line for line in done.stdout.splitlines() if "missing date" not in line]
    expect(not wrong, "\n".join(wrong))


def bash(typed: str, folder: Path) -> list[str]:
    line = shlex.split(typed)
    script = (
        f"source {shlex.quote(str(SHARE / PLACES['bash']))}\n"
        f"COMP_WORDS=({typed}) COMP_CWORD={len(line) - 1} COMP_LINE={shlex.quote(typed)} COMP_POINT={len(typed)}\n"
        "read -ra how < <(complete -p callkey)\n"
        'for ((i = 0; i < ${#how[@]}; i++)); do [ "${how[i]}" = -F ] && name=${how[i + 1]}; done\n'
        f'"$name" callkey {shlex.quote(line[-1])} {shlex.quote(line[-2])}\n'
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    return told("bash", "--norc", "-c", script, folder=folder)


def fish(typed: str, folder: Path) -> list[str]:
    script = f"source {shlex.quote(str(SHARE / PLACES['fish']))}; complete --do-complete {shlex.quote(typed)}"
    return [line.partition("\t")[0] for line in told("fish", "--no-config", "--command", script, folder=folder)]


def told(*command: str, folder: Path) -> list[str]:
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=WAIT, check=False
    )
    expect(not done.stderr, f"{command[0]}: {done.stderr}")
    return sorted(line for line in done.stdout.splitlines() if line)


def zsh(typed: str, folder: Path) -> list[str]:
    """zsh completes only in its line editor, so it has a terminal here. A single word is put into the line, which is
    then shown between marks; or words are listed, each with its help."""
    functions = shlex.quote(str((SHARE / PLACES["zsh"]).parent))
    ready, shown = "re''ady", 'shown() { print -r -- "<<$BUFFER>>" }; zle -N shown; bindkey "^X" shown'
    prepared = (
        f"PS1= ; unsetopt prompt_cr prompt_sp; fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D; "
        f'bindkey "^I" complete-word; {shown}; print -r -- {ready}\n'
    )
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment(folder))
    try:
        os.write(terminal, prepared.encode())
        until(terminal, "ready\r\n")
        os.write(terminal, f"{typed}\t\x18".encode())
        answer = until(terminal, ">>\r\n")
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    (line,) = re.findall(r"<<(.*)>>", answer)
    listed = re.findall(r"^([\w.-]+) +-- ", answer, re.M)
    return sorted(listed if line == typed else [line.split()[-1]])


def until(terminal: int, mark: str) -> str:
    shown = ""
    while mark not in shown:
        ready, _, _ = select.select([terminal], [], [], WAIT)
        expect(ready, f"zsh says nothing more after {shown!r}")
        shown += os.read(terminal, 4096).decode("utf-8", "replace")
    return shown


def environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def completes(tally: Tally, shell: str, complete: Callable[[str, Path], list[str]]) -> None:
    with tally.test(f"{shell}: completes commands, options, choices and files"), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / FILE).touch()
        for typed, wanted in TYPED:
            got = complete(typed, folder)
            expect(got == wanted, f"{shell}: {typed!r} becomes {got}, not {wanted}")


def has(tally: Tally, command: str, package: str) -> bool:
    if shutil.which(command):
        return True
    told = f'skipped: needs {command}, get it with "apt-get install {package}"'
    if IN_CI:
        tally.fail(told)
    else:
        tally.skipped.append(told)
        print(told, file=sys.stderr)
    return False


def main(_: list[str]) -> int:
    tally = Tally()
    if has(tally, "groff", "groff-base"):
        with tally.test(f"groff: renders {len(pages())} man pages without a warning"):
            for page in pages():
                rendered(page)
    if has(tally, "mandoc", "mandoc"):
        with tally.test(f"mandoc: has no warning for {len(pages())} man pages"):
            for page in pages():
                linted(page)
    for shell, complete in (("bash", bash), ("zsh", zsh), ("fish", fish)):
        if has(tally, shell, shell):
            completes(tally, shell, complete)
    return tally.end()


if __name__ == "__main__":
    start(main)
