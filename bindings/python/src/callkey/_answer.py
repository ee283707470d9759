"""The keys of one call between two, and the device that answered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType

from ._call import Packet, texts
from ._derive import SSRCs, participant_id, ssrcs
from ._key import CallKey
from ._media import SFrameKey, SRTPKeys
from ._offer import EncType, OfferInfo
from ._select import select_participant
from .errors import ArgumentError, HandleError, NotAnsweredError, WrongDeviceError


class MediaKeys:
    """All keys of one direction: the streams that ``participant`` sends.

    srtp has the SRTP and SRTCP keys, sframe the SFrame key. They belong to the Call, which
    wipes them when another device answered and when it is closed; pass their bytes on at once,
    e.g. to libsrtp.
    """

    __slots__ = ("participant", "sframe", "srtp")

    def __init__(self, participant: str, srtp: SRTPKeys, sframe: SFrameKey) -> None:
        self.participant = participant
        self.srtp = srtp
        self.sframe = sframe

    def wipe(self) -> None:
        self.srtp.wipe()
        self.sframe.wipe()

    def __repr__(self) -> str:
        return f"<MediaKeys of {self.participant}: {'wiped' if self.srtp.wiped else 'secret'}>"


class Call:
    """The keys of one call: ours to send, theirs to receive.

    Both come from the offer's key, unless the accept has the peer's own key. The device number
    is part of every derivation, so the receiving keys depend on the device that answered: read it
    from the accept (answered, or accepted if it has a key), name it (answered_by), or find it from
    the first packet (answered_from). Then SRTP, SRTCP and SFrame keys are derived together, and
    keys of any other device of the peer are no longer returned: with them nothing fails, but the
    audio is noise.

    On the callee's side the other device is known from the start: call answered_by(info.sender)
    of the offer.

    Use it in ``with``, or call close(); both wipe everything. Any thread may use it.
    """

    def __init__(
        self,
        own: str,
        key: CallKey,
        *,
        call_id: str | None = None,
        devices: Sequence[str] | None = None,
        sframe_by_receiver: bool = False,
    ) -> None:
        """A call of the device ``own``.

        own: this device's JID, with device.
        key: the offer's call key, sealed by us or opened; it is copied.
        call_id: the call's id. Without it an accept of any call is taken, and there are no ssrcs().
        devices: the devices that were called; a LID without device means device 0. Without them an
            accept from any device is taken.
        sframe_by_receiver: derive SFrame keys with the receiver's id instead of the sender's.
            Implementations disagree; with the wrong one frames don't authenticate.

        Raises WrongDeviceError for a LID without device, ArgumentError if call_id is empty.
        """
        if call_id == "":
            raise ArgumentError("call_id is empty")
        self._own = _device(own)
        self._call_id = call_id
        self._devices: list[str] | None = None
        if devices is not None:
            texts(devices, "devices")
            self._devices = [participant_id(jid) for jid in devices]
        self._lock = threading.RLock()
        self._ours = CallKey._copied(key)._checked()
        self._theirs = CallKey._copied(key)._checked()
        self._by_receiver = sframe_by_receiver
        self._answered: str | None = None
        self._keyed_by: str | None = None  # the device that sent the key in use; None: it is the offer's
        self._send: MediaKeys | None = None
        self._receive: dict[str, MediaKeys] = {}
        self._closed = False

    @property
    def answering_device(self) -> str | None:
        """The participant id of the device that answered; None while it is unknown."""
        return self._answered

    def answered_by(self, jid: str) -> MediaKeys:
        """Sets the device that answered, and returns the keys to receive with.

        Called again with another device, that one counts. Raises WrongDeviceError for a LID
        without device, which names the user but not the device.
        """
        return self._answer(_device(jid))

    def answered_from(self, packet: Packet, among: Sequence[str], *, roc: int = 0, tag_len: int = 4) -> str:
        """Finds the device that answered from an SRTP packet, and returns its participant id.

        among: the devices that were called; a LID without device means device 0.
        packet, roc, tag_len: as in select_participant.

        Raises AuthenticationError if none of them sent it; then nothing has changed.
        """
        with self._lock:
            self._open()
            index = select_participant(self._theirs, among, packet, roc=roc, tag_len=tag_len)
            return self._answer(participant_id(among[index])).participant

    def answered(self, info: OfferInfo) -> MediaKeys:
        """Takes an accept without a key, and returns the keys to receive with.

        They come from the offer's key, also after another device's accept with a key of its own.

        info: of the NotForThisDeviceError that Store.open_offer or offer_parse raised for the
            accept. On the wire device 0 has no number, so a sender without device is device 0.

        Raises WrongDeviceError if the accept names no device that was called; ArgumentError if it is
        of another call, has a key of its own, or the stanza is not an accept. Then nothing has
        changed.
        """
        device = self._accepting(info)
        if info.enc_type != EncType.NONE or info.enc_version != 0:  # perhaps a newer one
            raise ArgumentError("the accept has a key of its own: pass it to accepted()")
        with self._lock:
            self._open()
            if self._keyed_by not in (None, device):  # that key is another device's
                self._take(self._ours)
                self._keyed_by = None
            return self._answer(device)

    def accepted(self, key: CallKey, info: OfferInfo) -> MediaKeys:
        """Adds the key of an accept: the result of Store.open_offer for it.

        From now on the peer's streams use that key, and ours still use our own; info.sender
        answered. Raises as answered().
        """
        device = self._accepting(info)
        with self._lock:
            self._open()
            self._take(key)
            self._keyed_by = device
            return self._answer(device)

    @property
    def send(self) -> MediaKeys:
        """The keys of the streams that we send.

        With sframe_by_receiver they need the device that answered: NotAnsweredError while it is
        unknown.
        """
        with self._lock:
            self._open()
            if self._send is None:
                receiver = self._answering() if self._by_receiver else self._own
                self._send = MediaKeys(self._own, self._ours.e2e_keys(self._own), self._ours.sframe_key(receiver))
            return self._send

    @property
    def receive(self) -> MediaKeys:
        """The keys of the streams that the answering device sends. Raises NotAnsweredError while it is unknown."""
        with self._lock:
            self._open()
            return self._keys_of(self._answering())

    def receive_from(self, jid: str) -> MediaKeys:
        """The keys of the streams that ``jid`` sends, for media before the answer.

        Once a device answered, only its keys are returned: WrongDeviceError for another device,
        and for a LID without device, even if device 0 answered.
        """
        with self._lock:
            self._open()
            return self._keys_of(self._sender(jid))

    def ssrcs(self, jid: str | None = None) -> SSRCs:
        """The SSRCs of the streams that ``jid`` sends; None: of ours.

        Raises WrongDeviceError as receive_from, and ArgumentError if the call has no call_id.
        """
        if self._call_id is None:
            raise ArgumentError("the call has no call_id, from which SSRCs are derived")
        with self._lock:
            self._open()
            return ssrcs(self._call_id, self._own if jid is None else self._sender(jid))

    def _sender(self, jid: str) -> str:
        """The participant id of a peer's device; once one answered, only of that one."""
        participant = participant_id(jid)
        if self._answered is not None:
            if _is_bare(jid, participant):
                raise WrongDeviceError(f"{jid} names no device, and {self._answered} answered")
            if participant != self._answered:
                raise WrongDeviceError(f"{self._answered} answered, not {participant}")
        return participant

    def _accepting(self, info: OfferInfo) -> str:
        """The participant id of the device that sent the accept."""
        if not info.accept:
            raise ArgumentError(f"the stanza is not an accept: its kind is {info.kind}")
        if self._call_id is not None and info.call_id != self._call_id:
            raise ArgumentError(f"the accept is of the call {info.call_id!r}, not {self._call_id!r}")
        sender = participant_id(info.sender) if info.sender else ""
        if sender in ("", self._own):  # an accept with a key may have only the call's creator to open it with
            raise WrongDeviceError(f"the accept names no device that answered: it is from {info.from_!r}")
        if self._devices is None:
            return sender
        for device in self._devices:
            if _numbered(device) == _numbered(sender):
                return device
        raise WrongDeviceError(f"{info.sender} was not called")

    def _take(self, key: CallKey) -> None:
        """Receives with a copy of the key from now on."""
        theirs = CallKey._copied(key)._checked()
        self._theirs.wipe()
        self._theirs = theirs
        self._forget()

    def _answer(self, device: str) -> MediaKeys:
        with self._lock:
            self._open()
            if device != self._answered:
                self._forget()
                self._answered = device
            return self._keys_of(device)

    def _answering(self) -> str:
        if self._answered is None:
            raise NotAnsweredError("the device that answered is not known yet")
        return self._answered

    def _keys_of(self, participant: str) -> MediaKeys:
        if participant not in self._receive:
            sframe = self._own if self._by_receiver else participant
            keys = MediaKeys(participant, self._theirs.e2e_keys(participant), self._theirs.sframe_key(sframe))
            self._receive[participant] = keys
        return self._receive[participant]

    def _forget(self) -> None:
        """Wipes the derived keys that depend on the answering device."""
        for keys in self._receive.values():
            keys.wipe()
        self._receive.clear()
        if self._by_receiver and self._send is not None:
            self._send.wipe()
            self._send = None

    def close(self) -> None:
        """Wipes both call keys and every derived key.

        Calls that run on it in other threads raise WipedError.
        """
        self._closed = True
        self._ours.wipe()  # before the lock, which answered_from() may hold for long
        self._theirs.wipe()
        with self._lock:
            self._forget()
            if self._send is not None:
                self._send.wipe()
            self._ours.wipe()
            self._theirs.wipe()

    @property
    def closed(self) -> bool:
        return self._closed

    def _open(self) -> None:
        if self._closed:
            raise HandleError("the call is closed")

    def __enter__(self) -> Call:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._closed:
            return "<callkey.Call: closed>"
        return f"<callkey.Call of {self._own}: {self._answered or 'nobody'} answered>"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("a call is not copied or pickled: it holds its keys")


def _numbered(participant: str) -> str:
    """The participant id with a device: device 0 has no number on the wire."""
    user, at, server = participant.rpartition("@")
    return participant if ":" in user or not at else f"{user}:0@{server}"


def _is_bare(jid: str, participant: str) -> bool:
    """Whether the JID is a LID without a device, which the derivations treat as device 0."""
    return participant.endswith(":0@lid") and ":0@lid" not in jid.partition("/")[0]


def _device(jid: str) -> str:
    """The participant id of a JID that must name a device."""
    participant = participant_id(jid)
    if _is_bare(jid, participant):
        raise WrongDeviceError(f"{jid} names no device; keys derived from it would be those of device 0")
    return participant
