"""The memory of a secret: it may be wiped at any time, and is zeroed after its last reader.

wipe() may come from another thread while the library reads the bytes: a task failed, its ``with``
ends, and other tasks still seal. If the bytes became zeros then, zeros would go out as a key,
authentic to the receiver. So every reader registers a Use. wipe() marks the secret at once: no
new Use begins, and a running one ends with an error. The last Use sets the bytes to zero.
_call.attempt makes the Use of every secret that goes to the library.

There is no lock. One set has the uses of a secret and the mark of a wipe, and each step is one
operation on the set, which the interpreter makes atomic, with and without the GIL. A Use enters
itself before it checks the mark, and the mark is set before the uses are checked: whichever comes
second sees the other. So nothing ever waits here: not a ``__del__`` that the garbage collector runs
in the middle of a step, not a signal handler, not the child of a fork.

A secret that is never wiped is zeroed when its object ends. CPython counts references and ends it
with the last one; PyPy ends it at a later garbage collection, and never if the process ends first.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import c_uint8
from types import TracebackType
from typing import Any, TypeVar

from .errors import WipedError

Self = TypeVar("Self", bound="Memory")
Struct = TypeVar("Struct", bound=ctypes.Structure)

PYPY = sys.implementation.name == "pypy"

_WIPED = 0  # among the ids of the uses: not the id of any object


class Memory:
    """Secret bytes in one array, and their uses."""

    __slots__ = ("__weakref__", "_buffer", "_shown", "_uses")

    _what = "secret"
    # Passed to the library directly. A bytearray would be exported for each call, and without the
    # GIL CPython 3.13 miscounts exports that begin at once in several threads.
    _buffer: ctypes.Array[c_uint8]
    _shown: _Shown  # on PyPy: the same bytes
    _uses: set[int]

    @classmethod
    def _zeros(cls: type[Self], size: int) -> Self:
        """For the library to write to."""
        secret = cls.__new__(cls)
        if PYPY:
            secret._shown = _Shown(size)
            secret._shown.secret = secret
            # From now on they don't move, so that the collector leaves no copies of their content.
            secret._buffer = (c_uint8 * size).from_buffer(secret._shown)
        else:
            secret._buffer = (c_uint8 * size)()
        secret._uses = set()
        return secret

    @classmethod
    def _filled(cls: type[Self], data: bytes | bytearray | memoryview) -> Self:
        """A copy of the bytes."""
        with memoryview(data) as given, given.cast("B") as source:
            secret = cls._zeros(len(source))
            if len(source):
                memoryview(secret._buffer).cast("B")[:] = source
        return secret

    def _view(self, start: int, end: int) -> memoryview:
        """A read-only view of a part. It keeps its secret alive; otherwise key.e2e_keys(jid).libsrtp_key
        would be zeros at once, wiped with the dropped keys. owner() finds the secret by the view's ``obj``.
        """
        self._refuse_wiped()
        if PYPY:  # there a view of a ctypes array keeps neither the array nor its memory alive
            return memoryview(self._shown)[start:end].toreadonly()
        window = (c_uint8 * (end - start)).from_buffer(self._buffer, start)
        window.secret = self  # type: ignore[attr-defined]
        return memoryview(window).cast("B").toreadonly()

    def _as(self, kind: type[Struct]) -> Struct:
        """The same bytes as a struct of the library's. For a new secret: nothing notes this use."""
        return kind.from_buffer(self._buffer)

    def _within(self) -> ctypes.Array[c_uint8] | None:
        """The bytes of the struct that the library takes the secret in, if there is one; zeroed after the call."""
        return None

    def _struct(self, struct: ctypes.Structure, at: int) -> ctypes.Array[c_uint8]:
        """The bytes of a struct with the secret in it at that offset."""
        whole = (c_uint8 * ctypes.sizeof(struct)).from_buffer_copy(struct)
        ctypes.memmove(ctypes.byref(whole, at), self._buffer, len(self._buffer))
        return whole

    def wipe(self) -> None:
        """Marks the secret as wiped at once, and sets its bytes to zero, or leaves that to the last call that uses it.

        Every later use except wipe() raises WipedError, and so does a running one: it returns
        nothing. Existing views see the zeros.
        """
        self._uses.add(_WIPED)
        self._settle()

    @property
    def wiped(self) -> bool:
        return _WIPED in self._uses

    def _refuse_wiped(self) -> None:
        if self.wiped:
            raise WipedError(f"the {self._what} was wiped")

    def _settle(self) -> bool:
        """Zeroes a wiped secret that is not in use; returns whether it was wiped."""
        if _WIPED not in self._uses:
            return False
        if len(self._uses) == 1:
            self._zero(self._buffer)
        return True

    @staticmethod
    def _zero(buffer: ctypes.Array[c_uint8]) -> None:
        # Without names of this module, which may be gone when the interpreter exits.
        if len(buffer):
            memoryview(buffer).cast("B")[:] = bytes(len(buffer))

    def __len__(self) -> int:
        return len(self._buffer)

    def __del__(self) -> None:
        if hasattr(self, "_uses"):  # not after a failed constructor
            self._uses.clear()  # its users hold it, so there are none
            self.wipe()


class _Shown(bytearray):
    """The bytes of a secret on PyPy, and the owner of its views. It is a reference cycle, which does no
    harm without reference counts.
    """

    secret: Memory


class Use:
    """One reader of a secret, or of a view of one. Until end() the bytes do not change.

    ``with`` gives the bytes, and raises at the end if the secret was wiped meanwhile. It also
    ends with the object, because a KeyboardInterrupt may come between any two steps.
    """

    __slots__ = ("_copy", "_memory", "_view")

    _copy: ctypes.Array[c_uint8] | None
    _view: memoryview | None

    def __init__(self, secret: Memory | memoryview) -> None:
        self._copy = self._view = None
        if isinstance(secret, Memory):
            memory = secret
        else:
            memory, self._view = _shown(secret), secret
        self._memory = memory
        memory._uses.add(id(self))
        if _WIPED in memory._uses:
            self.end()  # now: the exception's traceback keeps this object
            memory._refuse_wiped()

    def pointer(self, kind: Any) -> Any:
        """The argument for a C parameter of the ctypes pointer type ``kind``.

        For a view it is a copy, because Python does not reveal the address of a read-only view; and so it
        is for a struct that has the secret inside.
        """
        buffer, element = self._memory._buffer, kind._type_
        if self._view is not None:
            buffer = self._copy = (c_uint8 * self._view.nbytes).from_buffer_copy(self._view)
        elif issubclass(element, ctypes.Structure):
            whole = self._memory._within()
            if whole is not None:
                buffer = self._copy = whole
        if element is c_uint8:
            return buffer
        return (element * (len(buffer) // ctypes.sizeof(element))).from_buffer(buffer)

    def end(self) -> bool:
        """Returns whether the secret was wiped meanwhile."""
        if self._copy is not None:
            self._memory._zero(self._copy)
        self._memory._uses.discard(id(self))
        return self._memory._settle()

    def wiped(self) -> WipedError:
        return WipedError(f"the {self._memory._what} was wiped while it was in use")

    def __enter__(self) -> memoryview:
        return memoryview(self._memory._buffer).cast("B") if self._view is None else self._view

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.end() and kind is None:
            raise self.wiped()

    def __del__(self) -> None:
        if hasattr(self, "_memory"):
            self.end()


class Pointing:
    """A struct for the library with members that point to secrets: each is in use until the call returns."""

    def __init__(self, struct: ctypes.Structure, **members: Memory | None) -> None:
        self._struct = struct
        self._members = members

    def begin(self, uses: list[Use]) -> ctypes.Array[Any]:
        """The struct for a pointer argument. Adds the uses of its secrets to those of the call."""
        whole = (type(self._struct) * 1)(self._struct)
        kinds = {name: kind for name, kind, *_ in self._struct._fields_}
        for name, secret in self._members.items():
            if secret is not None:
                use = Use(secret)
                uses.append(use)
                setattr(whole[0], name, use.pointer(kinds[name]))
        return whole


def _shown(view: memoryview) -> Memory:
    memory = owner(view)
    if memory is None:
        raise TypeError("a memoryview of something other than a secret")
    return memory


def owner(data: Any) -> Memory | None:
    """The secret behind ``data``, through any number of views and arrays over them (numpy's ``base``)."""
    while data is not None:
        if isinstance(data, (ctypes.Array, _Shown)):
            data = getattr(data, "secret", None)
        if isinstance(data, Memory):
            return data
        data = data.obj if isinstance(data, memoryview) else getattr(data, "base", None)
    return None
