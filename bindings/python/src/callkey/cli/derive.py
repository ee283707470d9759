"""``callkey derive``: every key of a participant, from the call key, a raw_e2e or a hop-by-hop key."""

from __future__ import annotations

import argparse
import base64
import difflib
import json
from contextlib import ExitStack
from typing import Any

import callkey

from . import keytable, participant, source
from .exits import OK, UsageError
from .page import Page

_SUITE = "AES_CM_128_HMAC_SHA1_32"
"""As RFC 4568 section 6.2 names it: end to end it is the only one."""
_TEXTS = ("libsrtp_key_base64", "sdp_crypto")
"""The values that are not in hex."""
_FROM_CALL_KEY = ("sframe_key", "warp_auth_key")
"""From nothing else, also beside a raw_e2e (CRY-01)."""

_HBH_KEY_BYTES, _KEY_BYTES, _RAW_E2E_BYTES = 30, 32, 32

Keys = dict[str, Any]

_DESCRIPTION = """\
Derives the keys that protect media: for E2E SRTP and SRTCP, SFrame and WARP,
and for the hop to the relay. It also derives the SSRCs of a call.

A PARTICIPANT is the JID of the device that SENDS the streams: your own to send,
the peer's to receive. Derive for the device that answered: with another one's
JID nothing fails, but the audio is noise ("callkey select" finds the device)."""

_EPILOG = """\
A PARTICIPANT that can't be a device's JID is refused, because its keys would be
wrong without a sign of it; --any-id takes it. For a group call pass its epoch
as the call key.

The names in --json, --hex and --only are those of the Python package.
libsrtp_key_base64 is the same 30 bytes for FFmpeg and GStreamer, sdp_crypto a
line for SDP (RFC 4568): RTP tags of 4 bytes, RTCP tags of 10.

examples:
  callkey derive --key call.key 222222222222222:0@lid
  callkey derive --key call.key --call-id 0AB1C2 222222222222222:0@lid
  callkey derive --key call.key --json 111111111111111:3@lid 222222222222222@lid
  callkey derive --key call.key --only libsrtp_key 222222222222222:0@lid
  callkey derive --key call.key --only sdp_crypto 222222222222222:0@lid
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
    participant.option(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--hex", action="store_true", help="print a line for each key: owner, name, hex digits")
    form.add_argument("--only", metavar="NAME", help="print only one value, by its name in --json or --hex")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, page: Page) -> int:
    _check(arguments)
    with ExitStack() as wiped:
        told: list[tuple[str, str, str]] = []
        keys = _derive(arguments, wiped, told)
    if arguments.json:
        page.out.write(json.dumps(keys, indent=2) + "\n")
    elif arguments.hex:
        for owner, name, value in keytable.flat(keys):
            if name not in _TEXTS:
                page.out.write(f"{owner} {name} {value}\n")
    elif arguments.only is not None:
        _only(page, keys, arguments)
    else:
        keytable.show(page, keys, told)
    return OK


def _only(page: Page, keys: Keys, arguments: argparse.Namespace) -> None:
    name, rows = arguments.only, keytable.flat(keys)
    values = [value for _, each, value in rows if each == name]
    if not values:
        if name.startswith("ssrcs.") and arguments.call_id is None:
            raise UsageError(f"--only {name}: --call-id is needed")
        if name in _FROM_CALL_KEY and arguments.key is None:
            raise UsageError(f"--only {name}: --key is needed")
        names = list(dict.fromkeys(each for _, each, _ in rows))
        near = difflib.get_close_matches(name.rpartition(".")[2], names, 1)
        hint = f"{near[0]} was probably meant; " if near else ""
        raise UsageError(f"--only {name}: there is no such value; {hint}the names are {', '.join(names)}")
    page.out.write("".join(value + "\n" for value in values))


def _check(arguments: argparse.Namespace) -> None:
    given = [arguments.key, arguments.raw_e2e, arguments.hbh_key, arguments.call_id]
    if all(value is None for value in given):
        raise UsageError("nothing to derive from: --key, --raw-e2e, --hbh-key or --call-id is needed")
    if given[:3].count("-") > 1:
        raise UsageError("standard input can be only one of the secrets")
    participant.check(arguments.participants, "PARTICIPANT", arguments.any_id)
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
            keys["warp_auth_key"] = warp.reveal().hex()
    if hbh is not None:
        keys["hbh_keys"] = {}
        for which in callkey.HBH:
            with callkey.hbh_keys(hbh, which) as media:
                keys["hbh_keys"][which.name.lower()] = _media(media)
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
            keys.update(_media(media, _SUITE))
    if key is not None:
        with key.sframe_key(jid) as sframe:
            keys["sframe_key"] = sframe.reveal().hex()
    if call_id is not None:
        keys["ssrcs"] = callkey.ssrcs(call_id, jid)._asdict()
    return keys


def _media(media: callkey.SRTPKeys, suite: str = "") -> dict[str, str]:
    """The members by their names, and the 30 bytes in the other forms that engines take them in."""
    members = media.to_dict()
    keys = {name: members.pop(name) for name in ("libsrtp_key", "master_key", "master_salt")}
    keys["libsrtp_key_base64"] = base64.b64encode(media.libsrtp_key).decode()
    if suite:
        keys["sdp_crypto"] = f"a=crypto:1 {suite} inline:{keys['libsrtp_key_base64']}"
    return {**keys, **members}
