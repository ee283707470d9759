"""Programs for Linux on arm64, under QEMU."""

from __future__ import annotations

from tools.script import need

TRIPLE = "aarch64-linux-gnu"
QEMU = ("qemu-aarch64-static", "-L", f"/usr/{TRIPLE}")
# For a build of the library.
TARGET = {"GOOS": "linux", "GOARCH": "arm64", "CC": f"{TRIPLE}-gcc"}


def need_arm64() -> None:
    need(f"{TRIPLE}-gcc", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross")
    need(QEMU[0], "qemu-user-static")
