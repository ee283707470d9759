"""Frames of Ethernet, IPv4 and UDP, and the pcap file around them."""

from __future__ import annotations

import struct
from pathlib import Path

Address = tuple[str, int]

_MACS = b"\x02\0\0\0\0\x01" + b"\x02\0\0\0\0\x02"


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _ip(source: str, destination: str, protocol: int, inside: bytes) -> bytes:
    addresses = bytes(map(int, source.split("."))) + bytes(map(int, destination.split(".")))
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(inside), 1, 0x4000, 64, protocol, 0) + addresses
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + inside


def udp(source: Address, destination: Address, payload: bytes, *, vlan: int = 0) -> bytes:
    head = struct.pack("!HHHH", source[1], destination[1], 8 + len(payload), 0)
    return ethernet(0x0800, _ip(source[0], destination[0], 17, head + payload), vlan=vlan)


def tcp(source: Address, destination: Address) -> bytes:
    head = struct.pack("!HHIIHHHH", source[1], destination[1], 1, 0, 0x5002, 1024, 0, 0)
    return ethernet(0x0800, _ip(source[0], destination[0], 6, head))


def ethernet(kind: int, inside: bytes, *, vlan: int = 0) -> bytes:
    tag = struct.pack("!HH", 0x8100, vlan) if vlan else b""
    return _MACS + tag + struct.pack("!H", kind) + inside


def channel_data(number: int, payload: bytes) -> bytes:
    """TURN's ChannelData (RFC 8656)."""
    return struct.pack("!HH", number, len(payload)) + payload


def write(path: Path, frames: list[tuple[float, bytes, int]]) -> None:
    """frames: time, the captured bytes, the length on the wire."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for time, data, length in frames:
            micros = round(time * 1e6)
            file.write(struct.pack("<IIII", micros // 10**6, micros % 10**6, len(data), length) + data)
