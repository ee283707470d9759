"""A capture file of the authentic packets in the clear, which Wireshark plays."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

from dpkt import pcap

from .datagram import Datagram


class PlainCapture:
    """A new pcap file, which only its owner can read, with the link type of the first packet.

    Frames are as captured, with the plain packet directly in UDP and right lengths and checksums. Packets of a second
    link type (a pcapng file may have several) are left out and counted in ``left_out``, because a pcap file has one.
    Raises OSError if the file exists or can't be written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", 1 << 20)
        self._writer: Any = None
        self._link = 0
        self.left_out = 0

    def write(self, plain: bytes, carrier: Datagram) -> None:
        if self._writer is None:
            self._link = carrier.link
            self._writer = pcap.Writer(self._file, snaplen=1 << 18, linktype=carrier.link)
        if carrier.link != self._link:
            self.left_out += 1
            return
        # In whole microseconds, because dpkt would write 0.9999999 as 1,000,000 of them.
        self._writer.writepkt_time(carrier.carrying(plain), round(carrier.time, 6))

    def close(self) -> None:
        if self._writer is None:  # without packets it is still a pcap file
            self._writer = pcap.Writer(self._file, snaplen=1 << 18)
        self._file.close()

    def __enter__(self) -> PlainCapture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
