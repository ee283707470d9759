"""C programs of the tests: compiled against a library of any kind, and run with a limit."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Optional

from tools.script import ROOT, Failed, Word, compiler, ending, run, sources, words


@cache
def version(*cc: str) -> str:
    return run(*cc, "--version")


class Objects:
    """Objects of sources that include no file from outside these folders, in a folder that processes share. Those of
    older sources are removed."""

    def __init__(self, folder: Path, *of: Word) -> None:
        self.of = words(*of)
        digest = hashlib.sha256()
        for name in sources(*self.of):
            digest.update(f"{name}\0{hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}\n".encode())
        self.folder = folder / digest.hexdigest()[:16]
        for old in folder.glob("*"):
            if old != self.folder:
                shutil.rmtree(old, ignore_errors=True)

    def has_all_of(self, source: Word) -> bool:
        return any(Path(source).is_relative_to(folder) for folder in self.of)

    def object(self, cc: Sequence[str], arguments: Sequence[str]) -> Path:
        how = "\n".join([version(*cc), *cc, *arguments])
        made = self.folder / f"{Path(arguments[-1]).stem}-{hashlib.sha256(how.encode()).hexdigest()[:16]}.o"
        if not made.exists():
            made.parent.mkdir(parents=True, exist_ok=True)
            # Under a name of this thread's until it is whole.
            partial = made.with_suffix(f".{os.getpid()}-{threading.get_ident()}.o")
            run(*cc, *arguments, "-o", partial, quiet=True)
            partial.rename(made)
        return made


class Compiler:
    """Compiles programs into a folder, nothing twice: programs that share a source and its flags share its object.

    ``cc`` is the environment's CC by default; ``link`` is what each program is linked with. Threads may share a
    compiler. With ``kept``, the objects of sources in the tree are shared with other processes.
    """

    def __init__(
        self,
        out: Path,
        *flags: Word,
        cc: Optional[Sequence[Word]] = None,
        link: Sequence[Word] = (),
        kept: Optional[Objects] = None,
    ) -> None:
        self.out = out
        self.kept = kept
        self.cc = words(*(cc or compiler()))
        self.flags = words("-Wall", "-Wextra", "-Werror", "-Iinclude", *flags)
        self.link = words(*link)
        self._made: dict[tuple[str, ...], Path] = {}
        self._making = threading.RLock()

    def object(self, source: Word, *flags: Word) -> Path:
        arguments = words(*self.flags, *flags, "-c", source)
        if self.kept is not None and self.kept.has_all_of(source):
            return self.kept.object(self.cc, arguments)
        return self._once(self.out / "objects" / f"{Path(source).stem}-{len(self._made)}.o", *arguments)

    def program(self, name: str, sources: Iterable[Word], library: Optional[Path] = None, *flags: Word) -> Path:
        """A program in the folder. The flags may be the linker's too."""
        if library is None or library.suffix != ".dll":
            return self._link(self.out / name, sources, library, *flags)
        program = self._link(self.out / name / f"{Path(name).name}.exe", sources, library, *flags)
        # Windows looks for a library in the program's folder.
        shutil.copy2(library, program.parent)
        return program

    def shared(self, name: str, sources: Iterable[Word], library: Optional[Path] = None, *flags: Word) -> Path:
        """A shared object NAME.so in the folder."""
        return self._link(self.out / f"{name}.so", sources, library, "-fPIC", "-shared", *flags)

    def _link(self, made: Path, sources: Iterable[Word], library: Optional[Path], *flags: Word) -> Path:
        libraries = [flag for flag in words(*flags) if flag.startswith("-l")]
        others = [flag for flag in words(*flags) if flag not in libraries]
        compiling = [flag for flag in others if not flag.startswith(("-Wl,", "-shared", "-static"))]
        with self._making:
            objects = [s if Path(s).suffix in (".o", ".so") else self.object(s, *compiling) for s in sources]
            found = [] if library is None else linked(library)
            return self._once(made, *others, *objects, *found, *libraries, *self.link, "-pthread")

    def _once(self, made: Path, *arguments: Word) -> Path:
        key = tuple(words(*arguments))
        with self._making:
            if key not in self._made:
                made.parent.mkdir(parents=True, exist_ok=True)
                run(*self.cc, *arguments, "-o", made, quiet=True)
                self._made[key] = made
            return self._made[key]


def linked(library: Path) -> list[Word]:
    """The linker arguments for this library."""
    if library.suffix == ".dll":
        return [library.with_name("libcallkey.dll.a"), "-static"]
    if library.suffix == ".a":
        return [library]
    return [library, f"-Wl,-rpath,{library.parent.resolve()}"]


@dataclass(frozen=True)
class Ended:
    """A program that has ended, and its output."""

    command: str
    status: int  # negative: the signal that ended it
    stdout: str
    stderr: str
    late: bool  # it was killed at its time limit

    @property
    def said(self) -> str:
        return self.stdout + self.stderr

    def held(self) -> str:
        """Its stdout. Raises Failed if it did not end with 0."""
        if self.status != 0:
            raise self.failure()
        return self.stdout.strip()

    def told(self) -> str:
        """The same for a program that must print something: a silent one may have done nothing."""
        said = self.held()
        if not said:
            raise self.failure("it said nothing")
        return said

    def failure(self, wrong: str = "") -> Failed:
        """A failure with the reason, by default its exit status, and its whole output."""
        wrong = wrong or ("no end within its time" if self.late else ending(self.status))
        return Failed(f"{self.command}: {wrong}\n{self.said}".rstrip())


def ended(
    *command: Word,
    limit: float,
    env: Optional[dict[str, str]] = None,
    cwd: Path = ROOT,
    log: Optional[Path] = None,
) -> Ended:
    """Run a program to its end. At the limit, in seconds, it and its children are killed.

    ``env`` is added to this process's variables. With a log, stdout and stderr go to that file and both are stdout.
    """
    with tempfile.TemporaryFile() as errors, log.open("w+b") if log else tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            words(*command),
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if log else errors,
            start_new_session=True,
        )
        late = False
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        return Ended(shlex.join(words(*command)), process.returncode, text_of(output), text_of(errors), late)


def text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
