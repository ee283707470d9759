"""A device's other messages, in the sessions of its calls."""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode
from typing import Any, Optional

from tests.bot.device.media import Report
from tests.bot.device.sessions import Sessions
from tests.bot.package import callkey


class Messages:
    def __init__(self, store: callkey.Store, sessions: Sessions) -> None:
        self.store, self.sessions = store, sessions
        self.written: dict[str, bytes] = {}
        self.read: set[str] = set()

    def write(self, message: str, devices: list[str], size: int) -> dict[str, Any]:
        """A text of random bytes, for each device."""
        text = self.written[message] = os.urandom(size)
        made, sealed = self.sessions.seal_all(devices, lambda: self.store.seal_messages(dict.fromkeys(devices, text)))
        sent = [_sent(message, one.jid, one.enc_type, one.content, sealed) for one in made]
        return {"sent": sent, "keys": _reports(message, text)}

    def again(self, message: str, jid: str) -> Optional[dict[str, Any]]:
        if message not in self.written:
            return None
        self.sessions.begin(jid)
        enc, sealed = self.sessions.seal([jid], lambda: self.store.seal_message(jid, self.written[message]))
        return _sent(message, jid, enc.enc_type, enc.ciphertext, sealed)

    def opened(self, body: dict[str, Any]) -> dict[str, Any]:
        """A message. If the body says so, we take it for a call key at first, which must leave it as it is."""
        sender, message = body["from"], body["call"]
        enc_type, ciphertext = callkey.EncType(body["enc_type"]), b64decode(body["ciphertext"])
        refusal = self._as_key(sender, enc_type, ciphertext) if body["as_key"] else None
        text = self.store.open_message(sender, enc_type, ciphertext)
        # A kept message that was opened before is a duplicate as a key.
        if not isinstance(refusal, (type(None), callkey.MalformedError, callkey.DuplicateError)):
            raise RuntimeError(f"{message} opens, and was {refusal.name} as a call key")
        self.read.add(message)
        return {"call": message, "outcome": "opened", "sender": sender, "keys": _reports(message, text)}

    def _as_key(self, sender: str, enc_type: callkey.EncType, ciphertext: bytes) -> callkey.CallKeyError:
        try:
            self.store.open_enc(sender, enc_type, ciphertext)
        except callkey.CallKeyError as error:
            return error
        raise RuntimeError("a message opened as a call key")

    def end(self, message: str) -> None:
        self.written.pop(message, None)
        self.read.discard(message)


def _sent(
    message: str, jid: str, enc_type: callkey.EncType, ciphertext: bytes, sealed: dict[str, dict[str, str]]
) -> dict[str, Any]:
    return {
        "message": message,
        "to": jid,
        "enc_type": enc_type,
        "ciphertext": b64encode(ciphertext).decode(),
        "sealed": sealed[jid],
    }


def _reports(message: str, text: bytes) -> list[Report]:
    return [[message, "all", "text", hashlib.sha256(text).hexdigest()]]
