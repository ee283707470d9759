"""Captures for tests: RTP of a call in UDP, in any link type, as pcap or pcapng."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from conftest import CALLER
from dpkt import ethernet, ip, ip6, udp
from rtp import header

import callkey
from callkey._e2e import E2ESecret
from callkey.srtp import SRTPSender

CALL_ID = "AB12"
BEGUN = 1700000000.0

Frames = list[tuple[float, bytes]]


def audio(jid: str) -> int:
    return callkey.ssrcs(CALL_ID, jid).audio


class Voice:
    """The audio of one participant, packet by packet."""

    def __init__(self, secret: Any, jid: str = CALLER, *, first: int = 0, ssrc: int | None = None) -> None:
        """first: ROC << 16 | sequence number."""
        self.ssrc = audio(jid) if ssrc is None else ssrc
        self.jid, self.next = jid, first
        self._sender = SRTPSender(secret.e2e_keys(jid), self.ssrc, roc=first >> 16)

    def rekey(self, secret: Any) -> None:
        self._sender.rekey(secret.e2e_keys(self.jid))

    def plain(self, index: int) -> bytes:
        return header(index & 0xFFFF, ssrc=self.ssrc) + b"voice %d" % index

    def packets(self, count: int) -> list[bytes]:
        made = [self._sender.protect(self.plain(index)) for index in range(self.next, self.next + count)]
        self.next += count
        return made


def ip_packet(payload: bytes, *, v6: bool = False, ports: tuple[int, int] = (4000, 5000)) -> Any:
    inside = udp.UDP(sport=ports[0], dport=ports[1], data=payload, ulen=8 + len(payload))
    if v6:
        ends = {"src": socket.inet_pton(socket.AF_INET6, "2001:db8::1"), "dst": bytes(15) + b"\x02"}
        return ip6.IP6(nxt=17, plen=8 + len(payload), data=inside, **ends)
    return ip.IP(src=bytes([192, 0, 2, 1]), dst=bytes([192, 0, 2, 2]), p=17, data=inside)


def frame(payload: bytes, **options: Any) -> bytes:
    """In Ethernet."""
    packet = ip_packet(payload, **options)
    return bytes(ethernet.Ethernet(src=b"\x02" * 6, dst=b"\x04" * 6, data=packet))


def frames(payloads: Iterable[bytes], *, every: float = 0.02, begun: float = BEGUN) -> Frames:
    return [(begun + number * every, frame(payload)) for number, payload in enumerate(payloads)]


def pcap(path: Path, captured: Frames, *, link: int = 1, order: str = "<", nano: bool = False) -> Path:
    units = 10**9 if nano else 10**6
    with path.open("wb") as file:
        magic = 0xA1B23C4D if nano else 0xA1B2C3D4
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link))
        for time, data in captured:
            ticks = round(time * 10**6) * (units // 10**6)
            file.write(struct.pack(order + "IIII", ticks // units, ticks % units, len(data), len(data)) + data)
    return path


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(path: Path, captured: Iterable[tuple[float, int, bytes]], links: Iterable[int], order: str = "<") -> Path:
    """captured: time, number of the interface, frame. The clock of interface 1 has nanoseconds."""
    with path.open("wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order))
        for number, link in enumerate(links):
            resolution = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0) if number == 1 else b""
            file.write(block(1, struct.pack(order + "HHI", link, 0, 0) + resolution, order))
        for time, number, data in captured:
            ticks = round(Decimal(repr(time)) * (10**9 if number == 1 else 10**6))
            head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
            file.write(block(6, head + data, order))
    return path


def secret(number: int, kind: Any = callkey.CallKey) -> E2ESecret:
    made: E2ESecret = kind.from_bytes(bytes([number]) * 32)
    return made
