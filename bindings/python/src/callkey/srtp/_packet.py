"""The parts of RTP and RTCP packets that SRTP needs (RFC 3550 §5.1, §6.4; RFC 3711 §3.1, §3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ._errors import MalformedPacketError, SRTPError

SRTCP_TAG = 10  # bytes; for RTP it is 10 or 4
SRTCP_HEADER = 8  # bytes in the clear: the first header with its SSRC
INDEX = 4  # bytes of the E bit and the SRTCP index

# The counter of AES-CM has 16 bits, of blocks of 16 bytes (RFC 3711 §4.1.1).
MOST_ENCRYPTED = 16 << 16

Error = TypeVar("Error", bound=SRTPError)


@dataclass(frozen=True)
class RTP:
    """The header of an RTP packet. The roll-over counter ``roc`` is not in it: it is the one to try."""

    ssrc: int
    sequence: int
    payload_at: int  # behind CSRCs and header extension

    def error(self, kind: type[Error], what: str, roc: int) -> Error:
        error = kind(f"SSRC 0x{self.ssrc:08x}, sequence number {self.sequence}, roll-over counter {roc}: {what}")
        error.ssrc, error.sequence, error.roc = self.ssrc, self.sequence, roc
        return error


def rtp(packet: bytes) -> RTP:
    """The header of an RTP packet without its tag. Raises MalformedPacketError."""
    size = len(packet)
    if size < 12:
        raise MalformedPacketError(f"an RTP header has 12 bytes, and {size} are left without the tag")
    if packet[0] >> 6 != 2:
        raise MalformedPacketError(f"RTP version {packet[0] >> 6}, not 2")
    csrcs, extended = packet[0] & 15, packet[0] & 16
    payload_at = 12 + 4 * csrcs
    wrong = f"{csrcs} CSRCs end after the packet" if payload_at > size else ""
    if extended and not wrong:
        # One word says how many words follow it.
        payload_at += 4 + 4 * int.from_bytes(packet[payload_at + 2 : payload_at + 4], "big")
        wrong = "the header extension ends after the packet" if payload_at > size else ""
    if size - payload_at > MOST_ENCRYPTED:
        wrong = f"the payload has more than {MOST_ENCRYPTED} bytes"
    ssrc, sequence = int.from_bytes(packet[8:12], "big"), int.from_bytes(packet[2:4], "big")
    if wrong:
        error = MalformedPacketError(f"SSRC 0x{ssrc:08x}, sequence number {sequence}: {wrong}")
        error.ssrc, error.sequence = ssrc, sequence
        raise error
    return RTP(ssrc, sequence, payload_at)


@dataclass(frozen=True)
class RTCP:
    """What a compound RTCP packet is known by: the SSRC of its first header, and the SRTCP index."""

    ssrc: int
    index: int

    def error(self, kind: type[Error], what: str) -> Error:
        error = kind(f"SSRC 0x{self.ssrc:08x}, SRTCP index {self.index}: {what}")
        error.ssrc, error.index = self.ssrc, self.index
        return error


def rtcp_ssrc(packet: bytes) -> int:
    """The SSRC of an RTCP packet without index and tag. Raises MalformedPacketError."""
    size = len(packet)
    if size < SRTCP_HEADER:
        raise MalformedPacketError(f"an RTCP header has 8 bytes, and {size} are left without index and tag")
    if packet[0] >> 6 != 2:
        raise MalformedPacketError(f"RTCP version {packet[0] >> 6}, not 2")
    ssrc = int.from_bytes(packet[4:8], "big")
    if size - SRTCP_HEADER > MOST_ENCRYPTED:
        error = MalformedPacketError(f"SSRC 0x{ssrc:08x}: more than {MOST_ENCRYPTED} bytes behind the RTCP header")
        error.ssrc = ssrc
        raise error
    return ssrc
