"""Our side: the keys of one call, and RTP and RTCP packets of one SSRC around a roll-over.

The keys come from the library, the SRTP packets from callkey.srtp, which shares no code with any engine.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator

from tests.library import chosen
from tools.script import ROOT

sys.path.insert(0, str(ROOT / "bindings" / "python" / "src"))

import callkey
from callkey.srtp import SRTPError, SRTPReceiver, SRTPSender

callkey.load(chosen())

__all__ = ["SRTPError", "SRTPReceiver", "SRTPSender", "callkey"]

PARTICIPANT = "100000000000001:3@lid"
SSRC = callkey.ssrcs("C0FFEE00C0FFEE00C0FFEE00C0FFEE00", PARTICIPANT).audio
PAYLOAD_TYPE = 120
TICKS = 960  # of the 48 kHz clock, in a frame of 20 ms

# The key when the call begins, the key after a change, and a key of another call.
FIRST, SECOND, OTHER = (
    callkey.CallKey.from_bytes(bytes([first, *range(1, 32)])).e2e_keys(PARTICIPANT) for first in (1, 2, 3)
)


def whole(keys: callkey.SRTPKeys) -> bytes:
    """The 130 bytes of callkey_srtp_keys, for a driver."""
    return b"".join(
        bytes(part)
        for part in (
            keys.master_key,
            keys.master_salt,
            keys.srtp_cipher_key,
            keys.srtp_auth_key,
            keys.srtp_salt,
            keys.srtcp_cipher_key,
            keys.srtcp_auth_key,
            keys.srtcp_salt,
        )
    )


def rtp(index: int, payload: bytes = b"", payload_type: int = PAYLOAD_TYPE, plain: bool = False) -> bytes:
    """A packet in the clear; ``index`` is ROC * 65536 + sequence number. Unless ``plain``, some have a CSRC or a header
    extension, so that the encrypted part begins elsewhere."""
    shape = 0 if plain else index % 4
    head = 0x80 | (0x10 if shape == 1 else 0) | (1 if shape == 2 else 0)
    packet = struct.pack(">BBHII", head, payload_type, index & 0xFFFF, index * TICKS & 0xFFFFFFFF, SSRC)
    if shape == 2:
        packet += struct.pack(">I", 0xC0C0C0C0)
    if shape == 1:
        packet += struct.pack(">HH4s", 0xBEDE, 1, b"\x10\x7f\0\0")
    return packet + (payload or b"frame %d" % index + bytes(index % 23))


def stream(first: int, count: int, **shape: object) -> Iterator[bytes]:
    return (rtp(index, **shape) for index in range(first, first + count))  # type: ignore[arg-type]


def sender_report(number: int) -> bytes:
    return struct.pack(">BBHIIIIII", 0x80, 200, 6, SSRC, 0xE0000000 + number, 0, number * TICKS, number, number * 9)
