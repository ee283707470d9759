"""The keys of ``callkey derive`` under the names of the Python package: as a table, and one by one."""

from __future__ import annotations

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
        rows += [(owner, name, value) for name, value in _values(one)]
        rows += [(owner, f"ssrcs.{name}", f"{ssrc:08x}") for name, ssrc in one.get("ssrcs", {}).items()]
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
        for (name, ssrc), slot in zip(one.get("ssrcs", {}).items(), SLOTS):
            _row(page, f"ssrcs.{name}", "", f"{ssrc:>10}  0x{ssrc:08x}  slot {slot}")
    if "warp_auth_key" in keys:
        page.line()
        page.line(page.style("all participants", "bold", "cyan"))
        _rows(page, [("warp_auth_key", keys["warp_auth_key"])])
    for which, members in keys.get("hbh_keys", {}).items():
        page.line()
        page.line(page.style(f"relay, {which}", "bold", "cyan"))
        _rows(page, list(members.items()))


def _values(one: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in one.items() if name not in ("participant", "jid", "ssrcs")]


def _rows(page: Page, values: list[tuple[str, str]]) -> None:
    room = page.width - _NAME - _SIZE - 5
    for name, value in values:
        if name == _NOT_SHOWN:
            continue
        if name == "sdp_crypto":
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
