"""libre, Debian's: driver.c."""

from __future__ import annotations

import tests.engines.stream as ours
from tests.engines.checks import Checks
from tests.engines.engine import Engine
from tests.engines.native import built


def judge(checks: Checks) -> str:
    program, version = built("libre", "libre", "libre-dev")
    with Engine("libre", program) as engine:
        checks.all(engine)
    # What docs/engines.md says of one context for both.
    short, _ = built("libre", "libre", "libre-dev", "SRTP_AES_CM_128_HMAC_SHA1_80", "SRTP_AES_CM_128_HMAC_SHA1_32")
    with Engine("libre-short", short) as engine:
        engine.begin("sender", ours.FIRST)
        report = ours.sender_report(1)
        grown = len(engine.ask("protect", "rtcp", report)) - len(report)
        checks.hold(grown == 4 + 4, f"its short suite has SRTCP tags of {grown - 4} bytes, not of 4")
    return version
