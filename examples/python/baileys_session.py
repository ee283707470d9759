"""A session in Baileys' files (session-USER.DEVICE.json), as fields of Signal's storage protobuf and back.

A file has sessions by their base key; the open one seals. A chain's counter is that of the last message, and the keys
of skipped messages are kept as seeds.
"""

from __future__ import annotations

import os
import time
from base64 import b64decode, b64encode
from typing import Any, Optional

SENDS, RECEIVES = 1, 2  # chainType
OURS, THEIRS = 1, 2  # baseKeyType: who began the session


def from_file(record: Any, own_identity: bytes, own_number: int) -> dict[str, Any]:
    """The fields of a record. Raises ValueError for what Baileys does not write."""
    try:
        newest = sorted(record["_sessions"].values(), key=lambda one: one["indexInfo"]["used"], reverse=True)
        sessions = [(one["indexInfo"]["closed"] == -1, _session(one, own_identity, own_number)) for one in newest]
    except (AttributeError, KeyError, TypeError):
        raise ValueError("the file is not a session as Baileys writes it") from None
    current = [one for is_open, one in sessions if is_open][:1]
    fields: dict[str, Any] = {"previous": [one for _, one in sessions if one not in current]}
    return {**fields, "current": current[0]} if current else fields


def _session(one: Any, own_identity: bytes, own_number: int) -> dict[str, Any]:
    ratchet, chains = one["currentRatchet"], one["_chains"]
    sending = ratchet["ephemeralKeyPair"]["pubKey"]
    fields = {
        "version": 3,
        "local_identity": own_identity,
        "local_registration_id": own_number,
        "remote_identity": b64decode(one["indexInfo"]["remoteIdentityKey"]),
        "remote_registration_id": one["registrationId"],
        "root_key": b64decode(ratchet["rootKey"]),
        "previous_counter": max(0, ratchet["previousCounter"]),
        "base_key": b64decode(one["indexInfo"]["baseKey"]),
        "sender": {
            **_chain(sending, chains[sending]),
            "ratchet_private": b64decode(ratchet["ephemeralKeyPair"]["privKey"]),
        },
        "receivers": [_chain(key, its) for key, its in chains.items() if its["chainType"] == RECEIVES],
    }
    if "pendingPreKey" in one:
        pending = one["pendingPreKey"]
        fields["pending"] = {
            "prekey_id": pending.get("preKeyId"),
            "signed_prekey_id": pending["signedKeyId"],
            "base_key": b64decode(pending["baseKey"]),
            "since": one["indexInfo"]["created"] // 1000,
        }
    return fields


def _chain(ratchet_key: str, its: Any) -> dict[str, Any]:
    # A finished chain has no key any more. A known one in its place would let anybody forge messages on the chain.
    key = b64decode(its["chainKey"]["key"]) if "key" in its["chainKey"] else os.urandom(32)
    return {
        "ratchet_key": b64decode(ratchet_key),
        "chain_key": {"index": its["chainKey"]["counter"] + 1, "key": key},
        "message_keys": [{"index": int(n), "seed": b64decode(seed)} for n, seed in its["messageKeys"].items()],
    }


def to_file(fields: dict[str, Any]) -> Optional[dict[str, Any]]:
    """A file's content; None if there is no session in the record that Baileys can keep."""
    # A session without a base key has no place in the file.
    sessions = [one for one in (fields.get("current"), *fields["previous"]) if one and one.get("base_key")]
    now = time.time_ns() // 10**6
    rows = {_text(one["base_key"]): _entry(one, now - age, age > 0) for age, one in enumerate(sessions)}
    return {"_sessions": rows, "version": "v1"} if rows else None


def _entry(one: dict[str, Any], used: int, closed: bool) -> dict[str, Any]:
    # The store keeps no seeds, only the keys made from them, so those of skipped messages can't move.
    sender, pending = one["sender"], one.get("pending")
    chains = [(key, RECEIVES) for key in one["receivers"]] + [(sender, SENDS)]
    fields: dict[str, Any] = {
        "registrationId": one["remote_registration_id"],
        "currentRatchet": {
            "ephemeralKeyPair": {"pubKey": _text(sender["ratchet_key"]), "privKey": _text(sender["ratchet_private"])},
            "lastRemoteEphemeralKey": _text(one["receivers"][-1]["ratchet_key"]) if one["receivers"] else "",
            "previousCounter": one["previous_counter"],
            "rootKey": _text(one["root_key"]),
        },
        "indexInfo": {
            "baseKey": _text(one["base_key"]),
            "baseKeyType": OURS if pending else THEIRS,
            "closed": used if closed else -1,
            "used": used,
            "created": used,
            "remoteIdentityKey": _text(one["remote_identity"]),
        },
        "_chains": {
            _text(key["ratchet_key"]): {
                "chainKey": {"counter": key["chain_key"]["index"] - 1, "key": _text(key["chain_key"]["key"])},
                "chainType": kind,
                "messageKeys": {},
            }
            for key, kind in chains
        },
    }
    if pending:
        number = {"preKeyId": pending["prekey_id"]} if pending["prekey_id"] else {}
        fields["pendingPreKey"] = {
            "signedKeyId": pending["signed_prekey_id"],
            "baseKey": _text(pending["base_key"]),
            **number,
        }
    return fields


def _text(key: bytes) -> str:
    return b64encode(key).decode()
