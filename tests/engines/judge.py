"""Runs the engines, prints a line for each, and compares docs/engines.md with what ran.

``python3 -m tests.engines.run`` starts it.
"""

from __future__ import annotations

import time
from importlib import import_module

from tests.engines.checks import Checks
from tests.engines.engine import Refused
from tests.engines.page import compare
from tools.script import IN_CI, Failed, Tally, start, usage

# Each module or folder beside this file that has judge(checks), and its name in docs/engines.md. judge() returns the
# engine's version.
ENGINES = {
    "libsrtp": "libsrtp 2",
    "pylibsrtp": "pylibsrtp",
    "pion": "pion/srtp",
    "ffmpeg": "FFmpeg",
    "gstreamer": "GStreamer",
    "libre": "libre",
    "webrtc_rs": "webrtc-rs",
    "pjsip": "PJSIP",
}
PINNED = {"pylibsrtp", "pion", "webrtc_rs", "pjsip"}


def judged(name: str, checks: Checks) -> str:
    for place in (f"tests.engines.{name}.judge", f"tests.engines.{name}"):
        try:
            module = import_module(place)
        except ModuleNotFoundError as missing:
            if missing.name is None or not place.startswith(missing.name):
                raise
        else:
            version: str = module.judge(checks)
            return version
    raise Failed(f"tests/engines has no {name}")


def main(arguments: list[str]) -> int:
    write = "--write" in arguments
    names = [word for word in arguments if word != "--write"] or list(ENGINES)
    if unknown := set(names) - ENGINES.keys():
        usage(f"{', '.join(sorted(unknown))}: the engines are {', '.join(ENGINES)}")
    tally = Tally()
    versions: dict[str, str] = {}
    for name in names:
        checks = Checks(ENGINES[name])
        began = time.monotonic()
        try:
            versions[name] = judged(name, checks)
        except SystemExit as end:  # of skip(): the others run all the same
            if end.code:
                raise
            tally.skipped.append(name)
        except (Failed, Refused) as failure:
            print(f"{ENGINES[name]}: {failure}" if isinstance(failure, Refused) else failure)
            tally.fail(ENGINES[name])
        else:
            tally.hold(f"{ENGINES[name]} {versions[name]}: {checks.passed} passed, {time.monotonic() - began:.0f} s")
    # Debian's next release has other versions; there the page still says what CI runs.
    told = versions if write or IN_CI else {name: versions[name] for name in versions.keys() & PINNED}
    with tally.test("docs/engines.md: the code and the versions are those that ran"):
        compare({ENGINES[name]: version for name, version in told.items()}, write)
    return tally.end()


if __name__ == "__main__":
    start(main)
