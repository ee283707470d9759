"""RTP and RTCP packets as the tests of SRTP send them, and keys for them."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import pytest

from callkey import SRTPKeys


def needed(name: str) -> Any:
    """A library that the tests need, and not the package. A user without it is told; in CI that is a failure."""
    try:
        return import_module(name)
    except ImportError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"needs {name}, get it with \"pip install 'callkey[test]'\"", allow_module_level=True)


needed("cryptography")  # before the tests import callkey.srtp

SSRC = 0x12345678
TAGS = (4, 10)
PLAIN = bytes.fromhex("102132435465768798a9bacb")


def header(sequence: int, *, ssrc: int = SSRC, first: int = 0x80, payload_type: int = 120) -> bytes:
    sequence_and_time = sequence.to_bytes(2, "big") + (sequence * 960).to_bytes(4, "big")
    return bytes([first, payload_type]) + sequence_and_time + ssrc.to_bytes(4, "big")


def rtp(sequence: int, payload: bytes = PLAIN, *, ssrc: int = SSRC) -> bytes:
    return header(sequence, ssrc=ssrc) + payload


def shapes(sequence: int) -> list[bytes]:
    """The forms of a packet, with numbers from this one: no payload, CSRCs, an extension, both, padding."""
    extension = b"\xbe\xde\x00\x02" + bytes(range(8))
    forms = [
        (0x80, b""),
        (0x82, bytes(range(8)) + PLAIN),
        (0x90, extension + PLAIN),
        (0x9F, bytes(range(60)) + extension + PLAIN * 40),
        (0xA0, PLAIN + b"\x00\x00\x00\x04"),
        (0x90, extension),
    ]
    return [header((sequence + n) & 0xFFFF, first=first) + rest for n, (first, rest) in enumerate(forms)]


def rtcp(number: int, *, ssrc: int = SSRC) -> bytes:
    """A sender report and an SDES."""
    report = bytes([0x80, 200, 0, 6]) + ssrc.to_bytes(4, "big") + number.to_bytes(4, "big") * 5
    return report + bytes([0x81, 202, 0, 2]) + ssrc.to_bytes(4, "big") + b"\x01\x01a\x00"


def srtp_keys(session: bytes = bytes(range(100, 200)), master: bytes = bytes(range(30))) -> SRTPKeys:
    """Keys of a test vector: ``session`` is the 50 bytes for RTP and the 50 for RTCP, of cipher, tag and salt."""
    return SRTPKeys._copied(master + session)
