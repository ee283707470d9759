"""The memory of ``callkey capture``, which must not grow with the capture."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from capturing import BEGUN, CALL_ID, audio, frame, secret
from command import SRC
from conftest import CALLER, PHONE
from rtp import header

from callkey._memory import PYPY
from callkey.srtp import SRTPSender

MIB = 1 << 20

MEASURED = """\
import re, sys
from callkey.cli import main
status = main(sys.argv[1:])
with open("/proc/self/status") as told:
    print(re.search(r"VmHWM:\\s+(\\d+) kB", told.read())[1], file=sys.stderr)
sys.exit(status)
"""
"""Not ru_maxrss, which a process has from the one that started it: here from pytest."""


def write(path: Path, size: int, payload: int) -> int:
    """A capture of at least this size, written as a stream: losses, two in a hundred twice, other traffic with ever new
    SSRCs. Returns the number of packets of the call."""
    sender, draw, sent = SRTPSender(secret(1).e2e_keys(CALLER), audio(CALLER)), random.Random(2), 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        while file.tell() < size:
            packet = sender.protect(header(sent & 0xFFFF, ssrc=audio(CALLER)) + bytes(payload))
            sent += 1
            frames = [frame(packet)] * (2 if sent % 50 == 0 else 1)
            if sent % 10 == 0:
                frames = [frame(b"\x80\x78" + draw.randbytes(100))]
            for data in frames:
                seconds, part = divmod(sent * 1000, 10**6)
                file.write(struct.pack("<IIII", int(BEGUN) + seconds, part, len(data), len(data)) + data)
    return sent - sent // 10


def solve(path: Path, key: Path, *more: str) -> tuple[int, int]:
    """The number of packets of the stream, and the most memory in bytes."""
    given = ("--own", PHONE, "--participant", CALLER, "--call-id", CALL_ID, "--key", os.fspath(key))
    command = [sys.executable, "-c", MEASURED, "capture", os.fspath(path), *given, "--json", *more]
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (stream,) = json.loads(done.stdout)["streams"]
    return stream["packets"], int(done.stderr.split()[-1]) * 1024


@pytest.mark.slow
def test_memory(tmp_path: Path, capture_mib: int) -> None:
    # A capture of an hour would end in the kernel's OOM killer.
    key = tmp_path / "call.key"
    key.write_bytes(bytes([1]) * 32)
    small, large = tmp_path / "small.pcap", tmp_path / "large.pcap"
    write(small, MIB, 160)
    # A large one in large datagrams, and a quarter of that in as many packets as in a call of hours.
    long = capture_mib > 64
    sizes = ((capture_mib, 16_000), (capture_mib // 4, 1100)) if long else ((capture_mib, 1100),)
    _, least = solve(small, key)
    for size, payload in sizes:
        sent = write(large, size * MIB, payload)
        packets, most = solve(large, key, "--write-pcap", os.fspath(tmp_path / f"plain-{payload}.pcap"))
        print(f"{size} MiB, {packets} packets: {most // MIB} MiB, {least // MIB} MiB for 1 MiB")
        assert sent - 100 <= packets <= sent
        assert PYPY or most < 300 * MIB  # PyPy's nursery grows with the processor's cache
        assert most - least < (24 if PYPY else 8 if long else 4) * MIB  # buffers, groups, and what PyPy compiles
        (tmp_path / f"plain-{payload}.pcap").unlink()
