"""The keys of a receiver or sender, and what they do to one packet (RFC 3711 §4.1 and §4.2)."""

from __future__ import annotations

import hmac
import threading
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from .._media import _PARTS, SRTPKeys
from .._memory import PYPY, Use
from ..errors import ArgumentError, HandleError

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
except ImportError as missing:
    raise ImportError("callkey.srtp needs cryptography: pip install 'callkey[srtp]'", name="cryptography") from missing

Self = TypeVar("Self", bound="Context")

LAST_INDEX = (1 << 48) - 1


def tag_of(key: memoryview, authenticated: bytes, size: int) -> bytes:
    """The first bytes of HMAC-SHA1. The key is 20 bytes."""
    if not PYPY:
        return hmac.digest(key, authenticated, "sha1")[:size]
    # There the module is written in Python, and takes no view of a key.
    copy = bytearray(key)
    try:
        return hmac.digest(copy, authenticated, "sha1")[:size]
    finally:
        copy[:] = bytes(len(copy))


def part(held: memoryview, name: str) -> memoryview:
    start, end = _PARTS[name]
    return held[start:end]


def checked_keys(keys: SRTPKeys) -> SRTPKeys:
    if not isinstance(keys, SRTPKeys):
        raise TypeError(f"keys must be callkey.SRTPKeys, not {type(keys).__name__}")
    return keys


def checked_tag(auth_tag: int) -> int:
    if auth_tag not in (4, 10):
        raise ArgumentError(f"auth_tag is {auth_tag!r}; it is 4 or 10 bytes")
    return auth_tag


class Context:
    """The keys in use, and a lock: packets are taken one after the other, whatever the threads."""

    def __init__(self, keys: SRTPKeys, auth_tag: int) -> None:
        self._keys: SRTPKeys | None = checked_keys(keys)
        self._fingerprints = [keys.fingerprint]  # of all keys so far, the present ones last
        self._auth_tag = checked_tag(auth_tag)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Forgets the keys, which are not wiped. Every later use raises HandleError."""
        with self._lock:
            self._keys = None

    @property
    def closed(self) -> bool:
        return self._keys is None

    def _replace(self, keys: SRTPKeys) -> bool:
        """Returns whether they are other keys than the present ones.

        Earlier keys are refused: their replay window is gone, and a sender would encrypt two packets alike.
        """
        self._open()
        fingerprint = keys.fingerprint
        if fingerprint in self._fingerprints[:-1]:
            raise ArgumentError("keys: they were in use before the present ones")
        self._keys = keys
        if fingerprint == self._fingerprints[-1]:
            return False
        self._fingerprints.append(fingerprint)
        return True

    def _open(self) -> SRTPKeys:
        if self._keys is None:
            raise HandleError(f"the {type(self).__name__} is closed")
        return self._keys

    def _crypt(self, kind: str, ssrc: int, index: int, text: bytes) -> bytes:
        """Encrypts or decrypts by AES in counter mode; ``kind`` is "srtp" or "srtcp"."""
        with Use(self._open()) as held:
            aes = algorithms.AES(part(held, f"{kind}_cipher_key"))
            counter = bytearray(16)  # of the first block: salt · 2^16 ⊕ SSRC · 2^64 ⊕ index · 2^16
            try:
                counter[:14] = part(held, f"{kind}_salt")
                for at, byte in enumerate((ssrc << 48 ^ index & LAST_INDEX).to_bytes(10, "big"), start=4):
                    counter[at] ^= byte
                return bytes(Cipher(aes, modes.CTR(counter)).encryptor().update(text))
            finally:
                counter[:] = bytes(16)  # it tells the salt

    def _tag(self, kind: str, authenticated: bytes, size: int) -> bytes:
        with Use(self._open()) as held:
            return tag_of(part(held, f"{kind}_auth_key"), authenticated, size)

    def __enter__(self: Self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        # Two senders with one state would encrypt two packets alike.
        raise TypeError(f"a {type(self).__name__} is not copied or pickled")
