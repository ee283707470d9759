"""One packet's tag, without a receiver."""

from __future__ import annotations

import hmac

from .._call import Packet, octets, unsigned
from .._media import SRTPKeys
from .._memory import Use
from ._context import checked_keys, checked_tag, part, tag_of
from ._packet import rtp


def check(keys: SRTPKeys, packet: Packet, roc: int, auth_tag: int = 4) -> bool:
    """Whether the tag of an SRTP packet fits these keys and this roll-over counter.

    Nothing is kept, so it can be tried with other counters and other keys. auth_tag is 4 or 10, the bytes of the tag.
    Raises MalformedPacketError for what is not a packet, ArgumentError for a counter beyond 32 bits.
    """
    size = checked_tag(auth_tag)
    counter = unsigned(roc, "roc").to_bytes(4, "big")
    whole = octets(packet)
    authenticated = whole[:-size]
    rtp(authenticated)
    with Use(checked_keys(keys)) as held:
        tag = tag_of(part(held, "srtp_auth_key"), authenticated + counter, size)
    return hmac.compare_digest(tag, whole[-size:])
