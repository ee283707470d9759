"""Packets of others in the clear."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from .._call import Packet, octets, unsigned
from .._media import SRTPKeys
from ._context import Context, checked_keys
from ._errors import AuthenticationError, ReplayError, SRTPError
from ._packet import INDEX, RTCP, SRTCP_HEADER, SRTCP_TAG, rtcp_ssrc, rtp
from ._window import Stream, Window, roc_of


class SRTPReceiver(Context):
    """Authenticates and decrypts the streams that one participant sends.

    A stream begins with the first authentic packet of its SSRC. It has a roll-over counter and a replay window of
    128 packets, and another one for RTCP. A packet that is refused changes nothing.

    Use it in ``with``, or call close(). Any thread may use it.
    """

    def __init__(self, keys: SRTPKeys, roc: int | Mapping[int, int] | None = None, auth_tag: int = 4) -> None:
        """A receiver with the sender's keys.

        keys: the sender's, e.g. CallKey.e2e_keys(sender). They are not copied, nor wiped by close().
        roc: the roll-over counter of the first packet, for all streams or by SSRC; otherwise it is 0. After a late
            join another one is right: find it with check().
        auth_tag: the bytes of an RTP packet's tag, 4 or 10. RTCP packets always have 10.
        """
        super().__init__(keys, auth_tag)
        self._first: dict[int, int] = {}
        self._first_of_others = 0
        if isinstance(roc, Mapping):
            self._first = {ssrc: unsigned(one, f"roc[{ssrc}]") for ssrc, one in roc.items()}
        elif roc is not None:
            self._first_of_others = unsigned(roc, "roc")
        self._streams: dict[int, Stream] = {}
        self._windows: dict[int, Window] = {}

    def unprotect(self, packet: Packet) -> bytes:
        """The RTP packet in the clear: header, payload, and its padding if it has one.

        Raises AuthenticationError, ReplayError or MalformedPacketError, each with the SSRC, the sequence number and
        the roll-over counter that was tried.
        """
        whole = octets(packet)
        authenticated, tag = whole[: -self._auth_tag], whole[-self._auth_tag :]
        header = rtp(authenticated)
        with self._lock:
            self._open()
            stream = self._streams.get(header.ssrc) or Stream(self._first.get(header.ssrc, self._first_of_others))
            index = stream.index(header.sequence)
            roc = roc_of(index)
            seen = stream.seen(index)
            if seen:
                raise header.error(ReplayError, seen, roc)
            if not hmac.compare_digest(self._tag("srtp", authenticated + roc.to_bytes(4, "big"), len(tag)), tag):
                raise header.error(AuthenticationError, "the tag does not fit", roc)
            if index >= stream.limit:
                raise header.error(SRTPError, "the keys have protected 2^48 packets", roc)
            at = header.payload_at
            clear = authenticated[:at] + self._crypt("srtp", header.ssrc, index, authenticated[at:])
            stream.add(index)
            self._streams[header.ssrc] = stream
            return clear

    def unprotect_rtcp(self, packet: Packet) -> bytes:
        """The compound RTCP packet in the clear. One that is authenticated but not encrypted (E bit 0) is taken too.

        Raises AuthenticationError, ReplayError or MalformedPacketError, each with the SSRC and the SRTCP index.
        """
        whole = octets(packet)
        authenticated, tag = whole[:-SRTCP_TAG], whole[-SRTCP_TAG:]
        clear = authenticated[:-INDEX]
        ssrc = rtcp_ssrc(clear)
        word = int.from_bytes(authenticated[-INDEX:], "big")
        encrypted, index = word >> 31, word & 0x7FFFFFFF
        header = RTCP(ssrc, index)
        with self._lock:
            self._open()
            window = self._windows.get(ssrc) or Window()
            seen = window.seen(index)
            if seen:
                raise header.error(ReplayError, seen)
            if not hmac.compare_digest(self._tag("srtcp", authenticated, SRTCP_TAG), tag):
                raise header.error(AuthenticationError, "the tag does not fit")
            if encrypted:
                clear = clear[:SRTCP_HEADER] + self._crypt("srtcp", ssrc, index, clear[SRTCP_HEADER:])
            window.add(index)
            self._windows[ssrc] = window
            return clear

    def roc(self, ssrc: int) -> int | None:
        """The roll-over counter of the newest packet of a stream; None before its first one."""
        with self._lock:
            self._open()
            stream = self._streams.get(ssrc)
            return None if stream is None else roc_of(stream.highest)

    def rekey(self, keys: SRTPKeys) -> None:
        """Goes on with other keys of the same participant, e.g. of a new epoch. Each stream keeps its counter.

        The replay windows begin anew: nothing was received under the new keys. Packets that are still on the way
        under the old keys are refused from now on. The old keys are not wiped.

        With the present keys in another object nothing begins anew. Raises ArgumentError for earlier ones.
        """
        keys = checked_keys(keys)
        with self._lock:
            if self._replace(keys):
                for stream in self._streams.values():
                    stream.rekeyed()
                self._windows.clear()

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{self._auth_tag}-byte tags, streams: {len(self._streams)}"
        return f"<SRTPReceiver: {state}>"
