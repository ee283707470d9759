"""What all secrets have in common: they can be wiped, and they don't show themselves."""

from __future__ import annotations

import hashlib
import hmac
from ctypes import c_uint8
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from ._call import call, fixed, pointer
from ._declarations import FINGERPRINT_BYTES, KEY_BYTES

Self = TypeVar("Self", bound="Secret")


class Secret:
    """Secret bytes in one buffer, which is set to zero by wipe(), at the end of ``with``, or with the object.

    The repr shows no byte; pickling and copying are refused, because each would
    leave a copy that nobody wipes. ``==`` takes the same time wherever the
    bytes differ. A part or a copy is only given out by members that say so.
    """

    __slots__ = ("__weakref__", "_buffer", "_wiped")

    _what = "secret"
    _buffer: bytearray
    _wiped: bool

    __hash__ = None  # type: ignore[assignment]  # its bytes change when it is wiped

    def __init__(self) -> None:
        raise TypeError(f"{type(self).__name__} has no constructor; see its class methods")

    @classmethod
    def _own(cls: type[Self], buffer: bytearray) -> Self:
        """Takes ``buffer`` over without a copy; whoever made it forgets it."""
        secret = cls.__new__(cls)
        secret._buffer = buffer
        secret._wiped = False
        return secret

    def _live(self) -> bytearray:
        if self._wiped:
            raise ValueError(f"the {self._what} was wiped")
        return self._buffer

    def _view(self, start: int, end: int) -> memoryview:
        window = (c_uint8 * (end - start)).from_buffer(self._live(), start)
        # The view holds its secret: key.e2e_keys(jid).libsrtp_key would else be zeros at once,
        # wiped with the keys that nobody holds.
        window.secret = self  # type: ignore[attr-defined]
        return memoryview(window).cast("B").toreadonly()

    @property
    def fingerprint(self) -> str:
        """16 hex digits to compare in logs and user interfaces; one-way, and not part of the protocol.

        Of a 32-byte secret it is callkey_fingerprint's; of any other, that of its SHA-256.
        """
        buffer = self._live()
        if len(buffer) != KEY_BYTES:
            buffer = bytearray(hashlib.sha256(buffer).digest())
        out = (c_uint8 * FINGERPRINT_BYTES)()
        call("callkey_fingerprint", out, pointer(buffer), len(buffer))
        return bytes(out).hex()

    def reveal(self) -> bytes:
        """THE SECRET ITSELF, as bytes that Python can't wipe: for storage or another library, never for a log."""
        return bytes(self._live())

    def wipe(self) -> None:
        """Sets the bytes to zero; every later use but wipe() is a ValueError. Views given out see the zeros."""
        self._wiped = True
        self._buffer[:] = bytes(len(self._buffer))  # in place: the same memory, not a new buffer

    @property
    def wiped(self) -> bool:
        return self._wiped

    def __enter__(self: Self) -> Self:
        self._live()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()

    def __del__(self) -> None:
        if hasattr(self, "_buffer"):  # not after a refused constructor
            self.wipe()

    def __len__(self) -> int:
        return len(self._buffer)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, Secret)
        return hmac.compare_digest(self._live(), other._live())

    def __repr__(self) -> str:
        state = "wiped" if self._wiped else f"{len(self._buffer)} secret bytes"
        return f"<{type(self).__name__}: {state}>"

    def _refuse(self) -> NoReturn:
        raise TypeError(f"a {self._what} is not copied or pickled; reveal() gives its bytes if you mean it")

    def __copy__(self) -> NoReturn:
        self._refuse()

    def __deepcopy__(self, memo: dict[int, Any]) -> NoReturn:
        self._refuse()

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        self._refuse()

    def __getstate__(self) -> NoReturn:
        self._refuse()


def secret_bytes(data: Any, size: int, what: str) -> Any:
    """A pointer to a secret argument of a fixed size, given as bytes or as a Secret."""
    return fixed(data._live() if isinstance(data, Secret) else data, size, what)


def own_sized(out: Any, size: int) -> bytearray:
    """The first ``size`` bytes of a C output as a buffer for Secret._own; the output is wiped."""
    if out is None:
        return bytearray()
    view = memoryview(out).cast("B")
    buffer = bytearray(view[:size])
    view[:] = bytes(len(view))
    return buffer
