"""Checks Android's requirements of a library: python3 -m platforms.android.check LIBRARY"""

from __future__ import annotations

import re
from pathlib import Path

from tools.script import expect, go_run, run, start, usage

LARGEST_PAGE = 16384
SYSTEM = {"libc.so", "libdl.so", "liblog.so", "libm.so"}


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        usage(__doc__)
    library = Path(arguments[0])
    segments = [line.split() for line in run("readelf", "-lW", library).splitlines()]
    alignments = [int(fields[-1], 16) for fields in segments if fields[:1] == ["LOAD"]]
    # A segment that is not laid out for pages of 16 KB does not load on a device that has them.
    fit = alignments and all(alignment >= LARGEST_PAGE and alignment % LARGEST_PAGE == 0 for alignment in alignments)
    expect(fit, f"{library} is not for pages of 16 KB: its segments are aligned to {alignments}")
    # Without an id no crash report finds its symbols.
    expect("Build ID: " in run("readelf", "-nW", library), f"{library} has no build id")
    # Android rejects code that is changed during the load.
    expect("TEXTREL" not in run("readelf", "-dW", library), f"{library} has text relocations")
    # Each is on every device; another one would have to be in the app.
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-dW", library)))
    expect(needed <= SYSTEM, f"{library} needs {' '.join(sorted(needed - SYSTEM))}")
    print(go_run("./tools/contract", "exports", library), end="")


if __name__ == "__main__":
    start(main)
