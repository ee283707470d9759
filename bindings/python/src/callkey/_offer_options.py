"""The stanza around the ciphertexts of an offer."""

from __future__ import annotations

from dataclasses import dataclass, field

from ._call import Buffer, length, public, text
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
    capability: opaque; None writes the default of 7 bytes.
    privacy_token: opaque; None writes no ``<privacy>``.
    device_identity: opaque; required if any enc is a pkmsg.

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

    def _to_c(self) -> OfferOptionsStruct:
        c = OfferOptionsStruct()
        c.flags = (OFFER_VIDEO if self.video else 0) | (OFFER_MULTI_DEVICE if self.multi_device else 0)
        for name in ("to", "call_id", "call_creator"):
            setattr(c, name, text(getattr(self, name), name))
        if self.stanza_id is not None:
            c.stanza_id = text(self.stanza_id, "stanza_id")
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
