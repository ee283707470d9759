"""PJSIP, from PyPI: driver.c."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

from tests.engines.checks import Checks
from tests.engines.engine import HERE, WORK, Engine
from tests.program import Compiler
from tools.script import skip

PACKAGE = "pjsua2-python"


def judge(checks: Checks) -> str:
    try:
        found = version(PACKAGE)
    except PackageNotFoundError:  # it is only for some processors and versions
        skip(f"{PACKAGE} for this Python and processor", f"pip install {PACKAGE}")
    made = Compiler(WORK, "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-O1", "-fPIC")
    driver = made.shared("pjsip", [HERE / "request.c", HERE / "pjsip" / "driver.c"])
    with Engine("pjsip", sys.executable, "-m", "tests.engines.pjsip.load", driver) as engine:
        checks.all(engine)
    return found.partition(".post")[0]
