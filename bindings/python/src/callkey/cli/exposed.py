"""Rejects secrets on the command line, where every process and the shell's history see them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from .exits import UsageError

_HEX = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{56,})")
"""From 28 bytes on. A call id has 16."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{38,}={0,2}")
"""From 28 bytes on."""
_NAMED = re.compile(r"(?:--[\w-]+=)?(?:\d+=)?")
"""What stands before a value: an option's name, a prekey's number."""


def refuse_secrets(arguments: Sequence[str]) -> None:
    """Raises UsageError for an argument that looks like a key, before any parser can repeat it in an error."""
    for number, argument in enumerate(arguments, 1):
        value = _NAMED.sub("", argument, count=1)
        kind = _looks_like(value)
        if kind:
            raise UsageError(
                f"argument {number} looks like a key or a message itself ({kind}). Name a file that has it, or - for "
                "standard input: every process can read a command line, and the shell keeps it in its history. If it "
                "is a secret, treat it as exposed."
            )


def _looks_like(value: str) -> str:
    packed = re.sub(r"[\s:]", "", value)
    digits = _HEX.fullmatch(packed)
    if digits and not os.path.exists(value):
        return f"{len(digits.group(1))} hex digits"
    if _BASE64.fullmatch(packed) and _mixed(packed) and not _path(value):
        return f"{len(packed)} characters of base64"
    return ""


def _mixed(text: str) -> bool:
    # Random bytes have all three within 40 characters; a word or a name hardly ever does.
    return all(re.search(kind, text) for kind in ("[A-Z]", "[a-z]", "[0-9]"))


def _path(value: str) -> bool:
    folder = os.path.dirname(value)
    return os.path.exists(value) or (folder != "" and os.path.isdir(folder))
