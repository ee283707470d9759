"""One device of an account: a JID and its own store."""

from __future__ import annotations

from base64 import b64decode, b64encode
from types import TracebackType

from frame import Message
from package import callkey


class Device:
    """An encrypted SQLite store, opened for as long as the device is switched on."""

    def __init__(self, jid: str, path: str, storage_key: str) -> None:
        self.jid = jid
        self.store = callkey.Store.open(path, storage_key=bytes.fromhex(storage_key))

    def __enter__(self) -> Device:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.store.close()

    def publish(self) -> callkey.PrekeyBundle:
        """Makes a bundle for others to fetch from the server; it has its own prekeys."""
        return self.store.take_bundle()

    def seal(self, peer: str, key: callkey.CallKey) -> Message:
        """A call key for one peer, as sent."""
        enc = self.store.seal_enc(peer, key)
        return {"enc_type": enc.enc_type.value, "ciphertext": b64encode(enc.ciphertext).decode()}

    def open(self, peer: str, enc: Message) -> callkey.CallKey:
        return self.store.open_enc(peer, callkey.EncType(enc["enc_type"]), b64decode(enc["ciphertext"]))
