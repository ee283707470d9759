"""A Signal message as anybody sees it who has no key: which message key it was sealed with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

MAC_BYTES = 8
RATCHET_KEY, COUNTER = 1, 2  # of SignalMessage
MESSAGE = 4  # of PreKeySignalMessage


class MessageKey(NamedTuple):
    """The ratchet key of a chain and the place in it: two messages with both in common have one key."""

    ratchet_key: bytes
    counter: int


def message_key(enc_type: str, ciphertext: bytes) -> MessageKey:
    if enc_type == "pkmsg":
        inner = dict(fields(ciphertext[1:]))[MESSAGE]
        assert isinstance(inner, bytes)
        ciphertext = inner
    found = dict(fields(ciphertext[1:-MAC_BYTES]))
    ratchet_key, counter = found[RATCHET_KEY], found.get(COUNTER, 0)
    assert isinstance(ratchet_key, bytes) and isinstance(counter, int)
    return MessageKey(ratchet_key, counter)


def fields(protobuf: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and bytes: a Signal message has no others."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = protobuf[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(protobuf):
        tag = number()
        if tag & 7 == 0:
            yield tag >> 3, number()
        else:
            assert tag & 7 == 2
            size = number()
            yield tag >> 3, protobuf[at : at + size]
            at += size
