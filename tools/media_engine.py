"""make demo-media: a call of the media engine (examples/media-engine), and then the field's most frequent bug.

SPEED (default 1) times real time; WAV is what Alice says. CC is the compiler.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from tools.script import BUILD, ROOT, Failed, Word, compiler, run, skip, start, words
from tools.version import LIBRARY

SOURCES = sorted(Path("examples/media-engine").glob("*.c"))
FOLDER = Path("build/media-engine")


def need_libraries() -> None:
    header = BUILD / "media-engine.h"
    header.parent.mkdir(exist_ok=True)
    header.write_text("#include <srtp2/srtp.h>\n#include <opus/opus.h>\n")
    if subprocess.run([*compiler(), "-E", header], capture_output=True, check=False).returncode != 0:
        skip("libsrtp2-dev and libopus-dev", "apt-get install libsrtp2-dev libopus-dev")


def build(program: Path, *flags: Word, cc: Optional[Sequence[str]] = None) -> Path:
    """Compile the media engine with the built library."""
    (ROOT / program).parent.mkdir(parents=True, exist_ok=True)
    warnings = ("-Wall", "-Wextra", "-Werror", "-pedantic")
    linked = (LIBRARY, f"-Wl,-rpath,{LIBRARY.parent}", "-lsrtp2", "-lopus", "-lm", "-pthread")
    standard = ("-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-g", "-Iinclude")
    run(*(cc or compiler()), *standard, *warnings, *flags, *SOURCES, "-o", program, *linked, quiet=True)
    return program


def current(program: Path) -> Path:
    """Compile the media engine unless it is as new as its sources."""
    sources = [*(ROOT / "examples/media-engine").glob("*.[ch]"), ROOT / "include/callkey.h", LIBRARY]
    made = (ROOT / program).stat().st_mtime if (ROOT / program).exists() else 0.0
    return program if made > max(source.stat().st_mtime for source in sources) else build(program)


def play(program: Path, *options: Word) -> int:
    """Run a call and return its exit status."""
    sys.stdout.flush()
    command = words(program, "--speed", os.environ.get("SPEED", "1"), *options)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main(_: list[str]) -> None:
    need_libraries()
    program = current(FOLDER / "media-engine")
    wav = os.environ.get("WAV")
    if play(program, *(["--wav", wav] if wav else []), FOLDER / "call") != 0:
        raise SystemExit(1)
    print()
    if play(program, "--wrong-device", FOLDER / "wrong-device") != 1:
        raise Failed("a call keyed for the wrong device was not noticed")
    print(f"""
Those failures are the point. Deriving keys for a device that did not answer
fails nowhere: the tags are wrong, and where nobody checks tags the audio is
noise. Listen:
  {FOLDER}/call/bob-heard-by-alice.wav
  {FOLDER}/wrong-device/bob-heard-by-alice.wav""")


if __name__ == "__main__":
    start(main)
