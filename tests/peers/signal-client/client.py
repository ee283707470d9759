"""The driver of tests/signal-client, as a peer of pair.py that keeps an account in the file of move_records.py."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from tests.peers.peer import Peer, Refused
from tools.script import ROOT

DRIVER = ROOT / "tests" / "signal-client" / "peer.js"
CALL_KEY = bytes.fromhex("52220a20")  # Message.call.callKey, before the 32 bytes
PADDING = bytes([12]) * 12


class Client(Peer):
    """One version of the client library. Its answers are those that pair.py and migration.py name."""

    def __init__(self, version: str, folder: Path) -> None:
        super().__init__("signal-client", "node", DRIVER, version, cwd=folder)
        self.folder = folder
        self.saved: dict[str, dict[str, Any]] = {}

    def ask(self, do: str, **fields: Any) -> Any:
        account = fields["account"]
        jid = fields.get("jid", "")
        return getattr(self, do)(account, jid, **{k: v for k, v in fields.items() if k not in ("account", "jid")})

    def call(self, op: str, account: str, jid: str, **fields: Any) -> dict[str, Any]:
        name, _, server = jid.partition("@")
        name, _, device = name.partition(":")
        at = {"account": account, "name": f"{name}@{server}", "device": int(device or 0)}
        answer = self.exchange(op, {"op": op, **at, **fields})
        if "error" in answer:
            raise Refused(f"{answer['error']['name']}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def create(self, account: str, jid: str) -> None:
        made = self.call("create", account, jid)
        self.saved[account] = {
            "registration_id": made["registrationId"],
            "identity": made["identityPrivate"],
            "signed_prekeys": {},
            "prekeys": {},
            "sessions": {},
        }

    def bundle(self, account: str, jid: str, prekey: bool) -> dict[str, Any]:
        made = self.call("publish", account, "", prekey=prekey)
        saved = self.saved[account]
        saved["signed_prekeys"][str(made["signedPrekeyId"])] = made["signedPrekeyPrivate"]
        if prekey:
            saved["prekeys"][str(made["prekeyId"])] = made["prekeyPrivate"]
        keys = {"identity_key": "identityKey", "signed_prekey": "signedPrekey", "signed_prekey_signature": "signature"}
        bundle = {ours: b64decode(made[theirs]).hex() for ours, theirs in keys.items()}
        bundle.update(registration_id=made["registrationId"], signed_prekey_id=made["signedPrekeyId"])
        bundle.update(prekey_id=made["prekeyId"], prekey=b64decode(made.get("prekey", "")).hex())
        return {"bundle": bundle}

    def seal(self, account: str, jid: str, key: bytes, bundle: Any = None) -> dict[str, Any]:
        if bundle:
            theirs = {
                "registrationId": bundle["registration_id"],
                "identityKey": _base64(bundle["identity_key"]),
                "signedPrekeyId": bundle["signed_prekey_id"],
                "signedPrekey": _base64(bundle["signed_prekey"]),
                "signature": _base64(bundle["signed_prekey_signature"]),
                "prekeyId": bundle["prekey_id"],
                "prekey": _base64(bundle["prekey"]),
            }
            self.call("begin", account, jid, bundle=theirs)
        self.saved[account]["sessions"][jid] = ""
        plaintext = b64encode(CALL_KEY + key + PADDING).decode()
        sealed = self.call("encrypt", account, jid, plaintext=plaintext)
        return {"type": sealed["type"], "v": 2, "ciphertext": b64decode(sealed["ciphertext"]).hex()}

    def open(self, account: str, jid: str, type: str, v: int, ciphertext: bytes) -> dict[str, Any]:
        opened = self.call("decrypt", account, jid, type=type, ciphertext=b64encode(ciphertext).decode())
        self.saved[account]["sessions"][jid] = ""
        return {"key": b64decode(opened["plaintext"])[len(CALL_KEY) :][:32].hex()}

    def storage(self, account: str, jid: str) -> dict[str, Any]:
        """The program writes its account into the file."""
        saved = self.saved[account]
        for name in saved["sessions"]:
            saved["sessions"][name] = self.call("export", account, name)["record"]
        file = self.folder / f"{account}.json"
        file.write_text(json.dumps(saved), encoding="utf-8")
        saved["sessions"] = {}
        return {"path": str(file)}

    def reopen(self, account: str, jid: str) -> None:
        """And reads it again."""
        self.saved[account] = json.loads((self.folder / f"{account}.json").read_text(encoding="utf-8"))
        for name, record in self.saved[account]["sessions"].items():
            identity = self.call("state", account, name)["identityKey"]
            self.call("import", account, name, record=record, identityKey=identity)


def _base64(text: str) -> str:
    return b64encode(bytes.fromhex(text)).decode()
