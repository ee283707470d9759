"""What is left of the keys in the process's memory when they are wiped."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import COUNTING, PHONE
from rtp import needed

from callkey import CallKey

needed("cryptography")

PROGRAM = f"""
import sys
from callkey import CallKey
from callkey.srtp import SRTPReceiver, SRTPSender, check

def wait():
    print("ready", flush=True)
    sys.stdin.readline()

key = CallKey.from_bytes(bytes(range(32)))
keys = key.e2e_keys({PHONE!r})
key.wipe()
wait()
sender, receiver = SRTPSender(keys, 1), SRTPReceiver(keys)
for number in range(100):
    header = b"\\x80\\x78" + number.to_bytes(2, "big") + bytes(4) + (1).to_bytes(4, "big")
    protected = sender.protect(header + bytes(160))
    assert check(keys, protected, 0) and receiver.unprotect(protected)
    assert receiver.unprotect_rtcp(sender.protect_rtcp(bytes([0x80, 200, 0, 6, 0, 0, 0, 1]) + bytes(20)))
keys.wipe()
wait()
"""
MAPPED = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")
PAGE = 4096


def memory(process: int) -> bytes:
    """All that a process can write to, without the pages of zeros."""
    parts = []
    with open(f"/proc/{process}/maps", encoding="utf-8") as maps, open(f"/proc/{process}/mem", "rb", 0) as all_of_it:
        for line in maps:
            found = MAPPED.match(line)
            if found:
                start, end = (int(number, 16) for number in found.groups())
                all_of_it.seek(start)
                try:
                    content = all_of_it.read(end - start)
                except OSError:  # reserved, and not backed by anything
                    continue
                pages = (content[at : at + PAGE] for at in range(0, len(content), PAGE))
                parts += [page for page in pages if page != bytes(PAGE)]
    return b"".join(parts)


def workings(parts: dict[str, bytes]) -> dict[str, bytes]:
    """What HMAC makes of a key, and the first block's counter of the last packet, which tells the salt."""
    made = {}
    for kind in ("srtp", "srtcp"):
        key, salt = parts[f"{kind}_auth_key"], int.from_bytes(parts[f"{kind}_salt"], "big")
        made[f"{kind}, inner pad"] = bytes(byte ^ 0x36 for byte in key)
        made[f"{kind}, outer pad"] = bytes(byte ^ 0x5C for byte in key)
        counter = salt << 16 ^ 1 << 64 ^ 99 << 16
        made[f"{kind}, counter"] = counter.to_bytes(16, "big")
        for name, number in (("salt", salt), ("counter", counter)):  # as CPython's integers have it
            digits = [number >> shift & 0x3FFFFFFF for shift in range(0, number.bit_length(), 30)]
            made[f"{kind}, {name} as an integer"] = b"".join(digit.to_bytes(4, sys.byteorder) for digit in digits)
    return made


@pytest.mark.slow
def test_nothing_is_left(tmp_path: Path) -> None:
    # Whoever gets hold of the process's memory, or its core file, could read calls that are over.
    with CallKey.from_bytes(COUNTING) as key, key.e2e_keys(PHONE) as keys:
        parts = {name: bytes.fromhex(digits) for name, digits in keys.to_dict().items()}
    forms = {**parts, **workings(parts)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdin and process.stdout
        found = []
        for _ in range(2):
            assert process.stdout.readline() == "ready\n"
            seen = memory(process.pid)
            found.append({name for name, form in forms.items() if form in seen})
            print(file=process.stdin, flush=True)
        assert process.wait(60) == 0
    assert found[0] == set(parts)
    assert found[1] == set()
