"""pion/srtp, from the Go proxy: main.go."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engines.checks import Checks
from tests.engines.engine import WORK, Engine
from tools.script import GO, run

HERE = Path(__file__).resolve().parent
MODULE = "github.com/pion/srtp/v3"


def judge(checks: Checks) -> str:
    program = WORK / "pion"
    run(GO, "build", "-o", program, ".", cwd=HERE, env={"GOOS": "", "GOARCH": "", "CGO_ENABLED": "1"})
    with Engine("pion", program) as engine:
        checks.all(engine)
    version: str = json.loads(run(GO, "list", "-m", "-json", MODULE, cwd=HERE))["Version"]
    return version.removeprefix("v")
