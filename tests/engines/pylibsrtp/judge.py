"""pylibsrtp, from PyPI: driver.py."""

from __future__ import annotations

import sys

from tests.engines.checks import Checks
from tests.engines.engine import Engine


def judge(checks: Checks) -> str:
    from pylibsrtp import __version__

    with Engine("pylibsrtp", sys.executable, "-m", "tests.engines.pylibsrtp.driver") as engine:
        checks.all(engine)
    return __version__
