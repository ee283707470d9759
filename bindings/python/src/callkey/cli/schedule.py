"""The key schedule: every derivation with its inputs. Both pictures of ``callkey tree`` are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

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
                            "master key ‖ master salt",
                            "16 + 14 bytes",
                            ("the 30 bytes for libsrtp", "the other 16 are unused"),
                            (_session_keys(),),
                        ),
                    ),
                ),
                Node(
                    STEP,
                    "HKDF-SHA256",
                    "32 bytes",
                    ("input: call key 16–31", "salt: call key 0–15", f'info: "e2e sframe key" ‖ {participant}'),
                    (Node(KEY, "SFrame key", "32 bytes", ("AES-128-GCM takes the first 16",)),),
                ),
                Node(
                    STEP,
                    "HKDF-SHA256",
                    "32 bytes",
                    ("input: call key", "salt: none", 'info: "warp auth key"'),
                    (Node(KEY, "WARP auth key", "32 bytes", ("the same for all participants",)),),
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
                            "master key ‖ master salt",
                            "16 + 14 bytes",
                            ("for each P", "the 30 bytes for libsrtp"),
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
                            "SSRC",
                            "4 bytes",
                            (
                                "slot 0, 1, 4: audio, its FEC and NACK",
                                "slot 2, 3, 5: video, its FEC and NACK",
                                "slot 7, 8: HBH-FEC; 6: app data",
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )


_SIX = Node(KEY, "SRTP and SRTCP session keys", "100 bytes", ("six, as above",))


def _session_keys() -> Node:
    keys = (
        ("SRTP cipher key", 16),
        ("SRTP auth key", 20),
        ("SRTP salt", 14),
        ("SRTCP cipher key", 16),
        ("SRTCP auth key", 20),
        ("SRTCP salt", 14),
    )
    labelled = tuple(Node(KEY, name, f"{size} bytes", (f"label {label}",)) for label, (name, size) in enumerate(keys))
    return Node(STEP, "AES-CM KDF", "", ("RFC 3711 §4.3", "rate 0"), labelled)
