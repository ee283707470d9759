"""The callee's account: several devices, each with its own store.

The process also stands in for the server: it hands out the bundles its devices
published, and gives every device the whole offer.
"""

from __future__ import annotations

import socket
from base64 import b64decode
from collections.abc import Callable
from contextlib import ExitStack

import agreement
import frame
from device import Device
from frame import Message
from package import callkey


class Callee:
    """Accepts one connection and serves it until the caller hangs up."""

    def __init__(self, setup: Message, report: Callable[..., None]) -> None:
        self.setup = setup
        self.report = report
        self.caller: str = setup["caller"]
        self.devices: dict[str, Device] = {}
        self.bundles: dict[str, Message] = {}

    def run(self) -> None:
        with ExitStack() as switched_on:
            for described in self.setup["devices"]:
                device = switched_on.enter_context(Device(**described))
                self.devices[device.jid] = device
            for jid in self.setup["publishing"]:
                self.bundles[jid] = self.devices[jid].publish().to_dict()
            with socket.create_server(("127.0.0.1", 0)) as listener:
                listener.settimeout(self.setup["patience"])
                self.report("listening", port=listener.getsockname()[1])
                line, _ = listener.accept()
            with line:
                line.settimeout(self.setup["patience"])
                with line.makefile("rwb") as stream:
                    while (question := frame.read(stream)) is not None:
                        frame.write(stream, self._answer(question))

    def _answer(self, question: Message) -> Message:
        if question["type"] == "fetch":
            # A bundle is for one caller only: its one-time prekey must not be used twice.
            return {"bundle": self.bundles.pop(question["device"], None)}
        if question["type"] == "enc":
            device = self.devices[question["device"]]
            with device.open(self.caller, question):
                return self._reply(device)
        if question["type"] == "offer":
            return {"answers": self._open(b64decode(question["wire"]))}
        raise ValueError(f"no such question: {question['type']}")

    def _open(self, wire: bytes) -> dict[str, Message]:
        """Lets every device open the offer; those that can, answer."""
        answers: dict[str, Message] = {}
        for jid, device in self.devices.items():
            try:
                key, info = device.store.open_offer(wire, own=[jid])
            except callkey.NotForThisDeviceError as error:
                self.report("not for", device=jid, error=error.name)
                continue
            with key:
                keys = agreement.derive(key, info.call_creator, jid, self.setup["show_secrets"])
            self.report("opened", device=jid, enc_type=str(info.enc_type), call_id=info.call_id, keys=keys)
            answers[jid] = self._reply(device)
        self.report("all opened")
        return answers

    def _reply(self, device: Device) -> Message:
        """A key sealed for the caller, as in an accept: it acknowledges the session."""
        with callkey.CallKey.generate() as key:
            return device.seal(self.caller, key)
