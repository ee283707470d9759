"""webrtc-rs, from crates.io: src/main.rs."""

from __future__ import annotations

import re
from pathlib import Path

from tests.engines.checks import Checks
from tests.engines.engine import Engine
from tests.peers.rust.toolchain import toolchain
from tools.script import expect

HERE = Path(__file__).resolve().parent


def judge(checks: Checks) -> str:
    cargo = toolchain()
    cargo.build(HERE)
    with Engine("webrtc_rs", *cargo.program("engine")) as engine:
        # Its window takes an RTP packet as received before the tag is checked.
        checks.all(engine, forgery_blocks={"rtp"})
    version = re.search(r'^webrtc-srtp = "=(.+?)"', (HERE / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
    expect(version, "Cargo.toml has no version of webrtc-srtp")
    assert version
    return version[1]
