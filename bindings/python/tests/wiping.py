"""A host that wipes a secret while a function of the library uses it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import pytest

from callkey import Secret, _library
from callkey._declarations import RecordKeysStruct


class Wiping:
    """Stands in for the loaded library. In the ``turn``-th call that has ``secret``, another thread wipes it.

    ``functions`` are those that had it, ``intact`` says whether they had its bytes, whatever the other thread did.
    """

    def __init__(self, secret: Secret, turn: int) -> None:
        self.real = _library.library()
        self.secret = secret
        self.bytes = secret.reveal()
        self.turn = turn
        self.functions: list[str] = []
        self.intact = True

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.real, name)
        return function if function.argtypes is None else _Function(self, function, name)

    def look(self, arguments: tuple[Any, ...]) -> None:
        """The function must read the secret, or the given part of it, or a struct that has it or points to it."""
        read = [bytes(a) for a in arguments if hasattr(a, "_length_")]
        for a in arguments:
            if isinstance(a, ctypes.Array) and a._type_ is RecordKeysStruct:
                read += pointed(a)
        self.intact = self.intact and any(any(part) and (part in self.bytes or self.bytes in part) for part in read)

    def run(self, use: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> object:
        with monkeypatch.context() as patch:
            patch.setattr(_library, "_library", self)
            return use()


class _Function:
    def __init__(self, library: Wiping, real: Any, name: str) -> None:
        self.library, self.real, self.name = library, real, name
        self.argtypes = real.argtypes

    def __call__(self, *arguments: Any) -> Any:
        host = self.library
        if not host.secret._uses - {0}:
            return self.real(*arguments)
        host.functions.append(self.name)
        if len(host.functions) == host.turn:
            in_thread(host.secret.wipe)
            assert host.secret.wiped
        host.look(arguments)
        result = self.real(*arguments)
        host.look(arguments)
        return result


def pointed(keys: Any) -> list[bytes]:
    """What the members of a RecordKeysStruct point to."""
    c = keys[0]
    privates = [ctypes.string_at(key, 32) for key in (c.prekey_private, c.signed_prekey_private) if key]
    return privates + ([bytes(c.account[0])] if c.account else [])


def in_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it waits for a thread that waits for it"
