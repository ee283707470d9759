"""The names of devices in the other libraries' tables and files: ``USER_DOMAIN:DEVICE``, e.g. 222222222222222_1:5."""

from __future__ import annotations

import re

DOMAINS = {"": "s.whatsapp.net", "_1": "lid", "_128": "hosted", "_129": "hosted.lid"}


def jid_of(name: str, sign: str) -> str:
    """The JID of a name with ``sign`` before the device, : or . ; raises ValueError for any other text."""
    found = re.fullmatch(rf"(\d+)(_\d+)?{re.escape(sign)}(\d+)", name)
    if found is None or (found[2] or "") not in DOMAINS:
        raise ValueError(f"{name} is not the name of a device")
    return f"{found[1]}:{found[3]}@{DOMAINS[found[2] or '']}"


def name_of(jid: str, sign: str) -> str:
    """The name of ``user:device@server``; raises ValueError for a server that they have no name for."""
    device, _, server = jid.partition("@")
    user, _, number = device.partition(":")
    for domain, named in DOMAINS.items():
        if named == server:
            return f"{user}{domain}{sign}{number}"
    raise ValueError(f"no name is known for a device on {server}")
