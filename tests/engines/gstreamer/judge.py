"""GStreamer's srtpenc and srtpdec, Debian's: driver.c."""

from __future__ import annotations

from tests.engines.checks import Checks
from tests.engines.engine import Engine
from tests.engines.native import built


def judge(checks: Checks) -> str:
    program, version = built("gstreamer", "gstreamer-1.0", "libgstreamer1.0-dev gstreamer1.0-plugins-bad")
    with Engine("gstreamer", program) as engine:
        checks.all(engine)
    return version
