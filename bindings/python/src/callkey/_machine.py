"""Which system and processor a library was built for, to name the cause where it can't be loaded."""

from __future__ import annotations

import os
import platform
import struct
import sys
import sysconfig

WHEELS = "Linux with glibc 2.17 or later and macOS 12 or later on x86_64 and aarch64, and Windows on x86_64"
"""What there are wheels for."""

_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "i386": "x86", "i686": "x86"}
_WINDOWS = {"win-amd64": "x86_64", "win-arm64": "aarch64", "win32": "x86"}
_NARROW = {"x86_64": "x86", "aarch64": "arm"}
_ELF = {3: "x86", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_PE = {0x14C: "x86", 0x8664: "x86_64", 0xAA64: "aarch64"}
_MACH = {0x01000007: "x86_64", 0x0100000C: "aarch64"}


def this_python() -> str:
    """E.g. "Linux on x86_64"."""
    machine = platform.machine().lower()
    machine = _MACHINES.get(machine, machine)
    if sys.platform == "win32":  # an ARM machine also runs a Python for x86_64
        machine = _WINDOWS.get(sysconfig.get_platform(), machine)
    if sys.maxsize < 1 << 32:
        machine = _NARROW.get(machine, machine)
    return f"{_SYSTEMS.get(sys.platform, sys.platform)} on {machine}"


def made_for(path: str) -> list[str]:
    """What the file's first bytes say, as this_python() says it. More than one for a universal library of macOS, and
    none if the file is not a library."""
    if not os.path.isfile(path):
        return []
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
        return _made_for(head)
    except (OSError, struct.error):
        return []


def _made_for(head: bytes) -> list[str]:
    if head.startswith(b"\x7fELF"):
        (machine,) = struct.unpack_from(">H" if head[5:6] == b"\2" else "<H", head, 18)
        return [f"Linux on {_named(_ELF, machine)}"]
    if head.startswith(b"MZ"):
        (start,) = struct.unpack_from("<I", head, 60)
        signature, machine = struct.unpack_from("<4sH", head, start)
        return [f"Windows on {_named(_PE, machine)}"] if signature == b"PE\0\0" else []
    if head.startswith(b"\xcf\xfa\xed\xfe"):
        (machine,) = struct.unpack_from("<I", head, 4)
        return [f"macOS on {_named(_MACH, machine)}"]
    if head.startswith(b"\xca\xfe\xba\xbe"):
        (count,) = struct.unpack_from(">I", head, 4)
        machines = [struct.unpack_from(">I", head, 8 + 20 * each)[0] for each in range(min(count, 8))]
        return [f"macOS on {_named(_MACH, machine)}" for machine in machines]
    return []


def _named(known: dict[int, str], machine: int) -> str:
    return known.get(machine, f"processor type {machine:#x}")
