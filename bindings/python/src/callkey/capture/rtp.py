"""What an RTP or RTCP packet says in the clear (RFC 3550, RFC 5761), and what other UDP payloads are."""

from __future__ import annotations

import struct
from typing import NamedTuple

TAG_BYTES = 4
"""The authentication tag of RTP."""
RTCP_TAG_BYTES = 10
_LEAST = 12 + TAG_BYTES
_LEAST_RTCP = 8 + 4 + RTCP_TAG_BYTES
_HEADER = struct.Struct("!BBHII")
_MAGIC_COOKIE = b"\x21\x12\xa4\x42"


class Header(NamedTuple):
    """rtcp: then ``number`` is the SRTCP index and ``type`` the packet type; otherwise sequence number and payload
    type. size: bytes of the header, which are not encrypted."""

    rtcp: bool
    ssrc: int
    number: int
    type: int
    size: int


def header(payload: bytes) -> Header | None:
    """The header of what looks like SRTP or SRTCP; None for anything else."""
    if len(payload) < _LEAST or payload[0] >> 6 != 2:
        return None
    first, second, number, _, ssrc = _HEADER.unpack_from(payload)
    if 192 <= second <= 223:
        if len(payload) < _LEAST_RTCP:
            return None
        index = int.from_bytes(payload[-RTCP_TAG_BYTES - 4 : -RTCP_TAG_BYTES], "big") & 0x7FFFFFFF
        return Header(True, int.from_bytes(payload[4:8], "big"), index, second, 8)
    size = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(payload) < size + 4:
            return None
        size += 4 + 4 * int.from_bytes(payload[size + 2 : size + 4], "big")
    if len(payload) < size + TAG_BYTES:
        return None
    return Header(False, ssrc, number, second & 0x7F, size)


def other(payload: bytes, ports: tuple[int, int]) -> str:
    """The name of a UDP payload that is no RTP."""
    if payload[4:8] == _MAGIC_COOKIE and payload[0] < 4:
        return "STUN"
    if 53 in ports:
        return "DNS"
    if 5353 in ports:
        return "mDNS"
    if payload and 20 <= payload[0] <= 63 and payload[1:2] == b"\xfe":
        return "DTLS"
    if 443 in ports:
        return "UDP on port 443, perhaps QUIC"
    if not payload:
        return "empty UDP"
    if payload[0] >> 6 == 2:
        return "UDP that begins like RTP, but is too short for it"
    return "other UDP"
