"""A session in the JSON of whatsmeow's rows, from the fields of Signal's storage protobuf.

The other way needs nothing: Session.restore reads the rows as they are.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any


def row(fields: dict[str, Any]) -> dict[str, Any]:
    """The row of a record that has a current session."""
    return {"SessionState": _state(fields["current"]), "PreviousStates": [_state(one) for one in fields["previous"]]}


def _text(key: bytes) -> str:
    return b64encode(key).decode()


def _state(session: dict[str, Any]) -> dict[str, Any]:
    pending = session.get("pending")
    number = pending and pending["prekey_id"]
    return {
        "SessionVersion": session["version"],
        "LocalIdentityPublic": _text(session["local_identity"]),
        "LocalRegistrationID": session["local_registration_id"],
        "RemoteIdentityPublic": _text(session["remote_identity"]),
        "RemoteRegistrationID": session["remote_registration_id"],
        "RootKey": _text(session["root_key"]),
        "PreviousCounter": session["previous_counter"],
        "SenderBaseKey": _text(session["base_key"]),
        "SenderChain": _chain(session["sender"]),
        "ReceiverChains": [_chain(one) for one in session["receivers"]],
        "PendingPreKey": pending
        and {
            "PreKeyID": {"Value": number, "IsEmpty": not number},
            "SignedPreKeyID": pending["signed_prekey_id"],
            "BaseKey": _text(pending["base_key"]),
        },
    }


def _chain(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "SenderRatchetKeyPublic": _text(one["ratchet_key"]),
        "SenderRatchetKeyPrivate": _text(one["ratchet_private"]) if "ratchet_private" in one else None,
        "ChainKey": {"Key": _text(one["chain_key"]["key"]), "Index": one["chain_key"]["index"]},
        "MessageKeys": [
            {
                "CipherKey": _text(key["cipher_key"]),
                "MacKey": _text(key["mac_key"]),
                "IV": _text(key["iv"]),
                "Index": key["index"],
            }
            for key in one["message_keys"]
        ],
    }
