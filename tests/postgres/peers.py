"""The peers: accounts of the official Signal client library, in one process of Node.js for each version of it."""

from __future__ import annotations

import threading
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Optional

from tests.peers.peer import Peer, Refused
from tests.postgres.package import callkey
from tools.script import ROOT

DRIVER = ROOT / "tests" / "signal-client" / "peer.js"
VERSIONS = ("0.22.0", "0.58.0")
BOT = {"name": "bot", "device": 0}


class Sealed(NamedTuple):
    enc_type: str
    ciphertext: bytes


class Peers:
    """Use it in ``with``, from any thread. Each account knows one address: ours."""

    def __init__(self) -> None:
        self._processes = [Peer(f"postgres-{version}", "node", DRIVER, version) for version in VERSIONS]
        self._locks = [threading.Lock() for _ in VERSIONS]
        self._met: set[str] = set()

    def create(self, jids: Sequence[str]) -> None:
        for jid in jids:
            self._ask(jid, "create")

    def bundle(self, jid: str) -> callkey.PrekeyBundle:
        made = self._ask(jid, "publish", prekey=True)
        return callkey.PrekeyBundle(
            registration_id=made["registrationId"],
            identity_key=b64decode(made["identityKey"]),
            signed_prekey_id=made["signedPrekeyId"],
            signed_prekey=b64decode(made["signedPrekey"]),
            signed_prekey_signature=b64decode(made["signature"]),
            prekey_id=made["prekeyId"],
            prekey=b64decode(made["prekey"]),
        )

    def knows_us(self, jid: str) -> bool:
        return jid in self._met

    def begin(self, jid: str, bundle: callkey.PrekeyBundle) -> None:
        theirs = {
            "registrationId": bundle.registration_id,
            "identityKey": _text(bundle.identity_key),
            "signedPrekeyId": bundle.signed_prekey_id,
            "signedPrekey": _text(bundle.signed_prekey),
            "signature": _text(bundle.signed_prekey_signature),
            "prekeyId": bundle.prekey_id,
            "prekey": _text(bundle.prekey),
        }
        self._ask(jid, "begin", bundle=theirs, **BOT)
        self._met.add(jid)

    def seal(self, jid: str, plaintext: bytes) -> Sealed:
        made = self._ask(jid, "encrypt", plaintext=_text(plaintext), **BOT)
        return Sealed(made["type"], b64decode(made["ciphertext"]))

    def open(self, jid: str, enc_type: str, ciphertext: bytes) -> bytes:
        """Raises Refused with the library's error."""
        opened = self._ask(jid, "decrypt", type=enc_type, ciphertext=_text(ciphertext), **BOT)
        self._met.add(jid)
        return b64decode(opened["plaintext"])

    def _ask(self, jid: str, op: str, **fields: Any) -> dict[str, Any]:
        place = zlib.crc32(jid.encode()) % len(VERSIONS)
        with self._locks[place]:
            answer = self._processes[place].exchange(op, {"op": op, "account": jid, **fields})
        if "error" in answer:
            raise Refused(f"{answer['error']['name']}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def __enter__(self) -> Peers:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        for process in self._processes:
            process.close()


def _text(data: bytes) -> str:
    return b64encode(data).decode()
