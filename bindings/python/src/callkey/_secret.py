"""The base of all secrets: they can be wiped, and never print themselves."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
from collections.abc import Sequence
from ctypes import POINTER, c_size_t, c_uint8
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from ._call import Buffer, Invoke, accepted, call, fitted, length, pointer
from ._declarations import FINGERPRINT_BYTES, KEY_BYTES
from ._memory import Memory, Use, owner
from .errors import ArgumentError

Self = TypeVar("Self", bound="Secret")


class Secret(Memory):
    """Secret bytes in one buffer, which is set to zero by wipe(), at the end of ``with``, or with the object.

    A call that uses the secret in another thread still has the bytes: they become zero when the
    last such call is done, and each raises WipedError and returns nothing.

    The repr shows no byte; pickling and copying are rejected, because they would leave copies
    that can't be wiped. ``==`` takes the same time wherever the bytes differ. Only members that
    say so return a part or a copy.
    """

    __slots__ = ()

    __hash__ = None  # type: ignore[assignment]  # its bytes change when it is wiped

    _made_by = "one of its kinds, e.g. CallKey"

    def __init__(self, *given: NoReturn, **named: NoReturn) -> None:
        raise TypeError(f"{type(self).__name__} has no constructor: use {self._made_by}")

    @classmethod
    def _copied(cls: type[Self], data: Buffer | Secret) -> Self:
        """A separate copy of bytes or of a secret."""
        if isinstance(data, (Secret, memoryview)) and owner(data) is not None:
            with Use(data) as held:
                return cls._filled(held)
        assert not isinstance(data, Secret)
        return cls._filled(accepted(data))

    @classmethod
    def _cut(cls: type[Self], joint: Secret, start: int, end: int) -> Self:
        """A copy of a part of the library's output."""
        return cls._filled(memoryview(joint._buffer).cast("B")[start:end])

    @property
    def fingerprint(self) -> str:
        """16 hex digits to compare in logs and user interfaces; one-way, and not part of the protocol.

        For a 32-byte secret it is that of callkey_fingerprint; for any other, that of its
        SHA-256.
        """
        told: Secret = self
        if len(self) != KEY_BYTES:
            with Use(self) as held:
                told = Secret._filled(hashlib.sha256(held).digest())
        out = (c_uint8 * FINGERPRINT_BYTES)()
        call("callkey_fingerprint", out, told, KEY_BYTES)
        return bytes(out).hex()

    def reveal(self) -> bytes:
        """THE SECRET ITSELF, as bytes that Python can't wipe: for storage or another library, never for a log."""
        with Use(self) as held:
            return bytes(held)

    def __enter__(self: Self) -> Self:
        self._refuse_wiped()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, Secret)
        with Use(self) as mine, Use(other) as others:
            return hmac.compare_digest(mine, others)

    def __repr__(self) -> str:
        state = "wiped" if self.wiped else f"{len(self)} secret bytes"
        return f"<{type(self).__name__}: {state}>"

    def _refuse(self) -> NoReturn:
        raise TypeError(f"a {self._what} is not copied or pickled; reveal() returns its bytes if you really want them")

    def __copy__(self) -> NoReturn:
        self._refuse()

    def __deepcopy__(self, memo: dict[int, Any]) -> NoReturn:
        self._refuse()

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        self._refuse()

    def __getstate__(self) -> NoReturn:
        self._refuse()


def given(data: Buffer | Secret) -> Any:
    """A secret argument for attempt(), from a Secret or bytes."""
    return data if isinstance(data, Secret) else pointer(data)


def pieces(values: Sequence[Buffer]) -> tuple[Memory, Any, Any]:
    """A list of pointers to copies of the values, and the list of their lengths, for attempt(). The copies are in
    the memory that comes first: wipe it after the call.
    """
    lengths = (c_size_t * len(values))(*map(length, values))
    memory = Memory._zeros(sum(lengths) + 1)
    start = 0
    pointers = (POINTER(c_uint8) * len(values))()
    with memoryview(memory._buffer).cast("B") as target:
        for i, value in enumerate(values):
            end = start + lengths[i]
            if owner(value) is None:
                with memoryview(accepted(value)) as given, given.cast("B") as source:
                    target[start:end] = source
            else:
                assert isinstance(value, memoryview)
                with Use(value) as held:
                    target[start:end] = held
            pointers[i] = ctypes.cast(ctypes.addressof(memory._buffer) + start, POINTER(c_uint8))
            start = end
    return memory, pointers, lengths


def secret_bytes(data: Buffer | Secret, size: int, what: str) -> Any:
    """The same, of exactly ``size`` bytes, for arguments without a length in C."""
    where = given(data)
    if length(data) != size:
        raise ArgumentError(f"{what} is {length(data)} bytes, not {size}")
    return where


def sized_secret(kind: type[Self], invoke: Invoke) -> Self:
    """A variable output as a secret of that kind."""
    out, size = fitted(kind._zeros, invoke)
    if out is None:
        return kind._zeros(0)
    if size < len(out):  # random padding turned out shorter
        with out:
            return kind._cut(out, 0, size)
    secret: Self = out
    return secret
