"""Derive a call's media keys at both ends, and compare them by their fingerprints.

    python3 derive_and_compare.py                                   # two ends that share a new key
    python3 derive_and_compare.py OURS THEIRS CALLER DEVICE         # their keys, as files of hex, and the two JIDs

A participant's number of the device is part of its keys, so the same user's other device has other ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

import callkey

CALLER, DEVICE = "111111111111111:3@lid", "222222222222222:0@lid"


def fingerprints(key: callkey.CallKey, caller: str, device: str) -> dict[str, str]:
    """What one end derives, by what it is for. A stream's keys are those of the device that sends it."""
    secrets: dict[str, callkey.Secret] = {
        "call key": key,
        f"SRTP of {caller}": key.e2e_keys(caller),
        f"SRTP of {device}": key.e2e_keys(device),
        f"SFrame of {caller}": key.sframe_key(caller),
        f"SFrame of {device}": key.sframe_key(device),
        "WARP": key.warp_auth_key(),
    }
    told = {name: secret.fingerprint for name, secret in secrets.items()}
    for secret in secrets.values():
        secret.wipe()
    return told


def main(arguments: list[str]) -> int:
    if len(arguments) not in (0, 4):
        sys.exit(__doc__)
    if arguments:
        ours, theirs = (callkey.CallKey.from_hex(Path(file).read_text().strip()) for file in arguments[:2])
    else:
        ours = callkey.CallKey.generate()
        theirs = callkey.CallKey.from_bytes(ours.reveal())  # a real call sends it in an offer: open_captured_offer.py
    caller, device = arguments[2:] or (CALLER, DEVICE)
    left, right = fingerprints(ours, caller, device), fingerprints(theirs, caller, device)
    for name in left:
        print(f"{name:32} {left[name]}  {right[name]}  {'same' if left[name] == right[name] else 'DIFFERENT'}")
    return 0 if left == right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
