"""``callkey derive``: every key of a participant, from the call key, a raw_e2e or a hop-by-hop key."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from typing import Any

import callkey

from . import source
from .exits import OK, UsageError
from .page import Page, printable

STREAMS = (
    (0, "audio"),
    (1, "audio FEC"),
    (4, "audio NACK"),
    (2, "video"),
    (3, "video FEC"),
    (5, "video NACK"),
    (7, "HBH-FEC"),
    (8, "HBH-FEC"),
    (6, "app data"),
)
"""Slot and name of each SSRC, in stream order."""

_HBH_KEY_BYTES, _KEY_BYTES, _RAW_E2E_BYTES = 30, 32, 32
_DIGITS = 32
"""Hex digits of a value on one line where a longer line does not fit."""

Keys = dict[str, Any]

_DESCRIPTION = """\
Derives the keys that protect media: for E2E SRTP and SRTCP, SFrame and WARP,
and for the hop to the relay. It also derives the SSRCs of a call.

A PARTICIPANT is the JID of the device that SENDS the streams: your own to send,
the peer's to receive. Derive for the device that answered: with another one's
JID nothing fails, but the audio is noise ("callkey select" finds the device)."""

_EPILOG = """\
For a group call pass its epoch as the call key.

examples:
  callkey derive --key call.key 222222222222222:0@lid
  callkey derive --key call.key --call-id 0AB1C2 222222222222222:0@lid
  callkey derive --key call.key --json 111111111111111:3@lid 222222222222222@lid
  callkey derive --key call.key --only srtp.libsrtp_key 222222222222222:0@lid
  callkey derive --hbh-key relay.key
  secret-tool lookup call 0AB1C2 | callkey derive --key - 222222222222222:0@lid"""


def add(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = parsers.add_parser(
        "derive",
        usage="callkey derive [options] [PARTICIPANT …]",
        help="all keys of a participant, as a table, JSON or hex",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument("participants", metavar="PARTICIPANT", nargs="*", help="JID of the sending device")
    parser.add_argument("--key", metavar="FILE", help="the call key or epoch, 32 bytes; - is standard input")
    parser.add_argument("--raw-e2e", metavar="FILE", help="content of a raw_e2e node, for SRTP and SRTCP")
    parser.add_argument("--hbh-key", metavar="FILE", help="the relay's hop-by-hop key, 30 bytes")
    parser.add_argument("--call-id", metavar="ID", help="call id as in the stanza; adds the SSRCs")
    parser.add_argument("--read-as", choices=source.FORMS, help="format of the files (default: detected)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--hex", action="store_true", help="print a line for each key: owner, name, hex digits")
    form.add_argument("--only", metavar="NAME", help="print only one key, by its name in --hex, without the owner")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    _check(arguments)
    with ExitStack() as wiped:
        told: list[tuple[str, str, str]] = []
        keys = _derive(arguments, wiped, told)
    if arguments.json:
        page.out.write(json.dumps(keys, indent=2) + "\n")
    elif arguments.hex:
        for whose, name, value in _flat(keys):
            page.out.write(f"{whose} {name} {value}\n")
    elif arguments.only is not None:
        values = [value for _, name, value in _flat(keys) if name == arguments.only]
        if not values:
            names = ", ".join(dict.fromkeys(name for _, name, _ in _flat(keys)))
            raise UsageError(f"--only {arguments.only}: the names are {names}")
        page.out.write("".join(value + "\n" for value in values))
    else:
        _table(page, keys, told)
    return OK


def _check(arguments: argparse.Namespace) -> None:
    given = [arguments.key, arguments.raw_e2e, arguments.hbh_key, arguments.call_id]
    if all(value is None for value in given):
        raise UsageError("nothing to derive from: --key, --raw-e2e, --hbh-key or --call-id is needed")
    if given[:3].count("-") > 1:
        raise UsageError("standard input can be only one of the secrets")
    if not arguments.participants and any(value is not None for value in (arguments.raw_e2e, arguments.call_id)):
        raise UsageError("a PARTICIPANT is needed: the JID of the sending device")


def _derive(arguments: argparse.Namespace, wiped: ExitStack, told: list[tuple[str, str, str]]) -> Keys:
    """Every key as hex, by group and name. ``told`` gets the name, fingerprint and origin of each secret."""
    key, raw, hbh = None, None, None
    if arguments.key is not None:
        read = source.secret(arguments.key, "call key", size=_KEY_BYTES, form=arguments.read_as)
        wiped.callback(read.wipe)
        key = wiped.enter_context(callkey.CallKey.from_bytes(read.data))
        told.append(("call key", key.fingerprint, read.told))
    if arguments.raw_e2e is not None:
        raw, origin = _raw_e2e(arguments, wiped)
        told.append(("raw_e2e", raw.fingerprint, origin))
    if arguments.hbh_key is not None:
        read = source.secret(arguments.hbh_key, "hop-by-hop key", size=_HBH_KEY_BYTES, form=arguments.read_as)
        wiped.callback(read.wipe)
        hbh = read.data
        told.append(("hop-by-hop key", "", read.told))
    keys: Keys = {}
    if arguments.participants:
        keys["participants"] = [_participant(jid, key, raw, arguments.call_id) for jid in arguments.participants]
    if key is not None:
        with key.warp_auth_key() as warp:
            keys["warp"] = {"auth_key": warp.reveal().hex()}
    if hbh is not None:
        keys["hbh"] = {}
        for which in callkey.HBH:
            with callkey.hbh_keys(hbh, which) as media:
                keys["hbh"][which.name.lower()] = _media(media)
    return keys


def _raw_e2e(arguments: argparse.Namespace, wiped: ExitStack) -> tuple[callkey.RawE2E, str]:
    # A node's content is base64 or bytes by its own rule (CRY-01), so the file is decoded here only on request.
    read = source.secret(arguments.raw_e2e, "raw_e2e", form=arguments.read_as or "binary")
    wiped.callback(read.wipe)
    try:
        if arguments.read_as is None:
            return wiped.enter_context(callkey.raw_e2e_decode(read.data.strip())), f"from {read.name}"
        raw = wiped.enter_context(callkey.RawE2E.from_bytes(read.data))
        raw.e2e_keys("0@lid").wipe()
        return raw, read.told
    except callkey.KeyLengthError:
        raise UsageError(f"the raw_e2e in {read.name} has fewer than {_RAW_E2E_BYTES} bytes") from None


def _participant(
    jid: str, key: callkey.CallKey | None, raw: callkey.RawE2E | None, call_id: str | None
) -> dict[str, Any]:
    keys: dict[str, Any] = {"participant": callkey.participant_id(jid)}
    if jid != keys["participant"]:
        keys["jid"] = jid
    origin = raw or key
    if origin is not None:
        with origin.e2e_keys(jid) as media:
            keys.update(_media(media))
    if key is not None:
        with key.sframe_key(jid) as sframe:
            keys["sframe"] = {"key": sframe.reveal().hex()}
    if call_id is not None:
        numbers = callkey.ssrcs(call_id, jid)
        keys["ssrcs"] = [
            {"stream": name, "slot": slot, "ssrc": number} for (slot, name), number in zip(STREAMS, numbers)
        ]
    return keys


def _media(media: callkey.SRTPKeys) -> dict[str, dict[str, str]]:
    return {
        "srtp": {
            "libsrtp_key": media.libsrtp_key.hex(),
            "master_key": media.master_key.hex(),
            "master_salt": media.master_salt.hex(),
            "cipher_key": media.srtp_cipher_key.hex(),
            "auth_key": media.srtp_auth_key.hex(),
            "salt": media.srtp_salt.hex(),
        },
        "srtcp": {
            "cipher_key": media.srtcp_cipher_key.hex(),
            "auth_key": media.srtcp_auth_key.hex(),
            "salt": media.srtcp_salt.hex(),
        },
    }


def _flat(keys: Keys) -> list[tuple[str, str, str]]:
    """(owner, name, hex) of every key; an SSRC is four bytes in the order of the RTP header."""
    rows = []
    for one in keys.get("participants", []):
        whose = printable(one["participant"]).replace(" ", "\\x20")
        for group in ("srtp", "srtcp", "sframe"):
            rows += [(whose, f"{group}.{name}", value) for name, value in one.get(group, {}).items()]
        rows += [(whose, f"ssrc.{row['slot']}", f"{row['ssrc']:08x}") for row in one.get("ssrcs", [])]
    rows += [("call", f"warp.{name}", value) for name, value in keys.get("warp", {}).items()]
    for which, groups in keys.get("hbh", {}).items():
        rows += [
            (f"relay.{which}", f"{group}.{name}", value)
            for group, members in groups.items()
            for name, value in members.items()
        ]
    return rows


def _table(page: Page, keys: Keys, told: list[tuple[str, str, str]]) -> None:
    for what, fingerprint, origin in told:
        page.columns([(page.style(what, "bold"), 14), (page.style(fingerprint, "cyan"), 16 if fingerprint else 0)])
        page.paragraph(printable(origin), "dim", indent=15)
    for one in keys.get("participants", []):
        page.line()
        spelled = printable(one["participant"])
        given = f"  from {printable(one['jid'])}" if "jid" in one else ""
        page.line(page.style(spelled, "bold", "cyan") + page.style(given, "dim"))
        for group, title in (("srtp", "SRTP"), ("srtcp", "SRTCP"), ("sframe", "SFrame")):
            _group(page, title, one.get(group, {}))
        for number, row in enumerate(one.get("ssrcs", [])):
            title = page.style("" if number else "SSRC", "bold")
            value = f"{row['ssrc']:>10}  0x{row['ssrc']:08x}"
            page.columns([(title, 7), (f"{row['stream']} ({row['slot']})", 16), (value, 0)], indent=2)
    if "warp" in keys:
        page.line()
        page.line(page.style("all participants", "bold", "cyan"))
        _group(page, "WARP", keys["warp"])
    for which, groups in keys.get("hbh", {}).items():
        page.line()
        page.line(page.style(f"relay, {which if which in ('uplink', 'downlink') else which.upper()}", "bold", "cyan"))
        for group, title in (("srtp", "SRTP"), ("srtcp", "SRTCP")):
            _group(page, title, groups[group])


def _group(page: Page, title: str, members: dict[str, str]) -> None:
    for number, (name, value) in enumerate((n, v) for n, v in members.items() if n != "libsrtp_key"):
        room = page.width - 30
        step = len(value) if len(value) <= room else _DIGITS
        lines = [value[i : i + step] for i in range(0, len(value), step)]
        label = page.style("" if number else title, "bold")
        page.columns([(label, 7), (name.replace("_", " "), 13), (f"{len(value) // 2:>2}", 3), (lines[0], 0)], indent=2)
        for line in lines[1:]:
            page.line(" " * 28 + line)
