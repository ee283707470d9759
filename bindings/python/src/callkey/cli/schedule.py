"""The key schedule: every derivation with its inputs. Both pictures of ``callkey tree`` are drawn from it.

What comes out has its name in the Python package.
"""

from __future__ import annotations

from dataclasses import dataclass

import callkey

SECRET, STEP, KEY, PUBLIC = "secret", "step", "key", "public"
"""What a node is: where a tree begins, a derivation, a secret that comes out, or something that is no secret."""


@dataclass(frozen=True)
class Node:
    kind: str
    name: str
    size: str = ""
    """Its bytes, in words."""
    notes: tuple[str, ...] = ()
    """How it is made, or what it is for: one short line each."""
    children: tuple[Node, ...] = ()


def schedule(participant: str = "participant id") -> tuple[Node, ...]:
    """The trees, one for each secret (and the call id) that keys are derived from."""
    return (
        Node(
            SECRET,
            "call key",
            "32 bytes",
            ("random, fresh for each call id (CRY-01)", "a group call: its epoch, in this place"),
            (
                Node(
                    STEP,
                    "HKDF-SHA256",
                    "46 bytes",
                    ("input: call key, or raw_e2e 0–31", "salt: 32 zero bytes", f"info: {participant}"),
                    (
                        Node(
                            KEY,
                            "libsrtp_key",
                            "30 bytes",
                            ("master_key, 16 bytes ‖ master_salt, 14", "the other 16 are unused"),
                            (_session_keys(),),
                        ),
                    ),
                ),
                Node(
                    STEP,
                    "HKDF-SHA256",
                    "32 bytes",
                    ("input: call key 16–31", "salt: call key 0–15", f'info: "e2e sframe key" ‖ {participant}'),
                    (Node(KEY, "sframe_key", "32 bytes", ("AES-128-GCM takes the first 16",)),),
                ),
                Node(
                    STEP,
                    "HKDF-SHA256",
                    "32 bytes",
                    ("input: call key", "salt: none", 'info: "warp auth key"'),
                    (Node(KEY, "warp_auth_key", "32 bytes", ("the same for all participants",)),),
                ),
            ),
        ),
        Node(
            SECRET,
            "hop-by-hop key",
            "30 bytes",
            ("from the relay, not from the call key", "salt: 0–13, key: 14–29"),
            (
                Node(
                    STEP,
                    "HKDF-SHA256, twice",
                    "30 bytes",
                    (
                        'first s: input 0–13, salt 32 zero bytes, info P ‖ " salt"',
                        'then: input 14–29, salt s, info P ‖ " key"',
                        'P: "uplink hbh srtcp", "downlink hbh srtcp",',
                        '"hbh srtp" or "hbh srtcp"',
                    ),
                    (
                        Node(
                            KEY,
                            "libsrtp_key",
                            "30 bytes",
                            ("for each P", "master_key, 16 bytes ‖ master_salt, 14"),
                            (Node(STEP, "AES-CM KDF", "", ("RFC 3711 §4.3", "rate 0, as above"), (_SIX,)),),
                        ),
                    ),
                ),
            ),
        ),
        Node(
            PUBLIC,
            "call id",
            "",
            ("unchanged, with its case",),
            (
                Node(
                    STEP,
                    "HKDF-SHA256",
                    "4 bytes",
                    ("input: call id", "salt: slot, 4 bytes little endian", f"info: {participant}"),
                    (
                        Node(
                            PUBLIC,
                            "ssrcs",
                            "4 bytes each",
                            _streams(),
                        ),
                    ),
                ),
            ),
        ),
    )


SLOTS = callkey.SSRCs(0, 1, 4, 2, 3, 5, 7, 8, 6)
"""The slot of each stream, which goes into the derivation of its SSRC (REL-06)."""


def _streams() -> tuple[str, ...]:
    named = [f"{name}: {slot}" for name, slot in SLOTS._asdict().items()]
    return tuple(f"slot of {', '.join(named[i : i + 3])}" for i in range(0, len(named), 3))


_SIX = Node(KEY, "SRTP and SRTCP session keys", "100 bytes", ("six, as above",))


def _session_keys() -> Node:
    keys = (
        ("srtp_cipher_key", 16),
        ("srtp_auth_key", 20),
        ("srtp_salt", 14),
        ("srtcp_cipher_key", 16),
        ("srtcp_auth_key", 20),
        ("srtcp_salt", 14),
    )
    labelled = tuple(Node(KEY, name, f"{size} bytes", (f"label {label}",)) for label, (name, size) in enumerate(keys))
    return Node(STEP, "AES-CM KDF", "", ("RFC 3711 §4.3", "rate 0"), labelled)
