"""Reads the captures that the media engine writes: classic pcap with times in nanoseconds, raw IP, UDP over IPv4."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from tools.script import expect

HEADER = struct.pack(">IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101)
LOOPBACK = bytes([127, 0, 0, 1])
UDP = 17


@dataclass(frozen=True)
class Packet:
    time: int  # ns since 1970
    source: int  # ports
    destination: int
    payload: bytes

    @property
    def rtcp(self) -> bool:
        return 192 <= self.payload[1] <= 223

    @property
    def ssrc(self) -> int:
        at = 4 if self.rtcp else 8
        return int.from_bytes(self.payload[at : at + 4], "big")


def checked(data: bytes) -> bool:
    """RFC 1071: with a right checksum in it the sum is all ones."""
    words = struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])
    total = sum(words) + (data[-1] << 8 if len(data) % 2 else 0)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def read(file: Path) -> list[Packet]:
    """Its packets. Raises Failed if a length or checksum is wrong."""
    data = file.read_bytes()
    expect(data[:24] == HEADER, f"{file}: the header is {data[:24].hex()}")
    packets = []
    at = 24
    while at < len(data):
        seconds, nanoseconds, captured, size = struct.unpack_from(">IIII", data, at)
        frame = data[at + 16 : at + 16 + captured]
        at += 16 + captured
        expect(captured == size == len(frame) and nanoseconds < 10**9, f"{file}: a record at {at}")
        packets.append(datagram(seconds * 10**9 + nanoseconds, frame))
    return packets


def datagram(time: int, frame: bytes) -> Packet:
    ip, udp = frame[:20], frame[20:]
    source, destination, size, total = struct.unpack_from(">HHHH", udp)
    expect(ip[0] == 0x45 and ip[9] == UDP and ip[12:] == LOOPBACK * 2, f"the header of IP: {ip.hex()}")
    expect(int.from_bytes(ip[2:4], "big") == len(frame) and checked(ip), f"length or checksum of IP: {ip.hex()}")
    pseudo = ip[12:] + struct.pack(">BBH", 0, UDP, len(udp))
    expect(size == len(udp) and total != 0 and checked(pseudo + udp), f"length or checksum of UDP: {udp[:8].hex()}")
    return Packet(time, source, destination, udp[8:])
