"""Packets of our own, protected."""

from __future__ import annotations

from .._call import Packet, octets, unsigned
from .._media import SRTPKeys
from ..errors import ArgumentError
from ._context import Context, checked_keys
from ._errors import ReplayError, SRTPError
from ._packet import RTCP, SRTCP_HEADER, SRTCP_TAG, rtcp_ssrc, rtp
from ._window import Stream, roc_of

INDICES = 1 << 31  # of SRTCP


class SRTPSender(Context):
    """Encrypts and authenticates one stream, and its RTCP.

    Use it in ``with``, or call close(). Any thread may use it. There must be one sender for a stream: two with the
    same keys and SSRC encrypt two packets alike, and give their contents away.
    """

    def __init__(self, keys: SRTPKeys, ssrc: int, roc: int = 0, auth_tag: int = 4, *, rtcp_index: int = 0) -> None:
        """A sender of one stream.

        keys: our own, e.g. CallKey.e2e_keys(own). They are not copied, nor wiped by close().
        roc: the roll-over counter of the first packet.
        auth_tag: the bytes of an RTP packet's tag, 4 or 10. RTCP packets always have 10.
        rtcp_index: the SRTCP index of the first RTCP packet, 31 bits.
        """
        super().__init__(keys, auth_tag)
        self._ssrc = unsigned(ssrc, "ssrc")
        self._stream = Stream(unsigned(roc, "roc"))
        self._first_roc = roc
        self._rtcp_index = unsigned(rtcp_index, "rtcp_index", INDICES - 1)

    @property
    def ssrc(self) -> int:
        return self._ssrc

    @property
    def roc(self) -> int:
        """The roll-over counter of the newest packet; before the first one, its own."""
        return self._first_roc if self._stream.highest < 0 else roc_of(self._stream.highest)

    @property
    def rtcp_index(self) -> int:
        """The SRTCP index of the next RTCP packet; 2^31 if only new keys allow one."""
        return self._rtcp_index

    def protect(self, packet: Packet) -> bytes:
        """The SRTP packet of an RTP packet. Sequence numbers may come out of order, but each only once.

        Raises ReplayError for a sequence number that was sent, or is over 127 packets behind the newest;
        MalformedPacketError; ArgumentError for another SSRC; SRTPError after 2^48 packets: rekey() first.
        """
        whole = octets(packet)
        header = rtp(whole)
        with self._lock:
            self._open()._refuse_wiped()
            self._refuse_other(header.ssrc)
            index = self._stream.index(header.sequence)
            roc = roc_of(index)
            seen = self._stream.seen(index)
            if seen:
                raise header.error(ReplayError, seen, roc)
            if index >= self._stream.limit:
                raise header.error(SRTPError, "the keys have protected 2^48 packets: rekey first", roc)
            # Before it is used, so that no interruption leads to a second packet with it.
            self._stream.add(index)
            at = header.payload_at
            body = whole[:at] + self._crypt("srtp", self._ssrc, index, whole[at:])
            return body + self._tag("srtp", body + roc.to_bytes(4, "big"), self._auth_tag)

    def protect_rtcp(self, packet: Packet) -> bytes:
        """The SRTCP packet of a compound RTCP packet, encrypted (E bit 1), with the next index.

        Raises MalformedPacketError; ArgumentError for another SSRC; SRTPError after 2^31 packets: rekey() first.
        """
        whole = octets(packet)
        ssrc = rtcp_ssrc(whole)
        with self._lock:
            self._open()._refuse_wiped()
            self._refuse_other(ssrc)
            index = self._rtcp_index
            if index >= INDICES:
                raise RTCP(ssrc, index).error(SRTPError, "the keys have protected 2^31 packets: rekey first")
            self._rtcp_index = index + 1  # before it is used, as above
            body = whole[:SRTCP_HEADER] + self._crypt("srtcp", ssrc, index, whole[SRTCP_HEADER:])
            body += (INDICES | index).to_bytes(4, "big")
            return body + self._tag("srtcp", body, SRTCP_TAG)

    def rekey(self, keys: SRTPKeys) -> None:
        """Goes on with other keys of ours, e.g. of a new epoch. The counter and the SRTCP index go on.

        A sequence number that was sent under the old keys may be sent again under the new ones. The old keys are not
        wiped.

        With the present keys in another object nothing begins anew. Raises ArgumentError for earlier ones.
        """
        keys = checked_keys(keys)
        with self._lock:
            if self._replace(keys):
                self._stream.rekeyed()
                self._rtcp_index %= INDICES

    def _refuse_other(self, ssrc: int) -> None:
        if ssrc != self._ssrc:
            raise ArgumentError(f"packet: SSRC 0x{ssrc:08x}, and the sender's is 0x{self._ssrc:08x}")

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"SSRC 0x{self._ssrc:08x}, {self._auth_tag}-byte tags"
        return f"<SRTPSender: {state}>"
