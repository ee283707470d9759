"""The process of one device: ``python3 -m tests.bot.device.app``.

It takes its setup, with the storage key, and then its commands as lines of JSON on standard input, and answers each
with a line on standard output. What an answer has to send leaves the device with it: a process that is killed before
has sent nothing. While it carries out a command it may ask the server a question, which is a line with "fetch".
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from base64 import b64decode
from functools import partial
from typing import Any, Callable, Optional, TypeVar

from tests.bot.device.calls import Calls
from tests.bot.device.groups import Groups
from tests.bot.device.media import Media
from tests.bot.device.messages import Messages
from tests.bot.device.sessions import Sessions
from tests.bot.package import callkey

# With a new session these may be opened after all. Anything else is a fault of the library or of the bot.
REFUSALS = (
    callkey.AuthenticationError,
    callkey.DuplicateError,
    callkey.NoPrekeyError,
    callkey.NoSessionError,
    callkey.UntrustedIdentityError,
)


Done = TypeVar("Done")

BUSY_MS = 50
MOST_BUSY = 1200
"""How often a command is tried again, while the device's other process is stopped or slow: a minute."""


def read() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        raise SystemExit(0)
    message: dict[str, Any] = json.loads(line)
    return message


def write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def fetch(**question: str) -> Any:
    write({"fetch": question})
    return read()["answer"]


class App:
    def __init__(self, setup: dict[str, Any]) -> None:
        self.jid: str = setup["jid"]
        self.store = callkey.Store.open(
            setup["path"],
            storage_key=bytes.fromhex(setup["storage_key"]),
            must_exist=setup["must_exist"],
            restored=setup["restored"],
            keep_opened=setup["keep_opened"],
            busy_ms=BUSY_MS,
        )
        media = Media(setup["damaged"])
        self.sessions = Sessions(self.store, fetch)
        self.calls = Calls(self.jid, self.store, self.sessions, media)
        self.groups = Groups(self.jid, self.store, self.sessions, media)
        self.messages = Messages(self.store, self.sessions)
        self.asked: set[bytes] = set()
        self.commands: dict[str, Callable[..., Any]] = {
            "identity": lambda: {"identity": self.store.identity.public_key.hex()},
            "publish": self.publish,
            "published": self.published,
            "rotate": self.rotate,
            "change_key": self.change_key,
            "copy": self.copy,
            "sessions": lambda jid: {"base_keys": self.sessions.base_keys(jid)},
            "identities": self.identities,
            "forget": lambda jid: {"gone": self.sessions.forget(jid)},
            "place": self.calls.place,
            "answer": self.calls.answer,
            "rekey": self.groups.rekey,
            "write": self.messages.write,
            "current": self.groups.current,
            "take": self.take,
            "done": self.done,
            "end": self.end,
        }

    def publish(self, n: int) -> dict[str, Any]:
        """What the server does not have yet: the signed prekey, and at least n one-time prekeys."""
        unpublished = self.store.unpublished()
        unpublished += self.store.add_prekeys(max(0, n - len(unpublished)))
        try:
            signed, _ = self.store.signed_prekey()
        except callkey.NotFoundError:
            signed = self.store.rotate_signed_prekey()
        identity = self.store.identity
        return {
            "registration_id": identity.registration_id,
            "identity": identity.public_key.hex(),
            "signed": [signed.id, signed.public_key.hex(), signed.signature.hex()],
            "prekeys": [[prekey.id, prekey.public_key.hex()] for prekey in unpublished],
        }

    def published(self, ids: list[int]) -> dict[str, Any]:
        self.store.published(ids)
        return {}

    def rotate(self) -> dict[str, Any]:
        self.store.rotate_signed_prekey()
        return self.publish(0)

    def change_key(self, storage_key: str) -> dict[str, Any]:
        self.store.change_key(bytes.fromhex(storage_key))
        return {}

    def identities(self) -> dict[str, Any]:
        """Of all devices that this one has met."""
        return {"identities": {jid: self.store.identity_of(jid).hex() for jid in self.store.identities()}}

    def copy(self, path: str) -> dict[str, Any]:
        self.store.copy(path)
        return {}

    def take(self, form: str, die: bool = False, **body: Any) -> dict[str, Any]:
        """A letter from the server. ``die``: the process ends between what the library does and the report."""
        try:
            told = self._taken(form, body)
        except REFUSALS as error:
            told = self._refused(error, form, body)
        if die and told["outcome"] == "opened":
            os.kill(os.getpid(), signal.SIGKILL)
        return told

    def _taken(self, form: str, body: dict[str, Any]) -> dict[str, Any]:
        if form == "retry":
            return self._retried(body)
        if form == "message":
            return self._message(body)
        if form == "roster":
            return self.groups.roster(body["call"], body["creator"], body["number"])
        if form == "packet":
            return self.calls.heard(body["call"], b64decode(body["packet"]))
        wire = b64decode(body["wire"])
        try:
            _, info = callkey.offer_parse(wire, own=[self.jid])
        except callkey.NotForThisDeviceError as error:
            assert error.info is not None
            info = error.info
        opening = {
            callkey.StanzaKind.OFFER: self.calls.offered,
            callkey.StanzaKind.ACCEPT: self.calls.accepted,
            callkey.StanzaKind.REKEY: self.groups.opened,
        }[info.kind]
        sender: Optional[str] = None
        while True:
            try:
                return {**opening(wire, body["participants"], sender), "named": sender is not None}
            except callkey.ConflictError:
                if sender is not None or fetch(phone_number_of=info.call_creator) != info.from_:
                    raise
                sender = info.call_creator  # the server names the same user by the number
            except callkey.UntrustedIdentityError as error:
                if error.info is None or error.info.sender_identity is None:
                    raise
                if fetch(identity=error.info.sender) != error.info.sender_identity.hex():
                    raise  # of an installation that is gone
                self.sessions.trust(error.info.sender, error.info.sender_identity)

    def _message(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.messages.opened(body)
        except callkey.UntrustedIdentityError:
            if body["enc_type"] != callkey.EncType.PKMSG:
                raise  # of an installation that is gone
            identity = bytes.fromhex(fetch(identity=body["from"]))
            if self.store.identity_of(body["from"]) != identity:  # else the other process was faster
                self.sessions.trust(body["from"], identity)
            return self.messages.opened(body)

    def _refused(self, error: callkey.CallKeyError, form: str, body: dict[str, Any]) -> dict[str, Any]:
        """Asks the sender for the same key or message again, once for each letter, unless we have it."""
        if form == "message":
            call, sender, number = body["call"], body["from"], 0
            known = call in self.messages.read
        else:
            info = error.info
            assert info is not None
            call, sender, number = info.call_id, info.sender, info.transaction_id
            known = self.groups.holds(call, number) if number else self.calls.knows(call)
        told: dict[str, Any] = {"outcome": error.name, "reason": str(error), "call": call}
        ciphertext = self._ciphertext(form, body)
        if not known and ciphertext not in self.asked:
            self.asked.add(ciphertext)
            told["retry"] = {"to": sender, "call": call, "number": number}
        return told

    def _ciphertext(self, form: str, body: dict[str, Any]) -> bytes:
        if form == "message":
            return b64decode(body["ciphertext"])
        return callkey.offer_parse(b64decode(body["wire"]), own=[self.jid])[0]

    def _retried(self, body: dict[str, Any]) -> dict[str, Any]:
        """The device could not open what we sent it: the same once more, in a new session."""
        if body["number"]:
            sent = self.groups.again(body["call"], body["number"], body["from"])
        else:
            sent = self.calls.again(body["call"], body["from"]) or self.messages.again(body["call"], body["from"])
        told: dict[str, Any] = {"outcome": "told", "call": body["call"]}
        return {**told, "unknown": True} if sent is None else {**told, "sent": [sent]}

    def done(self, sender: str, form: str, **body: Any) -> dict[str, Any]:
        """The app has committed a letter: its store need not keep it any more."""
        self.store.message_done(sender, self._ciphertext(form, body))
        return {}

    def end(self, call: str) -> dict[str, Any]:
        self.calls.end(call)
        self.groups.end(call)
        self.messages.end(call)
        return {}


def patiently(do: Callable[[], Done]) -> tuple[Done, int]:
    """What ``do`` returns, and how often another process had the store. Then nothing has changed: it is done again."""
    for busy in range(MOST_BUSY):
        with contextlib.suppress(callkey.BusyError):
            return do(), busy
    raise RuntimeError(f"the store was busy {MOST_BUSY} times")


def main() -> None:
    setup = read()
    app = patiently(lambda: App(setup))[0]
    write({})
    while True:
        request = read()
        try:
            answer, busy = patiently(partial(app.commands[request.pop("do")], **request))
            answer["busy"] = busy
        except callkey.CallKeyError as error:
            answer = {"error": f"{error.name}: {error}"}
        except (RuntimeError, AssertionError, ValueError, LookupError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        if app.sessions.trusted:
            answer["trusted"] = app.sessions.trusted
            app.sessions.trusted = []
        write(answer)


if __name__ == "__main__":
    main()
