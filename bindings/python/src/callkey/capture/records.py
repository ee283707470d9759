"""The records of a capture file, pcap or pcapng, one after the other.

dpkt's own readers lose what matters here: the packet's length on the wire, where a damaged file ends, and all but the
first interface of a pcapng file. So its definitions of the formats are used, and the file is read here.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from dpkt import UnpackError, pcap, pcapng

from .result import File

_LARGEST = 16 << 20
"""Bytes of a record at most. Beyond that the length is damaged: no link has such packets."""
_LATEST = 1 << 32
"""Seconds since 1970 that a pcap file can have. A later time, from a damaged clock, counts as none: 0."""
_MOST_INTERFACES = 4096
"""Of a section of a pcapng file. A damaged or hostile file may have millions, and each takes memory."""
_LINK_TYPE = 0xFFFF
"""The bits of pcap's link-type field that are the link type; above are those of the frame check sequence."""


class Record(NamedTuple):
    """One packet as captured. ``length`` is its length on the wire, of which ``data`` may be the start."""

    time: float
    link: int
    data: bytes
    length: int


class NotACaptureError(ValueError):
    """The file is neither pcap nor pcapng."""


class Records:
    """The records of a file. Iterate once; then ``told`` describes the file, and its ``cut`` why it ended early."""

    def __init__(self, path: str, file: BinaryIO, at: Callable[[int], None] | None = None) -> None:
        """at: is called with the position now and then. Raises NotACaptureError."""
        self._at = at
        self._path = path
        self._file = file
        self.position = 0
        """Bytes read so far."""
        self.size = os.fstat(file.fileno()).st_size
        self._count = 0
        self._cut = ""
        self._links: list[int] = []
        self._first: float | None = None
        self._last: float | None = None
        start = self._read(4)
        if start == b"\x0a\x0d\x0d\x0a":
            self._form, self._iterate = "pcapng", self._pcapng
        elif len(start) == 4 and struct.unpack(">I", start)[0] in pcap.MAGIC_TO_PKT_HDR:
            self._form, self._iterate = "pcap", self._pcap
        else:
            packed = " (it is compressed: decompress it first)" if start[:2] in (b"\x1f\x8b", b"\x28\xb5") else ""
            raise NotACaptureError(f"{path} is neither pcap nor pcapng{packed}")
        self._start = start

    def __iter__(self) -> Iterator[Record]:
        for record in self._all():
            self._count += 1
            if self._at is not None and self._count % 64 == 0:
                self._at(self.position)
            if self._first is None or record.time < self._first:
                self._first = record.time
            if self._last is None or record.time > self._last:
                self._last = record.time
            if record.link not in self._links:
                self._links.append(record.link)
            yield record

    def _all(self) -> Iterator[Record]:
        try:
            yield from self._iterate()
        except OSError as problem:
            self._cut = f"the file can't be read beyond byte {self.position}: {problem.strerror}"

    def told(self) -> File:
        return File(
            path=self._path,
            form=self._form,
            link_types=tuple(link_name(link) for link in self._links),
            records=self._count,
            bytes=self.size,
            first=self._first,
            last=self._last,
            cut=self._cut,
        )

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.position += len(data)
        return data

    def _whole(self, size: int, what: str) -> bytes | None:
        """The next bytes; None, and the reason noted, if the file has fewer."""
        at = self.position
        data = self._read(size)
        if len(data) < size:
            self._cut = f"the file ends within {what} at byte {at}: {len(data)} of {size} bytes are there"
            return None
        return data

    # pcap

    def _pcap(self) -> Iterator[Record]:
        rest = self._whole(pcap.FileHdr.__hdr_len__ - len(self._start), "the file header")
        if rest is None:
            return
        head = pcap.FileHdr(self._start + rest)
        packet_header = pcap.MAGIC_TO_PKT_HDR[head.magic]
        if packet_header.__hdr_fmt__[0] == "<":
            head = pcap.LEFileHdr(self._start + rest)
        link = head.linktype & _LINK_TYPE
        unpack = struct.Struct(packet_header.__hdr_fmt__)
        units = 10**9 if head.magic == pcap.TCPDUMP_MAGIC_NANO else 10**6
        read, size = self._file.read, unpack.size
        while True:
            start = self.position
            header = read(size)
            self.position += len(header)
            if len(header) < size:
                if header:
                    self._cut = f"the file ends within the header of a record at byte {start}"
                return
            seconds, part, captured, length = unpack.unpack(header)[:4]
            if captured > _LARGEST:
                self._cut = f"the record at byte {start} says that it has {captured} bytes: the file is damaged there"
                return
            data = self._whole(captured, "a record")
            if data is None:
                return
            yield Record(seconds + part / units, link, data, length)

    # pcapng

    def _pcapng(self) -> Iterator[Record]:
        order, interfaces = "<", list[_Interface]()
        head = self._start + self._read(8 - len(self._start))
        while True:
            start = self.position - len(head)
            if len(head) < 8:
                if head:
                    self._cut = f"the file ends within the header of a block at byte {start}"
                return
            if head[:4] == b"\x0a\x0d\x0d\x0a":
                magic = self._whole(4, "a section header")
                if magic is None:
                    return
                if struct.unpack("<I", magic)[0] not in (pcapng.BYTE_ORDER_MAGIC, pcapng.BYTE_ORDER_MAGIC_LE):
                    self._cut = f"the section at byte {start} has no byte order: the file is damaged there"
                    return
                order = "<" if struct.unpack("<I", magic)[0] == pcapng.BYTE_ORDER_MAGIC else ">"
                head += magic
                interfaces = []
            kind, size = struct.unpack(order + "II", head[:8])
            if size % 4 or not max(12, len(head) + 4) <= size <= _LARGEST:
                self._cut = f"the block at byte {start} says that it has {size} bytes: the file is damaged there"
                return
            rest = self._whole(size - len(head), "a block")
            if rest is None:
                return
            block = head + rest
            if block[-4:] != head[4:8]:
                self._cut = f"the block at byte {start} has two lengths: the file is damaged there"
                return
            if kind == pcapng.PCAPNG_BT_IDB:
                if len(interfaces) == _MOST_INTERFACES:
                    self._cut = f"the section has more than {_MOST_INTERFACES} interfaces, at byte {start}"
                    return
                interfaces.append(_interface(block, order))
            elif kind in (pcapng.PCAPNG_BT_EPB, pcapng.PCAPNG_BT_SPB, pcapng.PCAPNG_BT_PB):
                record = _packet(block, kind, order, interfaces)
                if record is None:
                    self._cut = f"the packet at byte {start} has no interface, or more bytes than its block"
                    return
                yield record
            head = self._read(8)


class _Interface(NamedTuple):
    link: int
    snap: int
    units: int
    """Of time in a second."""
    offset: int
    """Seconds to add."""


def _interface(block: bytes, order: str) -> _Interface:
    parse = pcapng.InterfaceDescriptionBlockLE if order == "<" else pcapng.InterfaceDescriptionBlock
    link, snap = struct.unpack_from(order + "HxxI", block, 8)
    units, offset = 10**6, 0
    try:
        for option in parse(block).opts:
            if option.code == pcapng.PCAPNG_OPT_IF_TSRESOL and option.data:
                exponent = option.data[0]
                units = 2 ** (exponent & 0x7F) if exponent & 0x80 else 10**exponent
            elif option.code == pcapng.PCAPNG_OPT_IF_TSOFFSET and len(option.data) == 8:
                (offset,) = struct.unpack(order + "q", option.data)
    except (UnpackError, UnicodeDecodeError, ValueError, struct.error):
        pass  # options that can't be read: the defaults
    return _Interface(link, snap, units, offset)


def _packet(block: bytes, kind: int, order: str, interfaces: list[_Interface]) -> Record | None:
    if kind == pcapng.PCAPNG_BT_SPB:
        if not interfaces or len(block) < 16:
            return None
        (length,) = struct.unpack_from(order + "I", block, 8)
        captured = min(length, len(block) - 16, interfaces[0].snap or length)
        return Record(0.0, interfaces[0].link, block[12 : 12 + captured], length)
    if len(block) < 32:
        return None
    form = "IIIII" if kind == pcapng.PCAPNG_BT_EPB else "HxxIIII"
    number, high, low, captured, length = struct.unpack_from(order + form, block, 8)
    if number >= len(interfaces) or captured > len(block) - 32:
        return None
    link, _, units, offset = interfaces[number]
    whole, part = divmod(high << 32 | low, units)
    time = offset + whole + part / units
    return Record(time if 0 <= time < _LATEST else 0.0, link, block[28 : 28 + captured], length)


_NAMES = {
    0: "BSD loopback",
    1: "Ethernet",
    9: "PPP",
    12: "raw IP",
    14: "raw IP",
    101: "raw IP",
    105: "IEEE 802.11",
    108: "OpenBSD loopback",
    113: "Linux cooked",
    127: "IEEE 802.11 with radiotap",
    228: "raw IPv4",
    229: "raw IPv6",
    276: "Linux cooked 2",
}


def link_name(link: int) -> str:
    """ "Ethernet", or "link type 187 (BLUETOOTH_HCI_H4)"."""
    if link in _NAMES:
        return _NAMES[link]
    known = (name[4:] for name, value in vars(pcap).items() if name.startswith("DLT_") and value == link)
    name = next(known, "")
    return f"link type {link} ({name})" if name else f"link type {link}"
