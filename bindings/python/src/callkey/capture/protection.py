"""The tags and the cipher of one participant's packets under one secret, at any index."""

from __future__ import annotations

import hmac

import callkey

from .._memory import Use
from ..srtp._context import Context, part
from .rtp import RTCP_TAG_BYTES, TAG_BYTES, Header


class Protection(Context):
    """A receiver without a window and a counter of its own: the solver tries indexes. ``keys`` are the sender's; wipe()
    wipes them."""

    def __init__(self, keys: callkey.SRTPKeys) -> None:
        super().__init__(keys, TAG_BYTES)

    def wipe(self) -> None:
        self._open().wipe()
        self.close()

    def fits(self, packet: bytes, roc: int) -> bool:
        """Whether the tag of an RTP packet is right under this roll-over counter."""
        return self._tag("srtp", packet[:-TAG_BYTES] + roc.to_bytes(4, "big"), TAG_BYTES) == packet[-TAG_BYTES:]

    def counter(self, packet: bytes, below: int, start: int = 0) -> int | None:
        """The first roll-over counter from ``start`` that gives the tag of an RTP packet; None if none below does."""
        with Use(self._open()) as held:
            key = bytearray(part(held, "srtp_auth_key"))
        try:
            begun = hmac.new(key, packet[:-TAG_BYTES], "sha1")
        finally:
            key[:] = bytes(len(key))
        tag = packet[-TAG_BYTES:]
        for roc in range(start, below):
            signed = begun.copy()
            signed.update(roc.to_bytes(4, "big"))
            if signed.digest()[:TAG_BYTES] == tag:
                return roc
        return None

    def fits_rtcp(self, packet: bytes) -> bool:
        return self._tag("srtcp", packet[:-RTCP_TAG_BYTES], RTCP_TAG_BYTES) == packet[-RTCP_TAG_BYTES:]

    def plain(self, packet: bytes, header: Header, roc: int) -> bytes:
        """The packet in the clear. Its tag was checked."""
        if not header.rtcp:
            body = packet[header.size : -TAG_BYTES]
            index = roc << 16 | header.number
            return packet[: header.size] + self._crypt("srtp", header.ssrc, index, body)
        end = len(packet) - RTCP_TAG_BYTES - 4
        if not packet[end] & 0x80:  # authenticated only
            return packet[:end]
        return packet[:8] + self._crypt("srtcp", header.ssrc, header.number, packet[8:end])
