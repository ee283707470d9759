"""make ctime: the t-value of every comparison of secrets, and of a leaky one as control.

Ends with 1 if the control is not found or a comparison of ours reaches |t| 10 in three runs out of three. SAMPLES sets
how many inputs each run takes. Use it on an idle machine.
"""

from __future__ import annotations

import os
import re

from tools.script import GO, run, start

RUNS = 3
BOUND = 10.0
PACKAGES = (
    "./tests/ctime", "./core/curve", "./core/curve/lanes", "./core/session", "./core/signal", "./core/envelope",
    "./core/epoch", "./core/derive", "./core/store", "./core/kdf", "./core/aes",
)  # fmt: skip
LINE = re.compile(r"^BenchmarkTiming(\S+?)(?:-\d+)?\s.*?(\S+) \|t\|", re.MULTILINE)


def main(_: list[str]) -> int:
    samples = os.environ.get("SAMPLES") or "200000"
    # The runtime does not erase here, as in any go test: erasing takes time too.
    timing = ("-run", "^$", "-bench", "^BenchmarkTiming", "-benchtime", f"{samples}x", "-count", str(RUNS))
    said = run(GO, "test", "-tags", "sqlite_omit_load_extension", *timing, *PACKAGES, quiet=True)
    times: dict[str, list[float]] = {}
    for name, t in LINE.findall(said):
        times.setdefault(name, []).append(float(t))

    heads = "".join(f"{f'run {i + 1}':>10}" for i in range(RUNS))
    print(f"{'':14} {heads}   |t| of {samples} samples each")
    bad = len(times) < 2
    for name, ts in times.items():
        leaks = min(ts) > BOUND
        if name == "Control":
            verdict = "leaks, as it must" if leaks else "NOT FOUND: no result counts"
        else:
            verdict = "DEPENDS ON THE SECRET" if leaks else "nothing found"
        bad |= leaks != (name == "Control")
        print(f"{name:14} {''.join(f'{t:10.1f}' for t in ts)}   {verdict}")
    return 1 if bad else 0


if __name__ == "__main__":
    start(main)
