"""The devices that a stanza has ciphertexts for."""

from __future__ import annotations

import re

from ._call import Buffer
from ._derive import participant_id
from ._offer import stanza_to_xml
from .errors import ArgumentError, ParticipantError

_NODE = re.compile(r"( *)<([^ />]+)")
_JID = re.compile(r' jid="([^"&\\]+)"')
_NAME = re.compile(r"((call/)?(offer|accept|enc_rekey)/)?destination/to(/enc)?")


def offer_devices(wire: Buffer) -> list[str]:
    """The devices that an offer has ciphertexts for, as participant ids, in the order of the stanza.

    They are the names in ``<destination><to>``. A lone ``<enc>`` names no device: [] for it, and for a
    stanza without a key. Raises MalformedError and UnsupportedError (unknown flag).
    """
    devices: list[str] = []
    path: list[str] = []
    named: str | None = None
    for line in stanza_to_xml(wire).split("\n"):  # one node per line, and two spaces for each node around it
        node = _NODE.match(line)
        if node is None:  # the end of a node
            continue
        path[len(node[1]) // 2 :] = [node[2]]
        place = _NAME.fullmatch("/".join(path))
        if place and node[2] == "to":
            named = _participant(_JID.search(line))
        elif place and named is not None:
            devices.append(named)
            named = None
    return devices


def _participant(jid: re.Match[str] | None) -> str | None:
    """The participant id; None for what can't be the name of a device."""
    try:
        return None if jid is None else participant_id(jid[1])
    except (ArgumentError, ParticipantError):
        return None
