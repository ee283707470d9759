"""A file with a secret, which only its owner can read."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from types import TracebackType

import callkey
from callkey._memory import Use

from .exits import UsageError


class SecretFile:
    """A new file, which the end of ``with`` removes unless write() succeeded.

    It is made at once, so a path that can't be used is an error before a message is opened for
    it. With ``replaces`` the path is a file that stays as it is until write() replaces it as a
    whole. Raises UsageError.
    """

    def __init__(self, path: str, *, replaces: bool = False) -> None:
        self._path = os.path.realpath(path) if replaces else path
        self._told = path
        self._written = False
        try:
            if replaces:
                if not stat.S_ISREG(os.stat(self._path).st_mode):
                    raise UsageError(f"can't replace {path}: it is not a regular file")
                self._file, self._made = tempfile.mkstemp(prefix=".callkey-", dir=os.path.dirname(self._path))
            else:
                self._made = path
                self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as problem:
            raise self._refused(problem) from None

    def write(self, secret: callkey.Secret) -> None:
        """Writes the secret, and returns when the disk has it."""
        try:
            with Use(secret) as held, memoryview(held) as rest:
                done = 0
                while done < len(rest):
                    done += os.write(self._file, rest[done:])
            os.fsync(self._file)
            if self._made != self._path:
                os.replace(self._made, self._path)
            _sync_folder(self._path)
        except OSError as problem:
            raise self._refused(problem) from None
        self._written = True

    def _refused(self, problem: OSError) -> UsageError:
        return UsageError(f"can't write {self._told}: {problem.strerror}")

    def __enter__(self) -> SecretFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)
        if not self._written:
            with suppress(FileNotFoundError):  # it has replaced the file already
                os.unlink(self._made)


def _sync_folder(path: str) -> None:
    """Without it a power failure takes the new file's name away."""
    if os.name != "posix":
        return  # Windows opens no folders
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
