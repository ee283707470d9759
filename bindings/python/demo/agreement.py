"""Whether two ends of a call derived the same keys."""

from __future__ import annotations

from dataclasses import dataclass

from package import callkey

NAMES = (
    "call key",
    "SRTP, caller sends",
    "SRTP, device sends",
    "SFrame, caller's id",
    "SFrame, device's id",
    "WARP auth",
)
"""The keys that both ends must have, in the order of the page."""

Keys = dict[str, dict[str, str]]
"""Name → {"fingerprint": hex} and, only to show secrets, {"bytes": hex}."""


@dataclass(frozen=True)
class Row:
    """One key as the caller and as the device has it."""

    name: str
    caller: dict[str, str]
    device: dict[str, str]

    @property
    def agrees(self) -> bool:
        return bool(self.caller.get("fingerprint")) and self.caller == self.device


def derive(key: callkey.CallKey, caller: str, device: str, show_secrets: bool) -> Keys:
    """The keys that an end derives from the call key, for the caller's and the device's streams.

    An SRTP stream is keyed by the id of who sends it. Whose id an SFrame key
    takes is disputed, so the keys with both ids are compared.
    """
    secrets: list[callkey.Secret] = [
        key,
        key.e2e_keys(caller),
        key.e2e_keys(device),
        key.sframe_key(caller),
        key.sframe_key(device),
        key.warp_auth_key(),
    ]
    keys: Keys = {}
    for name, secret in zip(NAMES, secrets):
        keys[name] = {"fingerprint": secret.fingerprint}
        if show_secrets:
            keys[name]["bytes"] = _bytes(secret).hex()
        if secret is not key:
            secret.wipe()
    return keys


def _bytes(secret: callkey.Secret) -> bytes:
    if isinstance(secret, callkey.SRTPKeys):
        return bytes(secret.libsrtp_key)  # the other 100 bytes follow from these 30
    return secret.reveal()


def compare(caller: Keys, device: Keys) -> list[Row]:
    """Key by key; a key that one end lacks does not agree."""
    return [Row(name, caller.get(name, {}), device.get(name, {})) for name in NAMES]


def established(rows: list[Row]) -> bool:
    """Whether every key of one device agrees."""
    return [row.name for row in rows] == list(NAMES) and all(row.agrees for row in rows)
