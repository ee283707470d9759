"""What can be a participant: the library derives for any text, and with a wrong one nothing fails."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable

import callkey

from .complaint import warn
from .exits import UsageError

_LID, _PHONE = "lid", "s.whatsapp.net"
_SERVERS = (_LID, _PHONE, "hosted", "hosted.lid")
_OLD_NAMES = {"c.us": _PHONE}
_WITHOUT_DEVICES = {
    "g.us": "groups",
    "call": "calls",
    "broadcast": "broadcast lists",
    "newsletter": "channels",
    "bot": "bots",
}
_MOST_DEVICE = 255
_USER = re.compile(r"[0-9A-Za-z-]+")
_AGENT = re.compile(r"(?P<user>[0-9A-Za-z-]+)[._]\d{1,3}")


def option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--any-id", action="store_true", help="take any text as a participant, not only device JIDs")


def check(jids: Iterable[str], what: str, any_id: bool) -> None:
    """Raises UsageError for the first text that can't be a participant; warns of one that may be no device.

    With ``any_id`` only the library's own rules apply, which reject an empty text and one over 127 bytes.
    """
    for jid in jids:
        try:
            spelled = callkey.participant_id(jid)
        except callkey.ParticipantError:
            raise UsageError(f"a {what} is empty") from None
        except callkey.ArgumentError as problem:
            raise UsageError(f"{what} {jid}: {problem}") from None
        if any_id:
            continue
        faults, meant = _faults(spelled)
        if faults:
            hint = f". {meant} was probably meant" if meant else ""
            raise UsageError(f"{what} {jid}: {', and '.join(faults)}{hint}. --any-id takes it as it is")
        doubt = _doubt(spelled)
        if doubt:
            warn(f"{what} {jid}: {doubt}")


def _doubt(spelled: str) -> str:
    """What may be wrong with a participant that may be right."""
    if "@" not in spelled:
        return (
            f"a bare number is taken as it is, and keys for it are not those of a device: {spelled}:0@{_LID} or "
            f"{spelled}@{_PHONE} was probably meant"
        )
    user, _, server = spelled.rpartition("@")
    if server in _OLD_NAMES:
        return f"{server} is the old name of {_OLD_NAMES[server]}, and keys for {user}@{_OLD_NAMES[server]} are others"
    return ""


def _faults(spelled: str) -> tuple[list[str], str]:
    """Why it is no participant, and the one that was probably meant; neither for one that is."""
    name, *servers = spelled.split("@")
    if not servers:
        if re.fullmatch(r"\d+", name, re.ASCII):
            return [], ""
        meant = f"{name}@{_LID}" if re.fullmatch(r"\d+:\d+", name, re.ASCII) and not _device(name)[0] else ""
        return ["there is no @ and no server in it"], meant
    if len(servers) > 1:
        return [f"there are {len(servers)} @ in it"], ""
    faults, name = _device(name)
    wrong, server = _server(servers[0])
    faults += wrong
    return faults, f"{name}@{server}" if faults and name and server else ""


def _device(name: str) -> tuple[list[str], str]:
    """Why ``user:device`` is none, and the one that was probably meant; "" if that is unknown."""
    user, colon, device = name.partition(":")
    faults = []
    agent = _AGENT.fullmatch(user)
    if not user:
        faults.append(f"there is no user before the {':' if colon else '@'}")
    elif agent:
        faults.append(f"a participant has no agent, as in {user}")
        user = agent["user"]
    elif not _USER.fullmatch(user):
        faults.append("a user is letters, digits and -")
        user = ""
    if colon and not re.fullmatch(r"\d+", device, re.ASCII):
        faults.append(f'the device, "{device}", is not a number')
        user = ""
    elif colon and int(device) > _MOST_DEVICE:
        faults.append(f"the device, {device}, is above {_MOST_DEVICE}")
        user = ""
    elif colon and device != str(int(device)):
        faults.append(f"the device, {device}, begins with a zero")
        device = str(int(device))
    return faults, f"{user}{colon}{device}" if user else ""


def _server(server: str) -> tuple[list[str], str]:
    """The same for the server."""
    if server in _SERVERS or server in _OLD_NAMES:
        return [], server
    if server in _WITHOUT_DEVICES:
        return [f"{server} has {_WITHOUT_DEVICES[server]}, and no devices"], ""
    near = difflib.get_close_matches(server.lower(), (*_SERVERS, *_OLD_NAMES), 1)
    named = f'"{server}" is not a server' if server else "there is no server after the @"
    known = f'"{near[0]}" is' if near else f"those with devices are {', '.join(_SERVERS)}"
    return [f"{named} ({known})"], near[0] if near else ""
