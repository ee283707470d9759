"""The UDP datagram in a record: its payload, and the same frame with another payload."""

from __future__ import annotations

import struct
from typing import Any

from dpkt import ethernet, ip, ip6, ppp, pppoe, sll, sll2, stun, udp
from dpkt.utils import inet_to_str

from .records import Record

_LINKS: dict[int, Any] = {1: ethernet.Ethernet, 9: ppp.PPP, 113: sll.SLL, 276: sll2.SLL2}
_LOOPBACKS = (0, 108)
_RAW = (12, 14, 101, 228, 229)

SUPPORTED = frozenset((*_LINKS, *_LOOPBACKS, *_RAW))
"""Link types that are read."""

_LARGEST = 65535 + 256
"""Bytes of an IP packet at most, and of the headers before it. dpkt takes minutes for some MiB of nested headers."""
_ESP = 50
_PROTOCOLS = {1: "ICMP", 2: "IGMP", 6: "TCP", 17: "damaged UDP", 47: "GRE", _ESP: "ESP", 58: "ICMPv6", 132: "SCTP"}
_MAGIC_COOKIE = b"\x21\x12\xa4\x42"
_DATA = 0x0013
_INDICATIONS = (0x0016, 0x0017)
"""TURN's Send and Data indications."""


class Datagram:
    """A UDP datagram. ``payload`` is inside any TURN framing; ``cut`` if the capture has only its start."""

    __slots__ = ("_ip", "_offset", "_record", "_udp", "cut", "payload", "time")

    def __init__(self, record: Record, packet: Any, datagram: Any, payload: bytes, cut: bool) -> None:
        self._record = record
        self._ip = packet
        self._udp = datagram
        self._offset: int | None = None
        self.time = record.time
        self.payload = payload
        self.cut = cut

    @property
    def source(self) -> str:
        return _address(self._ip.src, self._udp.sport)

    @property
    def destination(self) -> str:
        return _address(self._ip.dst, self._udp.dport)

    @property
    def ports(self) -> tuple[int, int]:
        return self._udp.sport, self._udp.dport

    @property
    def link(self) -> int:
        return self._record.link

    def carrying(self, payload: bytes) -> bytes:
        """The frame with this payload directly in UDP: lengths and checksums are right, the rest is as captured."""
        packet, datagram = self._ip, self._udp
        frame = self._record.data
        if self._offset is None:  # before the header changes
            self._offset = frame.index(packet.pack_hdr())
        datagram.data, datagram.ulen, datagram.sum = payload, 8 + len(payload), 0
        if isinstance(packet, ip.IP):
            packet.sum = 0  # dpkt then computes the length and both checksums
            inside = bytes(packet)
        else:
            packet.plen = len(packet) - packet.__hdr_len__
            inside = bytes(packet)
            if datagram.sum == 0:  # 0 would mean none, which IPv6 does not allow
                datagram.sum = 0xFFFF
                inside = bytes(packet)
        before = frame[: self._offset]
        if before[-8:-6] == b"\x11\x00" and before[-2:] in (
            b"\x00\x21",
            b"\x00\x57",
        ):  # PPPoE has a length too
            before = before[:-4] + struct.pack("!H", 2 + len(inside)) + before[-2:]
        return before + inside


def read(record: Record) -> Datagram | str:
    """The datagram in a record; the name of what it has instead, e.g. "TCP"."""
    if len(record.data) > _LARGEST:
        return "larger than an IP packet"
    packet = _ip_packet(record)
    if isinstance(packet, str):
        return packet
    if _is_fragment(packet):
        return "an IP fragment, not reassembled"
    datagram = packet.data
    if not isinstance(datagram, udp.UDP):
        return _named(packet)
    payload: bytes = datagram.data
    size = datagram.ulen - 8
    cut = len(record.data) < record.length and len(payload) < size
    if 0 <= size < len(payload):
        payload = payload[:size]
    elif size > len(payload) and not cut:
        return "UDP with a wrong length"
    return Datagram(record, packet, datagram, payload if cut else _unwrapped(payload), cut)


def _ip_packet(record: Record) -> Any:
    data, link = record.data, record.link
    try:
        if link in _LINKS:
            inside = _LINKS[link](data).data
            while not isinstance(inside, (ip.IP, ip6.IP6, bytes)):
                if not isinstance(inside, (ppp.PPP, pppoe.PPPoE)):
                    return type(inside).__name__
                inside = inside.data
            return "no IP" if isinstance(inside, bytes) else inside
        inside = data[4:] if link in _LOOPBACKS else data
        version = inside[0] >> 4
        return ip.IP(inside) if version == 4 else ip6.IP6(inside) if version == 6 else "no IP"
    except Exception:  # of many kinds: dpkt reads all protocols, and IP in IP in IP until Python's stack ends
        return "damaged or cut"


def _is_fragment(packet: Any) -> bool:
    if isinstance(packet, ip.IP):
        return bool(packet.mf or packet.offset)
    return any(isinstance(header, ip6.IP6FragmentHeader) for header in packet.all_extension_headers)


def _named(packet: Any) -> str:
    protocol = getattr(packet, "p", _ESP)  # behind ESP dpkt knows none
    return _PROTOCOLS.get(protocol, f"IP protocol {protocol}")


def _unwrapped(payload: bytes) -> bytes:
    """What a relay's framing has inside: TURN's channel data, its Send and Data indications (RFC 8656)."""
    if len(payload) >= 4 and 0x40 <= payload[0] <= 0x7F:
        size = int.from_bytes(payload[2:4], "big")
        if size <= len(payload) - 4 <= size + 3:
            return payload[4 : 4 + size]
    elif payload[4:8] == _MAGIC_COOKIE and int.from_bytes(payload[:2], "big") in _INDICATIONS:
        try:
            for kind, value in stun.parse_attrs(payload[20:]):
                if kind == _DATA:
                    return bytes(value)
        except struct.error:
            pass
    return payload


def _address(address: bytes, port: int) -> str:
    host = inet_to_str(address)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
