"""Prints the static thread-local storage that a library needs: python3 -m tools.tls LIBRARY

A program has about 1.6 KB of it for all libraries that it loads at run time (glibc), so this library may use at most
64 bytes.
"""

from __future__ import annotations

from pathlib import Path

from tools.script import expect, run, start, usage

MOST = 64


def static_tls(library: Path) -> int:
    """The size of the segment that every thread has a copy of, in bytes."""
    for line in run("readelf", "-lW", library).splitlines():
        fields = line.split()
        if fields[:1] == ["TLS"]:
            return int(fields[5], 16)
    return 0


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    size = static_tls(Path(arguments[0]))
    expect(size <= MOST, f"{arguments[0]} takes {size} bytes of static TLS, more than {MOST}")
    print(f"static TLS: {size} bytes")


if __name__ == "__main__":
    start(main)
