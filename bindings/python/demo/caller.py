"""The caller's account: one device that fetches bundles, seals offers and reads the answers."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import agreement
import frame
from device import Device
from frame import Message, Stream
from package import callkey


class Caller:
    """Makes one call, after a warm-up with one device if the setup names one."""

    def __init__(self, setup: Message, report: Callable[..., None]) -> None:
        self.setup = setup
        self.report = report

    def run(self) -> None:
        setup = self.setup
        address = ("127.0.0.1", setup["port"])
        with Device(**setup["device"]) as device, socket.create_connection(address, setup["patience"]) as line:
            with line.makefile("rwb") as stream:
                if setup["warm_up"]:
                    self._warm_up(device, stream, setup["warm_up"])
                self._call(device, stream)

    def _warm_up(self, device: Device, stream: Stream, peer: str) -> None:
        """One key there and one back: then both ends have acknowledged the session."""
        self._fetch(device, stream, peer)
        with callkey.CallKey.generate() as key:
            sealed = device.seal(peer, key)
        answer = _ask(stream, type="enc", device=peer, **sealed)
        with device.open(peer, answer):
            self.report("warmed up", device=peer, sent=sealed, received=answer)

    def _call(self, device: Device, stream: Stream) -> None:
        for peer in self.setup["callee_devices"]:
            if device.store.session(peer).exists():
                self.report("bundle not needed", device=peer)
            else:
                bundle = self._fetch(device, stream, peer)
                self.report("bundle", device=peer, bundle=bundle)
        with callkey.CallKey.generate() as key:
            answers = self._offer(device, stream, key)
            for peer in answers:
                keys = agreement.derive(key, device.jid, peer, self.setup["show_secrets"])
                self.report("keys", device=peer, keys=keys)
        for peer, answer in answers.items():
            with device.open(peer, answer):
                self.report("answered", device=peer, enc=answer)
        self.report("hung up")

    def _fetch(self, device: Device, stream: Stream, peer: str) -> Message | None:
        fetched = _ask(stream, type="fetch", device=peer)["bundle"]
        if fetched is None:
            return None
        bundle = callkey.PrekeyBundle.from_dict(fetched)
        device.store.session(peer).begin(bundle)
        return {
            "prekey": bundle.prekey_id,
            "signed prekey": bundle.signed_prekey_id,
            "registration": bundle.registration_id,
        }

    def _offer(self, device: Device, stream: Stream, key: callkey.CallKey) -> dict[str, Message]:
        """Sends the offer and returns each device's answer."""
        identity = self.setup["device_identity"]
        offer = device.store.seal_offer(
            key,
            self.setup["callee_devices"],
            callkey.OfferOptions(
                to=self.setup["callee"],
                call_id=self.setup["call_id"],
                call_creator=device.jid,
                stanza_id=self.setup["stanza_id"],
                device_identity=None if identity is None else bytes.fromhex(identity),
            ),
        )
        results = [
            {
                "device": result.jid,
                "enc_type": str(result.enc_type) if result.sealed else None,
                "error": None if result.error is None else [result.error.name, str(result.error)],
            }
            for result in offer.results
        ]
        self.report("offer", xml=offer.xml, size=len(offer.wire), results=results)
        answers: dict[str, Message] = _ask(stream, type="offer", wire=b64encode(offer.wire).decode())["answers"]
        return answers


def _ask(stream: Stream, **question: Any) -> Message:
    frame.write(stream, question)
    reply = frame.read(stream)
    if reply is None:
        raise EOFError("the callee hung up")
    return reply
