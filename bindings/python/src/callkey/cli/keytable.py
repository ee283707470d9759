"""The keys of ``callkey derive`` under the names of the Python package: as a table, and one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .page import Page, printable
from .schedule import SLOTS

_NAME, _SIZE = len("libsrtp_key_base64"), 2
_DIGITS = 32
"""Hex digits of a value on one line where a longer line does not fit."""
_NOT_SHOWN = "libsrtp_key"
"""In the table, which has its two parts and its base64."""


def flat(keys: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(owner, name, value) of every key; an SSRC is four bytes in the order of the RTP header."""
    rows = []
    for one in keys.get("participants", []):
        owner = printable(one["participant"]).replace(" ", "\\x20")
        rows += [(owner, name, f"{value:08x}" if isinstance(value, int) else value) for name, value in _values(one)]
    if "warp_auth_key" in keys:
        rows.append(("call", "warp_auth_key", keys["warp_auth_key"]))
    for which, members in keys.get("hbh_keys", {}).items():
        rows += [(f"relay.{which}", name, value) for name, value in members.items()]
    return rows


def show(page: Page, keys: dict[str, Any], told: list[tuple[str, str, str]]) -> None:
    """The table, below the name, fingerprint and origin of each secret."""
    for what, fingerprint, origin in told:
        page.columns([(page.style(what, "bold"), 14), (page.style(fingerprint, "cyan"), 16 if fingerprint else 0)])
        page.paragraph(printable(origin), "dim", indent=15)
    for one in keys.get("participants", []):
        page.line()
        given = f"  from {printable(one['jid'])}" if "jid" in one else ""
        page.line(page.style(printable(one["participant"]), "bold", "cyan") + page.style(given, "dim"))
        _rows(page, _values(one))
    if "warp_auth_key" in keys:
        page.line()
        page.line(page.style("all participants", "bold", "cyan"))
        _rows(page, [("warp_auth_key", keys["warp_auth_key"])])
    for which, members in keys.get("hbh_keys", {}).items():
        page.line()
        page.line(page.style(f"relay, {which}", "bold", "cyan"))
        _rows(page, members.items())


def _values(one: dict[str, Any]) -> list[tuple[str, Any]]:
    """The names and values of a participant; a member of a group has the group's name before its own."""
    rows: list[tuple[str, Any]] = []
    for name, value in one.items():
        if isinstance(value, dict):
            rows += [(f"{name}.{member}", each) for member, each in value.items()]
        elif name not in ("participant", "jid"):
            rows.append((name, value))
    return rows


def _rows(page: Page, values: Iterable[tuple[str, Any]]) -> None:
    room = page.width - _NAME - _SIZE - 5
    for name, value in values:
        if name == _NOT_SHOWN:
            continue
        if isinstance(value, int):
            size, lines = "", [f"{value:>10}  0x{value:08x}  slot {getattr(SLOTS, name.partition('.')[2])}"]
        elif name == "sdp_crypto":
            size, lines = "", [value] if len(value) <= room else value.rsplit(" ", 1)
        elif name == "libsrtp_key_base64":
            size, lines = str(len(value) * 3 // 4), [value]
        else:
            step = len(value) if len(value) <= room else _DIGITS
            size, lines = str(len(value) // 2), [value[i : i + step] for i in range(0, len(value), step)]
        for number, line in enumerate(lines):
            _row(page, "" if number else name, "" if number else size, line)


def _row(page: Page, name: str, size: str, value: str) -> None:
    page.columns([(page.style(name, "bold"), _NAME), (f"{size:>{_SIZE}}", _SIZE), ("", 0), (value, 0)], indent=2)
