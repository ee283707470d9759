"""send.sh and receive.sh, with the call's keys."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import tests.engines.stream as ours
from tests.engines.loopback import HOST
from tools.script import expect

HERE = Path(__file__).resolve().parent
SUITE = "SRTP_AES128_CM_HMAC_SHA1_32"
SHORT = "AES_CM_128_HMAC_SHA1_32"  # its tags are of 4 bytes in RTCP too
LIMIT = 20


def script(name: str, *changes: tuple[str, str]) -> list[str]:
    """The command for a script, with words replaced."""
    text = (HERE / name).read_text(encoding="utf-8")
    for old, new in changes:
        expect(old in text, f"{name} has no {old}")
        text = text.replace(old, new)
    return ["sh", "-c", text]


def settings(**more: object) -> dict[str, str]:
    key = base64.b64encode(ours.FIRST.libsrtp_key).decode()
    return {**os.environ, "KEY": key, "HOST": HOST, **{name: str(value) for name, value in more.items()}}
