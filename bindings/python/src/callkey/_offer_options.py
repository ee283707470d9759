"""The stanza around the ciphertexts of an offer."""

from __future__ import annotations

from dataclasses import dataclass, field

from ._call import Buffer, length, public, text, unsigned
from ._declarations import OFFER_MULTI_DEVICE, OFFER_VIDEO, OfferOptionsStruct


@dataclass(frozen=True)
class OfferOptions:
    """The stanza around the ciphertexts of an offer: with options it is a whole ``<call><offer>``,
    without them only the key node, ``<enc>`` or ``<destination>``.

    to: the callee.
    call_id: written unchanged, because the SSRCs are derived from it.
    call_creator: the caller's own LID, with device.
    stanza_id: the id of ``<call>``; None: the app's socket layer adds it.
    multi_device: write ``<destination>`` even for one device, because the callee has more.
    video: write ``<video>``; the attributes of ``<video>`` below may only be set with it.
    capability: opaque; None writes what a client writes in an audio or video offer, 7 bytes.
    privacy_token: opaque; None writes no ``<privacy>``.
    device_identity: opaque; required if any enc is a pkmsg.
    video_enc, video_dec: the codecs, at most 127 bytes; None writes ``h.264`` and ``H264``.
    video_width, video_height: the screen's.
    video_device_orientation: the device's.

    For a bad text the function that takes the options raises ArgumentError.
    """

    to: str
    call_id: str
    call_creator: str
    stanza_id: str | None = None
    video: bool = False
    multi_device: bool = False
    capability: Buffer | None = field(default=None, repr=False)
    privacy_token: Buffer | None = field(default=None, repr=False)
    device_identity: Buffer | None = field(default=None, repr=False)
    video_enc: str | None = None
    video_dec: str | None = None
    video_width: int = 0
    video_height: int = 0
    video_device_orientation: int = 0

    def _to_c(self) -> OfferOptionsStruct:
        c = OfferOptionsStruct()
        c.flags = (OFFER_VIDEO if self.video else 0) | (OFFER_MULTI_DEVICE if self.multi_device else 0)
        for name in ("to", "call_id", "call_creator"):
            setattr(c, name, text(getattr(self, name), name))
        for name in ("stanza_id", "video_enc", "video_dec"):
            optional = getattr(self, name)
            if optional is not None:
                setattr(c, name, text(optional, name))
        for name in ("video_width", "video_height", "video_device_orientation"):
            setattr(c, name, unsigned(getattr(self, name), name))
        for name in ("capability", "privacy_token", "device_identity"):
            blob = getattr(self, name)
            if blob is not None:
                setattr(c, name, public(blob, name))
                setattr(c, name + "_len", length(blob))
        return c


def options_to_c(options: OfferOptions) -> OfferOptionsStruct:
    """``options`` as callkey_offer_options."""
    if not isinstance(options, OfferOptions):
        raise TypeError(f"options must be OfferOptions, not {type(options).__name__}")
    return options._to_c()
