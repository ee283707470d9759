"""The keys of every participant under every secret of a call, and the SSRCs that are derived for them."""

from __future__ import annotations

import callkey

from .protection import Protection
from .result import Kind
from .secrets import CallSecrets, InForce

_KINDS = (
    Kind.AUDIO,
    Kind.AUDIO_FEC,
    Kind.AUDIO_NACK,
    Kind.VIDEO,
    Kind.VIDEO_FEC,
    Kind.VIDEO_NACK,
    Kind.HBH_FEC,
    Kind.HBH_FEC,
    Kind.APP_DATA,
)
"""In the order of callkey.SSRCs."""


class Keyring:
    """Keys are derived when they are first tried. Close it: it wipes them."""

    def __init__(self, call: CallSecrets) -> None:
        self.call = call
        self._secrets = {each.told.name: each.secret for each in call.secrets}
        self._made: dict[tuple[str, str], Protection] = {}
        self._owners: dict[int, tuple[str, Kind]] = {}
        for participant in call.participants if call.call_id else ():
            for ssrc, kind in zip(callkey.ssrcs(call.call_id, participant), _KINDS):
                self._owners.setdefault(ssrc, (participant, kind))

    def owner(self, ssrc: int) -> tuple[str, Kind]:
        """The participant for whom an SSRC is derived, and of what; "" for none."""
        return self._owners.get(ssrc, ("", Kind.UNKNOWN))

    def secrets_for(self, participant: str) -> list[InForce]:
        """The secrets that may key a participant's streams, the likeliest first."""
        own = [each for each in self.call.secrets if each.told.sender == participant]
        return own + [each for each in self.call.secrets if not each.told.sender]

    def protection(self, secret: str, participant: str) -> Protection:
        """The participant's under the secret of that name."""
        made = self._made.get((secret, participant))
        if made is None:
            made = Protection(self._secrets[secret].e2e_keys(participant))
            self._made[secret, participant] = made
        return made

    def close(self) -> None:
        for protection in self._made.values():
            protection.wipe()
        self._made.clear()
