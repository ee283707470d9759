"""Encrypts what the tables hold, with a key that the database never sees."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Optional

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callkey import Secret

NONCE_BYTES = 12


class Seal:
    """AES-256-GCM. The name of the row is associated data, so that nobody who can write to the database exchanges two
    rows. It does not stop them from putting an older one back: see docs/database.md."""

    def __init__(self, key: bytes) -> None:
        """``key``: the app's, 32 bytes, from its key service or its environment; never from this database."""
        if len(key) != 32:
            raise ValueError(f"the app's key is {len(key)} bytes, not 32")
        self._key = key

    def seal(self, row: str, secret: Secret | bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        plaintext = secret.reveal() if isinstance(secret, Secret) else secret
        return nonce + self._of(row).encrypt(nonce, plaintext, row.encode())

    def open(self, row: str, sealed: Optional[bytes]) -> Optional[bytes]:
        """None for NULL. Raises cryptography.exceptions.InvalidTag if it was sealed for another row or by another key,
        or was changed."""
        if sealed is None:
            return None
        return self._of(row).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], row.encode())

    def _of(self, row: str) -> AESGCM:
        # A session's row is written with each message. With one key for all rows, random nonces of 12 bytes would soon
        # be too few.
        return AESGCM(hmac.digest(self._key, row.encode(), hashlib.sha256))
