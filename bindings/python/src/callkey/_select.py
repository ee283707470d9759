"""Finding the sender of a packet."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref, c_size_t

from ._call import Packet, call, octets, pointer, texts, unsigned
from ._declarations import KEY_BYTES
from ._derive import RawE2E
from ._e2e import E2ESecret


def select_participant(
    key: E2ESecret | RawE2E,
    participants: Sequence[str],
    packet: Packet,
    *,
    roc: int = 0,
    tag_len: int = 4,
) -> int:
    """Finds the sender of an SRTP packet: the index in ``participants`` of the first that gives its tag.

    key: the CallKey, the Epoch of a group call, or a RawE2E.
    participants: the devices that may have sent it, each with its number.
    packet: as received: RTP header with CSRCs and extension, encrypted payload, tag. Any contiguous buffer.
    roc: the roll-over counter of its SSRC.
    tag_len: 4 (AES_CM_128_HMAC_SHA1_32) or 10 (AES_CM_128_HMAC_SHA1_80).

    Call it once per new SSRC. An unusable participant never matches and does not stop the others. Raises
    AuthenticationError if nothing matches and MalformedError for bytes that are not an RTP packet.
    """
    index = c_size_t(0)
    jids = texts(participants, "participant")
    whole = octets(packet)
    call(
        "callkey_select_participant",
        byref(index),
        key,
        min(len(key), KEY_BYTES) if isinstance(key, RawE2E) else len(key),
        jids,
        len(jids),
        pointer(whole),
        len(whole),
        unsigned(roc, "roc"),
        unsigned(tag_len, "tag_len"),
    )
    return index.value
