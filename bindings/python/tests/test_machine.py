"""What a library was built for, in the error that says why it can't be loaded."""

from __future__ import annotations

import ctypes
import struct
import sys
from pathlib import Path

import pytest

import callkey
from callkey import _library, _machine


def elf(machine: int, order: str = "<") -> bytes:
    return b"\x7fELF\2" + (b"\1" if order == "<" else b"\2") + bytes(12) + struct.pack(f"{order}H", machine)


def pe(machine: int) -> bytes:
    return b"MZ" + bytes(58) + struct.pack("<I", 128) + bytes(64) + b"PE\0\0" + struct.pack("<H", machine)


HEADS = {
    elf(62): ["Linux on x86_64"],
    elf(183): ["Linux on aarch64"],
    elf(3): ["Linux on x86"],
    elf(22, ">"): ["Linux on s390x"],
    elf(999): ["Linux on processor type 0x3e7"],
    pe(0x8664): ["Windows on x86_64"],
    pe(0xAA64): ["Windows on aarch64"],
    b"\xcf\xfa\xed\xfe" + struct.pack("<I", 0x0100000C): ["macOS on aarch64"],
    b"\xca\xfe\xba\xbe" + struct.pack(">II16xI16x", 2, 0x01000007, 0x0100000C): ["macOS on x86_64", "macOS on aarch64"],
}


@pytest.mark.parametrize("head", HEADS)
def test_made_for(head: bytes, tmp_path: Path) -> None:
    # Somebody with the wrong wheel would learn a loader's number and not the reason.
    path = tmp_path / "library"
    path.write_bytes(head)
    assert _machine.made_for(str(path)) == HEADS[head]


def test_no_library(tmp_path: Path) -> None:
    # An error about the platform would hide that a file is damaged, or is another kind of file.
    path = tmp_path / "library"
    for head in HEADS:
        for length in range(len(head)):
            path.write_bytes(head[:length])
            assert _machine.made_for(str(path)) in ([], HEADS[head]), head[:length]
    path.write_bytes(b"MZ" + bytes(58) + struct.pack("<I", 1 << 31))
    assert _machine.made_for(str(path)) == []
    path.write_bytes(b"INPUT(libcallkey.so.0)\n")
    assert _machine.made_for(str(path)) == []
    assert _machine.made_for(str(tmp_path / "absent")) == []
    assert _machine.made_for(str(tmp_path)) == []


def test_this_python() -> None:
    # The error would contradict itself.
    assert _machine.made_for(callkey.load()) == [_machine.this_python()]


def test_another_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A folder of packages, copied from another machine, would fail for no reason that one can see.
    foreign = {"win32": "libcallkey.so.0"}.get(sys.platform, "callkey.dll")
    there = "Linux on s390x" if foreign.endswith("0") else "Windows on aarch64"
    inside = tmp_path / foreign
    inside.write_bytes(elf(22, ">") if foreign.endswith("0") else pe(0xAA64))
    text = f"it is for {there}, and this Python is for {_machine.this_python()}; there are wheels for Linux with glibc"

    def absent(name: str) -> ctypes.CDLL:
        raise OSError(f"{name}: no such file")

    monkeypatch.setattr(ctypes, "CDLL", absent)
    monkeypatch.setattr(_library, "_PACKAGE", tmp_path)
    for place in (str(inside), _library.NAME):
        with pytest.raises(callkey.LibraryError) as caught:
            _library._dlopen(place)
        assert str(caught.value).startswith(f"callkey can't load {inside}: {text}")


def test_not_readable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The loader's own reason would be lost.
    path = tmp_path / "mine 📞" / "library"
    path.parent.mkdir()
    path.write_bytes(b"no library")
    with pytest.raises(callkey.LibraryError) as caught:
        _library._dlopen(str(path))
    assert str(caught.value).startswith(f"callkey can't load {path}: ")
    assert "this Python is for" not in str(caught.value)
