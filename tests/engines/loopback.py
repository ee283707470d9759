"""UDP on this machine: sockets of our own, and ports for a program."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

from tools.script import Failed

HOST = "127.0.0.1"


def bound(port: int = 0) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.settimeout(10)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    try:
        opened.bind((HOST, port))
    except OSError:
        opened.close()
        raise
    return opened


def port_of(opened: socket.socket) -> int:
    port: int = opened.getsockname()[1]
    return port


def free_pair() -> int:
    """An even port that is free, and so is the next one."""
    for _ in range(100):
        with bound() as first:
            port = port_of(first) & ~1
        try:
            with bound(port), bound(port + 1):
                return port
        except OSError:
            continue
    raise Failed("no two UDP ports next to each other are free")


def await_reader(port: int, limit: float = 15) -> None:
    """Wait until a program has bound this port."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        for table in ("/proc/net/udp", "/proc/net/udp6"):
            lines = Path(table).read_text().splitlines()[1:] if Path(table).exists() else []
            if any(line.split()[1].endswith(f":{port:04X}") for line in lines):
                return
        time.sleep(0.02)
    raise Failed(f"nothing reads from UDP port {port} after {limit:.0f} s")


def arriving(sockets: dict[str, socket.socket], limit: float, ended: Callable[[], bool]) -> Iterator[tuple[str, bytes]]:
    """Packets with the name of their socket, until the sender has ended, or none comes for ``limit`` seconds."""
    names = {opened: name for name, opened in sockets.items()}
    silent = 0.0
    while silent < limit:
        over = ended()  # before the look: what it sent last is there by then
        ready = select.select(list(names), [], [], 0.1)[0]
        for opened in ready:
            yield names[opened], opened.recv(4096)
        silent = 0 if ready else silent + 0.1
        if over and not ready:
            return
