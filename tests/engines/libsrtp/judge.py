"""libsrtp 2, Debian's: driver.c."""

from __future__ import annotations

from pathlib import Path

import tests.engines.stream as ours
from tests.engines.checks import Checks
from tests.engines.engine import Engine
from tests.engines.native import built
from tests.engines.stream import SRTPSender

HERE = Path(__file__).resolve().parent


def restarted(checks: Checks, engine: Engine) -> None:
    """What docs/engines.md says of a sender that starts its SRTCP index again with other keys."""
    engine.begin("receiver", ours.FIRST)
    checks.opens_rtcp(engine, SRTPSender(ours.FIRST, ours.SSRC), range(3), "with the first key")
    engine.rekey("receiver", ours.SECOND)
    again = SRTPSender(ours.SECOND, ours.SSRC).protect_rtcp(ours.sender_report(3))
    checks.refused("an SRTCP index that starts again", lambda: engine.ask("unprotect", "rtcp", again))


def judge(checks: Checks) -> str:
    program, version = built("libsrtp", "libsrtp2", "libsrtp2-dev")
    with Engine("libsrtp", program) as engine:
        checks.all(engine)
        restarted(checks, engine)
    return version
