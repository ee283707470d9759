"""A device's Signal sessions, begun from bundles that the server hands out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Callable, TypeVar

from tests.bot.device.record import base_keys
from tests.bot.package import callkey

ATTEMPTS = 20

Made = TypeVar("Made")

Fetch = Callable[..., Any]
"""A question to the server, which answers at once."""


class Sessions:
    def __init__(self, store: callkey.Store, fetch: Fetch) -> None:
        self.store = store
        self.fetch = fetch
        self.trusted: list[list[str]] = []  # since the last report: a device, and its new identity key

    def ready(self, devices: Iterable[str]) -> None:
        """Begins the sessions that are missing, in one commit."""
        bundles = {jid: self._bundle(jid) for jid in devices if not self.store.session(jid).exists()}
        if not bundles:
            return
        try:
            results = self.store.begin_sessions(bundles)
        except callkey.NoDevicesError as error:
            results = error.results
        for result in results:
            if isinstance(result.error, callkey.UntrustedIdentityError):
                self._begin(result.jid, bundles[result.jid])
            elif result.error is not None:
                raise result.error

    def begin(self, jid: str) -> None:
        """Begins a session anew."""
        self._begin(jid, self._bundle(jid))

    def _begin(self, jid: str, bundle: callkey.PrekeyBundle) -> None:
        try:
            self.store.session(jid).begin(bundle)
        except callkey.UntrustedIdentityError:
            self.trust(jid, bundle.identity_key)
            self.store.session(jid).begin(bundle)

    def _bundle(self, jid: str) -> callkey.PrekeyBundle:
        return callkey.PrekeyBundle.from_dict(self.fetch(bundle=jid))

    def trust(self, jid: str, key: bytes) -> None:
        """Trusts an identity that the server names too; a real app would tell its user."""
        if self.fetch(identity=jid) != key.hex():
            raise RuntimeError(f"{jid} presents an identity that is not the one that it published")
        self.store.trust(jid, key)
        self.trusted.append([jid, key.hex()])

    def seal_all(
        self, devices: list[str], do: Callable[[], tuple[callkey.Sealed, ...]]
    ) -> tuple[list[callkey.Sealed], dict[str, dict[str, str]]]:
        """seal() for what seals in one commit and has a result for each device."""

        def every() -> list[callkey.Sealed]:
            made = list(do())
            for result in made:
                if result.error is not None:
                    raise result.error
            return made

        return self.seal(devices, every)

    def seal(self, devices: list[str], do: Callable[[], Made]) -> tuple[Made, dict[str, dict[str, str]]]:
        """What ``do`` seals for the devices, and each one's session. Another process of this device may trust a new
        identity or begin a session meanwhile; then it is done again, and what was sealed before is dropped."""
        for _ in range(ATTEMPTS):
            self.ready(devices)
            before = {jid: self._in_use(jid) for jid in devices}
            try:
                made = do()
            except (callkey.NoSessionError, callkey.UntrustedIdentityError, callkey.NoDevicesError):
                continue
            if before == {jid: self._in_use(jid) for jid in devices}:
                return made, before
        raise RuntimeError(f"no session stays as it is in {ATTEMPTS} attempts")

    def _in_use(self, jid: str) -> dict[str, str]:
        return {"base_key": self.base_keys(jid)[0], "identity": self.store.session_info(jid).identity_key.hex()}

    def forget(self, jid: str) -> list[str]:
        """Loses the session. Returns the base keys of the sessions that are gone."""
        gone = self.base_keys(jid)
        self.store.session(jid).remove()
        return gone

    def base_keys(self, jid: str) -> list[str]:
        """Of the sessions with a device, the one in use first."""
        try:
            with self.store.session(jid).export() as record:
                return base_keys(record.reveal())
        except callkey.NoSessionError:
            return []
