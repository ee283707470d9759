"""What a device derived, as hashes by another implementation than the library's fingerprints."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tests.bot.package import callkey

# [scope, participant, name of the key, hash]. A scope is one secret of one call.
Report = list[str]


def _hash(secret: callkey.Secret) -> str:
    return hashlib.sha256(secret.reveal()).hexdigest()


class Media:
    """Derives keys for participants. A damaged one makes the field's most frequent fault: the keys of device 0."""

    def __init__(self, damaged: bool = False) -> None:
        self.damaged = damaged

    def derived(self, scope: str, secret: callkey.CallKey | callkey.Epoch, participants: Iterable[str]) -> list[Report]:
        """The keys of the streams of all participants."""
        ids = list(participants)
        reports = []
        named = [self._named(jid) for jid in ids]
        for jid, srtp in zip(ids, secret.e2e_keys_batch(named)):
            with srtp:
                reports.append([scope, jid, "srtp", _hash(srtp)])
        if isinstance(secret, callkey.CallKey):
            for jid, name in zip(ids, named):
                with secret.sframe_key(name) as sframe:
                    reports.append([scope, jid, "sframe", _hash(sframe)])
            with secret.warp_auth_key() as warp:
                reports.append([scope, "all", "warp", _hash(warp)])
        return reports

    def used(self, scope: str, keys: callkey.MediaKeys) -> list[Report]:
        """The keys that a Call returned for one direction."""
        return [
            [scope, keys.participant, "srtp", _hash(keys.srtp)],
            [scope, keys.participant, "sframe", _hash(keys.sframe)],
        ]

    def _named(self, jid: str) -> str:
        user, _, server = jid.rpartition("@")
        return f"{user.partition(':')[0]}:0@{server}" if self.damaged else jid
